package dialog_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"dum/dialog"
	"dum/profile"
	"dum/resolve"
	"dum/sip"
	"dum/siptest"
	"dum/stack"
)

// RFC 3261 §8.1.3.1: no answer is a 408, after 64*T1.
func TestSilence(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.peer.Close()
		start := time.Now()
		var after record[time.Duration]
		set, err := w.m.NewSet(nil)
		if err != nil {
			w.Fatal(err)
		}
		var got responses
		set.Do(func(t *dialog.Turn) {
			set.Send(t, &dialog.Request{Msg: w.to(sip.MESSAGE), OnResponse: func(t *dialog.Turn, r *dialog.Response) {
				got.add(r)
				after.add(time.Since(start))
			}})
		})
		w.pass(31 * time.Second)
		w.sets(1)
		w.pass(10 * time.Second)
		w.same("outcome", got.codes(), "-408")
		w.same("after", after.all(), []time.Duration{64 * t1})
		if r := got.all()[0]; !errors.Is(r.Err, stack.ErrTimeout) || r.Inbound != nil || r.Status().Code != 408 {
			w.Errorf("response %+v, status %v", r, r.Status())
		}
		w.sets(0)
	})
}

// A transport failure is a 503, at once.
func TestTransportFailure(t *testing.T) {
	bubble(t, nil, func(w *world) {
		// TCP to a port where nobody listens.
		s := w.send(nil, sip.NewRequest(sip.MESSAGE, uri("sip:bob@192.0.2.2:9;transport=tcp")))
		w.same("TCP", s.codes(), "-503")
		if err := s.got.err(); !errors.Is(err, syscall.ECONNREFUSED) {
			w.Error(err)
		}
		// A network that we do not have.
		s = w.send(nil, sip.NewRequest(sip.MESSAGE, uri("sip:bob@192.0.2.2;transport=tls")))
		w.same("TLS", s.codes(), "-503")
		if err := s.got.err(); !errors.Is(err, stack.ErrNoTransport) {
			w.Error(err)
		}
		// A datagram larger than any.
		big := w.to(sip.MESSAGE)
		big.SetBody(sip.Body{Type: "text/plain", Data: strings.Repeat("x", 70000)})
		s = w.send(nil, big)
		w.same("too large", s.codes(), "-503")
		// A Route that leads nowhere.
		m := w.to(sip.MESSAGE)
		sip.Named("Route").Set(m, "<tel:+49;lr>")
		s = w.send(nil, m)
		w.same("tel", s.codes(), "-503")
		w.sets(0)
		w.net.ICMP = true
		s = w.send(nil, sip.NewRequest(sip.MESSAGE, uri("sip:bob@192.0.2.2:9")))
		w.same("ICMP", s.codes(), "-503")
		w.sets(0)
	})
}

// Whoever sends does not hear of it while he is at it.
func TestFailureComesLater(t *testing.T) {
	bubble(t, nil, func(w *world) {
		set, err := w.m.NewSet(nil)
		if err != nil {
			w.Fatal(err)
		}
		sending, early, got := false, false, 0
		set.Do(func(t *dialog.Turn) {
			sending = true
			set.Send(t, &dialog.Request{
				Msg: sip.NewRequest(sip.MESSAGE, uri("sip:bob@192.0.2.2;transport=tls")),
				OnResponse: func(*dialog.Turn, *dialog.Response) {
					got++
					early = sending
				},
			})
			sending = false
		})
		rest()
		if early || got != 1 {
			w.Errorf("heard %d times, early: %v", got, early)
		}
	})
}

// RFC 3263 §4.3: the next target is tried after a failure of the transport and
// after silence, as a new transaction of the same request.
func TestSeveralTargets(t *testing.T) {
	hosts := func(_ *dialog.Config, n *siptest.Net) {
		n.Host("pbx.example", "192.0.2.11")
		n.Host("pbx.example", "192.0.2.12")
	}
	t.Run("silence", func(t *testing.T) {
		bubble(t, hosts, func(w *world) {
			first := siptest.NewPeer(w.T, w.net.Host("", "192.0.2.11").UDP(), "192.0.2.11:5060")
			second := siptest.NewPeer(w.T, w.net.Host("", "192.0.2.12").UDP(), "192.0.2.12:5060")
			s := w.send(nil, sip.NewRequest(sip.MESSAGE, uri("sip:bob@pbx.example")))
			one := first.Expect("MESSAGE")
			second.Quiet(31 * time.Second)
			two := second.Expect("MESSAGE")
			w.same("CSeq", value(two.Message, "CSeq"), value(one.Message, "CSeq"))
			w.same("Call-ID", two.CallID(), one.CallID())
			via1, _ := sip.Via.Get(one.Message)
			via2, _ := sip.Via.Get(two.Message)
			if via1.Branch() == via2.Branch() {
				w.Error("the second target gets the branch of the first")
			}
			second.Reply(two, 200)
			w.same("outcome", s.codes(), "200")
		})
	})
	t.Run("transport", func(t *testing.T) {
		bubble(t, hosts, func(w *world) {
			second := siptest.NewPeer(w.T, w.net.Host("", "192.0.2.12").TCP(), "192.0.2.12:5060")
			l := w.dial(&profile.Profile{AOR: "sip:alice@example.com"}, uri("sip:bob@pbx.example;transport=tcp"))
			inv := second.Expect("INVITE") // the first refused the connection
			second.Reply(inv, 486)
			second.Expect("ACK")
			rest()
			w.same("outcome", l.got.codes(), "486")
		})
	})
	t.Run("none", func(t *testing.T) {
		bubble(t, hosts, func(w *world) {
			s := w.send(nil, sip.NewRequest(sip.MESSAGE, uri("sip:bob@pbx.example;transport=tcp")))
			w.same("outcome", s.codes(), "-503")
			w.sets(0)
		})
	})
	t.Run("not after a sign of life", func(t *testing.T) {
		bubble(t, hosts, func(w *world) {
			first := siptest.NewPeer(w.T, w.net.Host("", "192.0.2.11").UDP(), "192.0.2.11:5060")
			second := siptest.NewPeer(w.T, w.net.Host("", "192.0.2.12").UDP(), "192.0.2.12:5060")
			s := w.send(nil, sip.NewRequest(sip.MESSAGE, uri("sip:bob@pbx.example")))
			first.Reply(first.Expect("MESSAGE"), 100)
			second.Quiet(40 * time.Second)
			w.same("outcome", s.codes(), "100 -408")
		})
	})
	t.Run("not after Cancel", func(t *testing.T) {
		bubble(t, hosts, func(w *world) {
			second := siptest.NewPeer(w.T, w.net.Host("", "192.0.2.12").UDP(), "192.0.2.12:5060")
			s := w.send(nil, sip.NewRequest(sip.INVITE, uri("sip:bob@pbx.example")))
			rest()
			s.set.Do(func(t *dialog.Turn) { s.req.Cancel(t, nil) })
			second.Quiet(70 * time.Second)
			w.same("outcome", s.codes(), "-408")
		})
	})
}

// A target that does not even take the request leaves no trace in what the next
// one gets.
func TestNextTargetGetsACleanRequest(t *testing.T) {
	bubble(t, func(cfg *dialog.Config, _ *siptest.Net) {
		cfg.Stack.Resolver = resolver(func(context.Context, resolve.Query) ([]resolve.Target, error) {
			at := netip.MustParseAddrPort(peerIP + ":5060")
			return []resolve.Target{{Network: "UDP", Addr: at}, {Network: "SCTP", Addr: at}, {Network: "TCP", Addr: at}}, nil
		})
	}, func(w *world) {
		w.overTCP()
		w.dial(nil, bob, func(m *sip.Message) {
			m.SetBody(sip.Body{Type: "application/sdp", Data: strings.Repeat("x", 66000)}) // too large for a datagram
		})
		inv := w.peer.Expect("INVITE")
		var vias []string
		for via := range sip.Via.All(inv.Message) {
			vias = append(vias, via.Transport)
		}
		w.same("Via", vias, "[TCP]")
		w.same("Contact", value(inv.Message, "Contact"), "<sip:192.0.2.1:5060;transport=tcp>")
		w.peer.Reply(inv, 486)
		w.peer.Expect("ACK")
		w.sets(0)
	})
}

// Every response arrives, and in order.
func TestResponsesInOrder(t *testing.T) {
	bubble(t, nil, func(w *world) {
		l := w.dial(nil, w.peer.URI())
		inv := w.peer.Expect("INVITE")
		for _, code := range []int{100, 180, 183, 180, 486} {
			w.peer.Reply(inv, code)
		}
		w.peer.Expect("ACK")
		rest()
		w.same("outcome", l.got.codes(), "100 180 183 180 486")
		if st := l.got.all()[4].Status(); st.Code != 486 || st.Response == nil {
			w.Errorf("status %v", st)
		}
		for _, r := range l.got.all()[:4] {
			if r.Status() != nil {
				w.Errorf("a provisional response is an error: %v", r.Status())
			}
		}
		w.same("flow", l.invite.Flow().Remote(), w.peer.Addr())
		w.same("set", l.invite.Set() == l.set, true)
		w.sets(0)
	})
}

// RFC 3261 §9.1: a CANCEL waits for the first provisional response. The outcome
// arrives as ever.
func TestCancel(t *testing.T) {
	bubble(t, nil, func(w *world) {
		l := w.dial(nil, w.peer.URI())
		inv := w.peer.Expect("INVITE")
		l.set.Do(func(t *dialog.Turn) {
			l.invite.Cancel(t, func(m *sip.Message) { sip.Named("Reason").Set(m, "SIP;cause=200") })
			l.invite.Cancel(t, nil) // twice is once
		})
		w.quiet(100 * time.Millisecond)
		w.peer.Reply(inv, 180)
		cancel := w.peer.Expect("CANCEL")
		w.same("Reason", value(cancel.Message, "Reason"), "SIP;cause=200")
		w.same("CSeq", value(cancel.Message, "CSeq"), "1 CANCEL")
		w.peer.Reply(cancel, 200)
		w.peer.Reply(inv, 487)
		w.peer.Expect("ACK")
		rest()
		w.same("outcome", l.got.codes(), "180 487")

		// A request that is no INVITE goes on.
		s := w.send(nil, w.to(sip.MESSAGE))
		got := w.peer.Expect("MESSAGE")
		s.set.Do(func(t *dialog.Turn) { s.req.Cancel(t, nil) })
		w.quiet(100 * time.Millisecond)
		w.peer.Reply(got, 200)
		w.same("MESSAGE", s.codes(), "200")

		// After the final response there is nothing to cancel.
		l = w.dial(nil, w.peer.URI())
		w.peer.Reply(w.peer.Expect("INVITE"), 200)
		w.peer.Expect("ACK")
		l.set.Do(func(t *dialog.Turn) { l.invite.Cancel(t, nil) })
		w.quiet(100 * time.Millisecond)

		// One that was cancelled before it was given to Send is not sent.
		set, err := w.m.NewSet(nil)
		if err != nil {
			w.Fatal(err)
		}
		s = &sent{set: set}
		s.req = &dialog.Request{Msg: w.to(sip.INVITE), OnResponse: s.got.recv}
		set.Do(func(t *dialog.Turn) {
			s.req.Cancel(t, nil)
			set.Send(t, s.req)
		})
		w.quiet(time.Second)
		w.same("before Send", s.codes(), "-487")
	})
}
