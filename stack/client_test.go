package stack

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"dum/resolve"
	"dum/sip"
	"dum/transport"
)

// send sends a request of ours on a strand of its own.
func (r *rig) send(n *fakeNet, method sip.Method) (*seat, *ClientTx) {
	r.Helper()
	s := r.user.newSeat(Key{"outcall", fmt.Sprint("ours", len(r.user.seats))})
	return s, r.sendOn(s, n, method)
}

func (r *rig) sendOn(s *seat, n *fakeNet, method sip.Method) (tx *ClientTx) {
	r.Helper()
	f, err := r.stack.Flow(resolve.Target{Network: n.network.Name, Addr: peerAddr})
	if err != nil {
		r.Fatal(err)
	}
	s.strand.Do(func(t *Turn) {
		if tx, err = t.Send(outgoing(method), f, s); err != nil {
			r.Fatal(err)
		}
	})
	return tx
}

// RFC 3261 §17.1.1.2, timers A and B.
func TestInviteGoesUnanswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		s, _ := r.send(r.udp, sip.INVITE)
		time.Sleep(time.Minute)
		synctest.Wait()
		out := r.udp.take()
		r.want(r.schedule(out), "INVITE 0s, INVITE 500ms, INVITE 1.5s, INVITE 3.5s, INVITE 7.5s, INVITE 15.5s, INVITE 31.5s")
		for _, o := range out {
			if o.raw != out[0].raw {
				t.Error("a repetition differs")
			}
		}
		r.user.want(t, "INVITE failed: stack: no response in time")
		s.close()
		r.finish()
	})
}

// RFC 3261 §17.1.2.2, timers E and F.
func TestRequestGoesUnanswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		s, _ := r.send(r.udp, sip.OPTIONS)
		time.Sleep(32*time.Second - 1)
		synctest.Wait()
		r.want(r.schedule(r.udp.take()), "OPTIONS 0s, OPTIONS 500ms, OPTIONS 1.5s, OPTIONS 3.5s, OPTIONS 7.5s, OPTIONS 11.5s, OPTIONS 15.5s, OPTIONS 19.5s, OPTIONS 23.5s, OPTIONS 27.5s, OPTIONS 31.5s")
		r.user.want(t)
		time.Sleep(1 * time.Nanosecond)
		synctest.Wait()
		r.user.want(t, "OPTIONS failed: stack: no response in time")
		s.close()
		r.finish()
	})
}

func TestNothingIsRepeatedOverTCP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		s, _ := r.send(r.tcp, sip.OPTIONS)
		r.sendOn(s, r.tcp, sip.INVITE)
		time.Sleep(32 * time.Second)
		synctest.Wait()
		r.want(r.schedule(r.tcp.take()), "OPTIONS 0s, INVITE 0s")
		r.user.want(t, "INVITE failed: stack: no response in time", "OPTIONS failed: stack: no response in time")
		s.close()
		r.finish()
	})
}

func TestVia(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		s, tx := r.send(r.udp, sip.OPTIONS)
		m := r.one(r.udp)
		via, err := sip.Via.Get(m)
		if err != nil {
			t.Fatal(err)
		}
		_, _, rport := via.RPort()
		if via.Transport != "UDP" || via.Host != "192.0.2.1" || via.Port != 5060 || !via.HasCookie() || !rport {
			t.Errorf("Via %v", via)
		}
		if tx.Request().String() != m.String() {
			t.Error("Request is not what was sent")
		}
		r.udp.in(peerAddr, answer(m, 200, "peer"))
		s.close()
		r.finish()
	})
}

// A provisional response stops the repetition of an INVITE and slows that of
// other requests down to T2.
func TestProvisional(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		s, _ := r.send(r.udp, sip.INVITE)
		m := r.one(r.udp)
		r.udp.in(peerAddr, answer(m, 100, ""))
		r.udp.in(peerAddr, answer(m, 180, "a"))
		r.udp.in(peerAddr, answer(m, 183, "b"))
		time.Sleep(time.Hour)
		r.none(r.udp)
		r.user.want(t, "100 INVITE ", "180 INVITE a", "183 INVITE b")
		r.udp.in(peerAddr, answer(m, 486, "a"))
		r.user.want(t, "486 INVITE a")
		r.udp.take()

		r.start = time.Now()
		r.sendOn(s, r.udp, sip.OPTIONS)
		m = r.one(r.udp)
		time.Sleep(100 * ms)
		r.udp.in(peerAddr, answer(m, 100, ""))
		time.Sleep(10 * time.Second)
		synctest.Wait()
		r.want(r.schedule(r.udp.take()), "OPTIONS 500ms, OPTIONS 4.5s, OPTIONS 8.5s")
		r.udp.in(peerAddr, answer(m, 200, "a"))
		r.user.want(t, "100 OPTIONS ", "200 OPTIONS a")
		s.close()
		r.finish()
	})
}

// RFC 3261 §17.1.1.3 and timer D: each copy of a failure gets the same ACK, for
// 32 s, also when the strand is gone.
func TestAckOfFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		s := r.user.newSeat(Key{"outcall", "ours"})
		req := outgoing(sip.INVITE)
		for _, route := range []string{"<sip:p1.example.com;lr>", "<sip:p2.example.com;lr>, <sip:p3.example.com;lr>"} {
			sip.Named("Route").Add(req, route)
		}
		f, _ := r.stack.Flow(resolve.Target{Network: "UDP", Addr: peerAddr})
		s.strand.Do(func(turn *Turn) { _, _ = turn.Send(req, f, s) })
		invite := r.one(r.udp)
		final := answer(invite, 404, "peer")
		r.udp.in(peerAddr, final)
		out := r.udp.take()
		if len(out) != 1 || out[0].to != peerAddr {
			t.Fatalf("sent %v", out)
		}
		ack := out[0].msg(t)
		if ack.Method() != sip.ACK || ack.RawURI() != invite.RawURI() || ack.ToTag() != "peer" || ack.FromTag() != "ours" ||
			ack.CallID() != "outcall" {
			t.Errorf("ACK\n%s", ack)
		}
		if seq, _ := sip.CSeq.Get(ack); seq != (sip.Seq{Number: 7, Method: sip.ACK}) {
			t.Errorf("CSeq %v", seq)
		}
		v1, _ := sip.Named("Via").Get(invite)
		if vs, _ := sip.Named("Via").Values(ack); len(vs) != 1 || vs[0] != v1 {
			t.Errorf("Via %q, the INVITE's is %q", vs, v1)
		}
		if rs, _ := sip.Route.Values(ack); len(rs) != 3 || rs[2].URI.Host != "p3.example.com" {
			t.Errorf("Route %v", rs)
		}
		s.close()
		if st := r.stack.Stats(); st.Strands != 0 || st.ClientTx != 0 || st.Tombstones != 1 {
			t.Errorf("%+v", st)
		}
		time.Sleep(31 * time.Second)
		r.udp.in(peerAddr, final)
		if again := r.udp.take(); len(again) != 1 || again[0].raw != out[0].raw {
			t.Errorf("a copy got %v", again)
		}
		// What comes too late to be sensible gets none.
		r.udp.in(peerAddr, answer(invite, 180, "peer"))
		r.udp.in(peerAddr, answer(invite, 200, "peer"))
		r.none(r.udp)
		time.Sleep(2 * time.Second)
		r.udp.in(peerAddr, final)
		r.none(r.udp)
		r.user.want(t, "404 INVITE peer")
		r.finish()
	})
}

// RFC 6026: every 2xx goes up for 64*T1, of every fork, and is not acknowledged
// by the transaction; late failures and provisional responses are not news.
func TestManyAccept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		s, _ := r.send(r.udp, sip.INVITE)
		m := r.one(r.udp)
		r.udp.in(peerAddr, answer(m, 200, "a"))
		r.udp.in(peerAddr, answer(m, 180, "b"))
		r.udp.in(peerAddr, answer(m, 200, "b"))
		r.udp.in(peerAddr, answer(m, 486, "c"))
		time.Sleep(32*time.Second - 1)
		r.udp.in(peerAddr, answer(m, 200, "a"))
		r.none(r.udp)
		r.user.want(t, "200 INVITE a", "200 INVITE b", "200 INVITE a")
		time.Sleep(1 * time.Nanosecond)
		synctest.Wait()
		r.udp.in(peerAddr, answer(m, 200, "a"))
		r.user.want(t)
		if st := r.stack.Stats(); st.ClientTx != 0 || st.Strands != 1 {
			t.Errorf("%+v", st)
		}
		s.close()
		r.finish()
	})
}

// Timer K: copies of a final response are absorbed.
func TestFinalIsDeliveredOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		s, _ := r.send(r.udp, sip.OPTIONS)
		m := r.one(r.udp)
		for range 3 {
			r.udp.in(peerAddr, answer(m, 200, "a"))
		}
		r.user.want(t, "200 OPTIONS a")
		s.close()
		r.finish()
	})
}

// RFC 3261 §17.1.3, §18.1.2, §8.1.3.3, RFC 6026: what is not the answer to a
// request of ours goes nowhere.
func TestStrayResponses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		s, _ := r.send(r.udp, sip.OPTIONS)
		m := r.one(r.udp)
		change := func(f func(*sip.Message)) string {
			c := sip.NewResponse(m, 200, "")
			f(c)
			return c.String()
		}
		via, _ := sip.Via.Get(m)
		for name, text := range map[string]string{
			"another branch": change(func(c *sip.Message) {
				v := via
				v.Params = v.Params.With("branch", "z9hG4bKother")
				sip.Via.Set(c, v)
			}),
			"another method": change(func(c *sip.Message) { sip.CSeq.Set(c, sip.Seq{Number: 7, Method: sip.INFO}) }),
			"another host": change(func(c *sip.Message) {
				v := via
				v.Host = "elsewhere.example"
				sip.Via.Set(c, v)
			}),
			"two Vias":     change(func(c *sip.Message) { sip.Via.Add(c, via) }),
			"no Call-ID":   change(func(c *sip.Message) { sip.Named("Call-ID").Remove(c) }),
			"bad status":   "SIP/2.0 2000 Fine\r\n" + change(func(*sip.Message) {})[len("SIP/2.0 200 OK\r\n"):],
			"body too big": change(func(c *sip.Message) {})[:20] + "\r\nContent-Length: 5000\r\n\r\n",
		} {
			before := r.stack.Stats().Dropped
			r.udp.in(peerAddr, text)
			if h := r.user.hears(); len(h) != 0 {
				t.Errorf("%s: the user heard %q", name, h)
			}
			if r.stack.Stats().Dropped != before+1 {
				t.Errorf("%s: not counted as dropped", name)
			}
			r.none(r.udp)
		}
		r.udp.in(peerAddr, answer(m, 200, "a"))
		r.user.want(t, "200 OPTIONS a")
		s.close()
		r.finish()
	})
}

// A middle box that wrote another address of ours into the Via does not make
// us deaf.
func TestResponseWithAnotherAddressOfOurs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{Advertise: map[string]Advertise{"UDP": {Host: "Sip.Example.Com", Port: 5099}}})
		s, _ := r.send(r.udp, sip.OPTIONS)
		m := r.one(r.udp)
		via, _ := sip.Via.Get(m)
		if via.Host != "Sip.Example.Com" || via.Port != 5099 {
			t.Errorf("Via %v", via)
		}
		resp := sip.NewResponse(m, 200, "")
		via.Host, via.Port = "192.0.2.1", 5060
		sip.Via.Set(resp, via)
		r.udp.in(peerAddr, resp.String())
		r.user.want(t, "200 OPTIONS ")
		s.close()
		r.finish()
	})
}

// A flow that dies fails what waits on it at once, and nothing else.
func TestFlowDies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		s, _ := r.send(r.tcp, sip.INVITE)
		r.sendOn(s, r.tcp, sip.OPTIONS)
		r.sendOn(s, r.udp, sip.OPTIONS)
		out := r.tcp.take()
		r.tcp.in(peerAddr, answer(out[0].msg(t), 180, "a"))
		f := fakeFlow{r.tcp, ourAddr, peerAddr}
		r.tcp.handler.Closed(f, errTest)
		r.user.want(t, "180 INVITE a", "OPTIONS failed: "+errTest.Error(), "INVITE failed: "+errTest.Error())
		if n := r.stack.Stats().ClientTx; n != 1 {
			t.Errorf("%d client transactions", n)
		}
		r.tcp.handler.Closed(f, nil)
		r.user.want(t)
		r.udp.in(peerAddr, answer(r.udp.take()[0].msg(t), 200, "a"))
		s.close()
		r.finish()
	})
}

// An ICMP error speaks of what is unanswered, not of an INVITE that rings.
func TestUnreachable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		s, _ := r.send(r.udp, sip.INVITE)
		r.udp.in(peerAddr, answer(r.one(r.udp), 180, "a"))
		_, ringing := r.user.hears(), s
		r.sendOn(s, r.udp, sip.INVITE)
		r.sendOn(s, r.udp, sip.OPTIONS)
		r.udp.handler.Unreachable(r.udp.flow(peerAddr), errTest)
		r.user.want(t, "OPTIONS failed: "+errTest.Error(), "INVITE failed: "+errTest.Error())
		if n := r.stack.Stats().ClientTx; n != 1 {
			t.Errorf("%d client transactions", n)
		}
		ringing.close()
		r.finish()
	})
}

func TestSendFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		r.tcp.refuse(peerAddr, transport.ErrClosed)
		r.udp.refuse(peerAddr, transport.ErrQueueFull)
		s := r.user.newSeat(Key{"outcall", "ours"})
		for _, n := range []*fakeNet{r.tcp, r.udp} {
			f, _ := r.stack.Flow(resolve.Target{Network: n.network.Name, Addr: peerAddr})
			s.strand.Do(func(turn *Turn) {
				_, err := turn.Send(outgoing(sip.OPTIONS), f, s)
				// A full queue over UDP is a lost datagram like any other.
				if want := map[*fakeNet]error{r.tcp: transport.ErrClosed, r.udp: nil}[n]; !errors.Is(err, want) {
					t.Errorf("%s: %v", n.network.Name, err)
				}
			})
		}
		r.udp.refuse(peerAddr, nil)
		time.Sleep(500 * ms)
		synctest.Wait()
		if m := r.one(r.udp); m.Method() != sip.OPTIONS {
			t.Error("not repeated")
		}
		// The socket closes under a transaction that still waits.
		r.udp.refuse(peerAddr, transport.ErrClosed)
		time.Sleep(time.Second)
		synctest.Wait()
		r.user.want(t, "OPTIONS failed: "+transport.ErrClosed.Error())
		if _, err := r.stack.Flow(resolve.Target{Network: "SCTP", Addr: peerAddr}); !errors.Is(err, ErrNoTransport) {
			t.Errorf("SCTP: %v", err)
		}
		s.close()
		s.strand.Do(func(turn *Turn) {
			if _, err := turn.Send(outgoing(sip.OPTIONS), r.udp.flow(peerAddr), s); !errors.Is(err, ErrClosed) {
				t.Errorf("closed strand: %v", err)
			}
		})
		r.finish()
	})
}

// The answer may be there before Send has returned.
func TestAnswerWithinSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		r.udp.onSend = func(o sent) {
			if m := o.msg(t); m.IsRequest() {
				r.udp.in(peerAddr, answer(m, 200, "a"))
			}
		}
		s, _ := r.send(r.udp, sip.OPTIONS)
		r.user.want(t, "200 OPTIONS a")
		s.close()
		r.finish()
	})
}

func TestTransmit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		ack := outgoing(sip.ACK)
		f := r.udp.flow(peerAddr)
		branch := r.stack.PushVia(ack, f)
		if err := r.stack.Transmit(ack.AppendTo(nil), f); err != nil {
			t.Fatal(err)
		}
		via, _ := sip.Via.Get(r.one(r.udp))
		if via.Branch() != branch || branch == "" {
			t.Errorf("branch %q, Via %v", branch, via)
		}
		r.finish()
	})
}
