package stack

import (
	"testing"
	"testing/synctest"
	"time"

	"dum/sip"
)

// RFC 3261 §9.1: the CANCEL waits for a provisional response.
func TestCancelWaitsForASign(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		s := r.user.newSeat(Key{"outcall", "ours"})
		req := outgoing(sip.INVITE)
		sip.Named("Route").Add(req, "<sip:p1.example.com;lr>")
		sip.Named("Require").Add(req, "100rel")
		var tx *ClientTx
		s.strand.Do(func(turn *Turn) { tx, _ = turn.Send(req, r.udp.flow(peerAddr), s) })
		invite := r.one(r.udp)
		cancel := func() {
			s.strand.Do(func(turn *Turn) {
				tx.Cancel(turn, func(m *sip.Message) { sip.Named("Reason").Set(m, "SIP;cause=200") })
			})
		}
		cancel()
		r.none(r.udp)
		r.udp.in(peerAddr, answer(invite, 100, ""))
		out := r.udp.take()
		if len(out) != 1 || out[0].to != peerAddr {
			t.Fatalf("sent %v", out)
		}
		c := out[0].msg(t)
		v1, _ := sip.Named("Via").Get(invite)
		vs, _ := sip.Named("Via").Values(c)
		route, _ := sip.Named("Route").Get(c)
		reason, _ := sip.Named("Reason").Get(c)
		seq, _ := sip.CSeq.Get(c)
		from1, _ := sip.Named("From").Get(invite)
		from2, _ := sip.Named("From").Get(c)
		to1, _ := sip.Named("To").Get(invite)
		to2, _ := sip.Named("To").Get(c)
		if c.Method() != sip.CANCEL || c.RawURI() != invite.RawURI() || len(vs) != 1 || vs[0] != v1 ||
			route != "<sip:p1.example.com;lr>" || reason != "SIP;cause=200" || from1 != from2 || to1 != to2 ||
			seq != (sip.Seq{Number: 7, Method: sip.CANCEL}) || sip.Named("Require").Has(c) || c.CallID() != "outcall" {
			t.Errorf("CANCEL\n%s", c)
		}
		cancel() // once is enough
		r.none(r.udp)
		r.udp.in(peerAddr, answer(c, 200, "peer"))
		r.udp.in(peerAddr, answer(invite, 487, "peer"))
		if m := r.one(r.udp); m.Method() != sip.ACK {
			t.Errorf("487 got %s", m)
		}
		r.user.want(t, "100 INVITE ", "487 INVITE peer")
		s.close()
		r.finish()
	})
}

func TestCancelAfterASignGoesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		s, tx := r.send(r.udp, sip.INVITE)
		invite := r.one(r.udp)
		r.udp.in(peerAddr, answer(invite, 180, "a"))
		s.strand.Do(func(turn *Turn) { tx.Cancel(turn, nil) })
		if m := r.one(r.udp); m.Method() != sip.CANCEL {
			t.Errorf("sent %s", m)
		}
		// It crosses the 2xx, which goes up: the TU owes an ACK and a BYE.
		r.udp.in(peerAddr, answer(invite, 200, "a"))
		r.user.want(t, "180 INVITE a", "200 INVITE a")
		time.Sleep(time.Minute)
		synctest.Wait()
		r.user.want(t)
		s.close()
		r.finish()
	})
}

// A CANCEL is a transaction of its own: it is repeated, and what becomes of it
// is not the INVITE's fate.
func TestCancelIsRepeatedAndGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		s, tx := r.send(r.udp, sip.INVITE)
		r.udp.in(peerAddr, answer(r.one(r.udp), 180, "a"))
		s.strand.Do(func(turn *Turn) { tx.Cancel(turn, nil) })
		time.Sleep(2 * time.Second)
		synctest.Wait()
		r.want(r.schedule(r.udp.take()), "CANCEL 0s, CANCEL 500ms, CANCEL 1.5s")
		r.user.hears()
		time.Sleep(30*time.Second - 1)
		synctest.Wait()
		r.user.want(t)
		time.Sleep(1 * time.Nanosecond)
		synctest.Wait()
		r.user.want(t, "INVITE failed: "+ErrCanceled.Error())
		s.close()
		r.finish()
	})
}

func TestCancelOfTheSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		s, tx := r.send(r.udp, sip.INVITE)
		s.strand.Do(func(turn *Turn) { tx.Cancel(turn, nil) })
		time.Sleep(time.Minute)
		synctest.Wait()
		for _, o := range r.udp.take() {
			if m := o.msg(t); m.Method() != sip.INVITE {
				t.Errorf("sent %s", m)
			}
		}
		r.user.want(t, "INVITE failed: "+ErrTimeout.Error())
		s.close()
		r.finish()
	})
}

func TestCancelAfterTheEndDoesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		for _, code := range []int{200, 486} {
			s, tx := r.send(r.udp, sip.INVITE)
			m := r.one(r.udp)
			r.udp.in(peerAddr, answer(m, 180, "a"))
			r.udp.in(peerAddr, answer(m, code, "a"))
			r.udp.take()
			s.strand.Do(func(turn *Turn) { tx.Cancel(turn, nil) })
			r.none(r.udp)
			s.close()
		}
		s, tx := r.send(r.udp, sip.OPTIONS)
		s.strand.Do(func(turn *Turn) { tx.Cancel(turn, nil) })
		r.udp.in(peerAddr, answer(r.one(r.udp), 100, ""))
		r.none(r.udp)
		s.close()
		r.finish()
	})
}

// ---- The other side.

func TestCancelOfAnIncomingInvite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		r.user.onCancel = func(turn *Turn, s *seat, tx *ServerTx) { reply(487)(turn, s, tx) }
		r.udp.in(peerAddr, req{method: "INVITE"}.String())
		cancel := req{method: "CANCEL"}.String()
		r.udp.in(peerAddr, cancel)
		out := r.udp.take()
		r.want(r.schedule(out), "200 0s, 487 0s")
		if a, b := out[0].msg(t), out[1].msg(t); a.ToTag() != "tag0" || b.ToTag() != "tag0" || a.Method() != sip.CANCEL || b.Method() != sip.INVITE {
			t.Errorf("200 and 487:\n%s\n%s", a, b)
		}
		r.user.want(t, "INVITE", "cancel INVITE")
		// Copies get the same bytes; the TU hears nothing of them.
		time.Sleep(100 * ms)
		r.udp.in(peerAddr, cancel)
		if again := r.udp.take(); len(again) != 1 || again[0].raw != out[0].raw {
			t.Errorf("a copy got %v", again)
		}
		r.udp.in(peerAddr, req{method: "ACK", to: "<sip:us@192.0.2.1>;tag=tag0"}.String())
		// Also when the INVITE's transaction has long ended.
		time.Sleep(20 * time.Second)
		r.udp.in(peerAddr, cancel)
		if again := r.udp.take(); len(again) != 1 || again[0].raw != out[0].raw {
			t.Errorf("a late copy got %v", again)
		}
		r.user.want(t)
		r.user.seat(0).close()
		r.finish()
	})
}

// However often it comes, the TU hears of it once; and where the strand has no
// name the tags of 200 and 487 still agree.
func TestCancelTwiceOverTCP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		r.user.accept = func(in *Inbound) (*Strand, *sip.Status) {
			s := &seat{user: r.user}
			s.strand = r.stack.NewStrand(s)
			r.user.seats = append(r.user.seats, s)
			return s.strand, nil
		}
		r.tcp.in(peerAddr, req{method: "INVITE"}.String())
		for range 2 {
			r.tcp.in(peerAddr, req{method: "CANCEL"}.String())
		}
		r.user.want(t, "INVITE", "cancel INVITE")
		r.user.seat(0).respond(t, 487)
		out := r.tcp.take()
		r.want(r.schedule(out), "200 0s, 200 0s, 487 0s")
		tag := out[0].msg(t).ToTag()
		if tag == "" || out[1].msg(t).ToTag() != tag || out[2].msg(t).ToTag() != tag {
			t.Errorf("tags %q %q %q", tag, out[1].msg(t).ToTag(), out[2].msg(t).ToTag())
		}
		r.user.seat(0).close()
		r.finish()
	})
}

// The 487 is lost: it is repeated like any failure.
func TestLost487(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		r.user.onCancel = func(turn *Turn, s *seat, tx *ServerTx) { replyAndClose(487)(turn, s, tx) }
		r.udp.in(peerAddr, req{method: "INVITE"}.String())
		r.udp.in(peerAddr, req{method: "CANCEL"}.String())
		time.Sleep(600 * ms)
		synctest.Wait()
		r.want(r.schedule(r.udp.take()), "200 0s, 487 0s, 487 500ms")
		r.udp.in(peerAddr, req{method: "ACK", to: "<sip:us@192.0.2.1>;tag=tag0"}.String())
		time.Sleep(10 * time.Second)
		synctest.Wait()
		r.none(r.udp)
		r.finish()
	})
}

// RFC 3261 §9.2: after a final response "the CANCEL request has no effect on the
// processing of the original request", but it is answered with 200.
func TestCancelAfterTheFinalResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, code := range []int{200, 486} {
			r := newRig(t, Config{})
			r.user.onRequest = reply(code)
			r.udp.in(peerAddr, req{method: "INVITE"}.String())
			final := r.one(r.udp)
			r.udp.in(peerAddr, req{method: "CANCEL"}.String())
			m := r.one(r.udp)
			if m.Code() != 200 || m.Method() != sip.CANCEL || m.ToTag() != final.ToTag() {
				t.Errorf("after a %d: %s", code, m)
			}
			r.user.want(t, "INVITE")
			r.user.seat(0).close()
			r.finish()
		}
	})
}

func TestCancelOfNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		cancel := req{method: "CANCEL"}.String()
		r.udp.in(peerAddr, cancel)
		first := r.udp.take()
		if len(first) != 1 || first[0].msg(t).Code() != 481 || first[0].msg(t).ToTag() == "" {
			t.Fatalf("sent %v", first)
		}
		r.udp.in(peerAddr, cancel)
		if again := r.udp.take(); len(again) != 1 || again[0].raw != first[0].raw {
			t.Errorf("a copy got %v", again)
		}
		r.user.want(t)
		r.finish()
	})
}

// A CANCEL that arrives on another socket while its INVITE is being taken waits
// for that, whatever comes of it.
func TestCancelRacesItsInvite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		cancel := req{method: "CANCEL"}.String()
		r.user.accept = func(in *Inbound) (*Strand, *sip.Status) {
			r.tcp.in(peerAddr, cancel)
			r.tcp.in(peerAddr, cancel)
			r.udp.in(peerAddr, req{method: "INVITE"}.String())
			r.none(r.tcp)
			r.user.accept = nil
			return r.user.Accept(in)
		}
		r.udp.in(peerAddr, req{method: "INVITE"}.String())
		r.user.want(t, "INVITE", "cancel INVITE")
		if m := r.one(r.tcp); m.Code() != 200 || m.ToTag() != "tag0" {
			t.Errorf("CANCEL got %s", m)
		}
		r.user.seat(0).respond(t, 487)
		r.user.seat(0).close()
		r.finish()
	})
}
