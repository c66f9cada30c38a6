package dialog_test

import (
	"fmt"
	"testing"

	"dum/dialog"
	"dum/sip"
	"dum/siptest"
)

// A challenge is answered with a new transaction of the same set.
func TestChallenge(t *testing.T) {
	for _, tt := range []struct {
		name string
		code int
		more string
	}{
		{"401 MD5", 401, qopAuth},
		{"401 without qop", 401, ""},
		{"407 MD5", 407, `, algorithm=MD5` + qopAuth},
		{"401 SHA-256", 401, `, algorithm=SHA-256` + qopAuth},
		{"407 SHA-512-256", 407, `, algorithm=SHA-512-256` + qopAuth},
		{"401 auth-int", 401, `, qop="auth-int"`},
		{"401 auth before auth-int, opaque", 401, `, opaque="o", qop="auth-int,auth"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, nil, func(w *world) {
				m := w.to(sip.MESSAGE)
				m.SetBody(sip.Body{Type: "text/plain", Data: "hello"})
				s := w.send(alice(), m)
				first := w.peer.Expect("MESSAGE")
				if sip.Authorization.Has(first.Message) || sip.ProxyAuthorization.Has(first.Message) {
					w.Error("credentials before anybody asked")
				}
				w.challenged(first, tt.code, challenge("example.com", "n1", tt.more))
				again := w.peer.Expect("MESSAGE")
				w.proof(again.Message, tt.code == 407, "example.com", "alice", "wonder")
				// RFC 3261 §22.2: the CSeq rises; §8.1.3.5: "with the same value of the
				// Call-ID, To, and From of the previous request".
				w.same("CSeq", value(again.Message, "CSeq"), "2 MESSAGE")
				for _, name := range []string{"Call-ID", "From", "To"} {
					w.same(name, value(again.Message, name), value(first.Message, name))
				}
				w.same("body", again.Body().Data, "hello")
				one, _ := sip.Via.Get(first.Message)
				two, _ := sip.Via.Get(again.Message)
				if one.Branch() == two.Branch() {
					w.Error("the same branch")
				}
				n := 0
				for range sip.Via.All(again.Message) {
					n++
				}
				w.same("Vias", n, 1)
				w.peer.Reply(again, 200)
				w.same("outcome", s.codes(), "200")
				w.same("what was sent last", value(s.req.Msg, "CSeq"), "2 MESSAGE")
				w.sets(0)
			})
		})
	}
}

// Two realms in one response, and a proxy behind another.
func TestTwoRealms(t *testing.T) {
	bubble(t, nil, func(w *world) {
		s := w.send(alice(), w.to(sip.MESSAGE))
		w.challenged(w.peer.Expect("MESSAGE"), 401,
			challenge("example.com", "n1", qopAuth), challenge("proxy.example.com", "n2", qopAuth))
		got := w.peer.Expect("MESSAGE")
		w.proof(got.Message, false, "example.com", "alice", "wonder")
		w.proof(got.Message, false, "proxy.example.com", "a1", "land")
		w.peer.Reply(got, 200)
		w.same("both at once", s.codes(), "200")

		s = w.send(alice(), w.to(sip.MESSAGE))
		w.challenged(w.peer.Expect("MESSAGE"), 407, challenge("proxy.example.com", "n2", qopAuth))
		w.challenged(w.peer.Expect("MESSAGE"), 401, challenge("example.com", "n1", qopAuth))
		got = w.peer.Expect("MESSAGE")
		w.proof(got.Message, true, "proxy.example.com", "a1", "land")
		w.proof(got.Message, false, "example.com", "alice", "wonder")
		w.same("CSeq", value(got.Message, "CSeq"), "3 MESSAGE")
		w.peer.Reply(got, 200)
		w.same("one after the other", s.codes(), "200")
	})
}

// A stale nonce is replaced; a wrong password is not tried for ever, and a realm
// without a credential of its own is never answered.
func TestChallengeEnds(t *testing.T) {
	bubble(t, nil, func(w *world) {
		s := w.send(alice(), w.to(sip.MESSAGE))
		w.challenged(w.peer.Expect("MESSAGE"), 401, challenge("example.com", "n1", qopAuth))
		w.challenged(w.peer.Expect("MESSAGE"), 401, challenge("example.com", "n2", `, stale=true`+qopAuth))
		got := w.peer.Expect("MESSAGE")
		w.same("nc of the new nonce", w.proof(got.Message, false, "example.com", "alice", "wonder"), "00000001")
		w.peer.Reply(got, 200)
		w.same("stale", s.codes(), "200")

		// The same nonce again: refused.
		s = w.send(alice(), w.to(sip.MESSAGE))
		w.challenged(w.peer.Expect("MESSAGE"), 401, challenge("example.com", "n1", qopAuth))
		w.challenged(w.peer.Expect("MESSAGE"), 401, challenge("example.com", "n1", qopAuth))
		w.same("wrong password", s.codes(), "401")

		// A new nonce each time: given up too.
		s = w.send(alice(), w.to(sip.MESSAGE))
		tries := 0
		for i := range 20 {
			if rest(); s.codes() != "" {
				break
			}
			tries++
			w.challenged(w.peer.Expect("MESSAGE"), 401, challenge("example.com", fmt.Sprint("n", i), qopAuth))
		}
		w.same("outcome", s.codes(), "401")
		if tries > 4 {
			w.Errorf("tried %d times", tries)
		}

		for name, c := range map[string]string{
			"foreign realm": challenge("evil.example.net", "n1", qopAuth),
			"no digest":     `Basic realm="example.com"`,
			"unknown hash":  challenge("example.com", "n1", `, algorithm=ROT13`),
		} {
			s = w.send(alice(), w.to(sip.MESSAGE))
			w.challenged(w.peer.Expect("MESSAGE"), 401, c)
			w.quiet(t1)
			w.same(name, s.codes(), "401")
			w.same(name, s.got.all()[0].Status().Code, 401)
		}
		s = w.send(nil, w.to(sip.MESSAGE))
		w.challenged(w.peer.Expect("MESSAGE"), 407, challenge("example.com", "n1", qopAuth))
		w.same("nobody's credentials", s.codes(), "407")
		w.sets(0)
	})
}

// What a set has learnt serves its later requests: no second challenge, and a
// nonce count that rises.
func TestNonceCount(t *testing.T) {
	bubble(t, nil, func(w *world) {
		l := w.dial(alice(), w.peer.URI())
		w.challenged(w.peer.Expect("INVITE"), 407, challenge("example.com", "n1", qopAuth))
		inv := w.peer.Expect("INVITE")
		w.same("INVITE", w.proof(inv.Message, true, "example.com", "alice", "wonder"), "00000001")
		w.peer.Reply(inv, 200)
		ack := w.peer.Expect("ACK")
		// RFC 3261 §13.2.2.4: "The ACK MUST contain the same credentials as the
		// INVITE."
		w.same("ACK", value(ack.Message, "Proxy-Authorization"), value(inv.Message, "Proxy-Authorization"))
		w.same("ACK", value(ack.Message, "CSeq"), "2 ACK")
		rest()
		for i, method := range []sip.Method{sip.INFO, sip.INVITE, sip.INFO} {
			l.within(method)
			got := w.peer.Expect(string(method))
			w.same(string(method), w.proof(got.Message, true, "example.com", "alice", "wonder"), fmt.Sprintf("%08x", i+2))
			w.same(string(method), value(got.Message, "CSeq"), fmt.Sprintf("%d %s", i+3, method))
			w.peer.Reply(got, 200)
			if method == sip.INVITE {
				ack := w.peer.Expect("ACK")
				w.same("ACK", value(ack.Message, "Proxy-Authorization"), value(got.Message, "Proxy-Authorization"))
			}
			rest()
		}
		l.bye()
		got := w.peer.Expect("BYE")
		w.same("BYE", w.proof(got.Message, true, "example.com", "alice", "wonder"), "00000005")
		w.peer.Reply(got, 200)
		w.pass(64 * t1)
		w.sets(0)
	})
}

// Challenges within a dialog are answered as those outside are, with the CSeq of
// the dialog.
func TestChallengeWithin(t *testing.T) {
	bubble(t, nil, func(w *world) {
		inv, ok := w.invite()
		w.peer.Send(w.flow, w.peer.Ack(inv, ok.Message))
		rest()
		// The manager's profile has no credentials: the caller cannot have us answer.
		l := w.legs[0]
		s := l.within(sip.INFO)
		w.challenged(w.peer.Expect("INFO"), 407, challenge("example.com", "n1", qopAuth))
		w.quiet(t1)
		w.same("without credentials", s.codes(), "407")
		l.bye()
		w.peer.Reply(w.peer.Expect("BYE"), 200)

		l = w.dial(alice(), w.peer.URI())
		w.peer.Reply(w.peer.Expect("INVITE"), 200)
		w.peer.Expect("ACK")
		rest()
		s = l.within(sip.INVITE)
		w.challenged(w.peer.Expect("INVITE"), 401, challenge("example.com", "n1", qopAuth))
		re := w.peer.Expect("INVITE")
		w.proof(re.Message, false, "example.com", "alice", "wonder")
		w.same("re-INVITE", value(re.Message, "CSeq"), "3 INVITE")
		w.peer.Reply(re, 200)
		w.same("its ACK", value(w.peer.Expect("ACK").Message, "CSeq"), "3 ACK")
		w.same("re-INVITE", s.codes(), "200")
		l.bye()
		bye := w.peer.Expect("BYE")
		w.challenged(bye, 401, challenge("example.com", "n2", `, stale=true`+qopAuth))
		bye = w.peer.Expect("BYE")
		w.proof(bye.Message, false, "example.com", "alice", "wonder")
		w.same("BYE", value(bye.Message, "CSeq"), "5 BYE")
		w.peer.Reply(bye, 200)
		rest()
		w.same("BYE", l.byes.codes(), "200")
		w.pass(64 * t1)
		w.sets(0)
	})
}

// The digest leak (a caller who hangs up on nobody and challenges our BYE): a
// realm of the peer's own gets nothing.
func TestNoLeak(t *testing.T) {
	bubble(t, func(cfg *dialog.Config, _ *siptest.Net) { cfg.Profile = alice() }, func(w *world) {
		inv, ok := w.invite()
		w.peer.Send(w.flow, w.peer.Ack(inv, ok.Message))
		rest()
		w.legs[0].bye()
		w.challenged(w.peer.Expect("BYE"), 407, challenge("evil.example.net", "n1", qopAuth))
		w.quiet(t1)
		w.same("BYE", w.legs[0].byes.codes(), "407")
	})
}

// RFC 3261 §22.1: a CANCEL is never challenged; and once an INVITE is cancelled
// a challenge ends it.
func TestCancelEndsChallenges(t *testing.T) {
	bubble(t, nil, func(w *world) {
		l := w.dial(alice(), w.peer.URI())
		inv := w.peer.Expect("INVITE")
		w.peer.Reply(inv, 180)
		rest()
		l.set.Do(func(t *dialog.Turn) { l.invite.Cancel(t, nil) })
		cancel := w.peer.Expect("CANCEL")
		w.peer.Reply(cancel, 401, siptest.Set("WWW-Authenticate", challenge("example.com", "n1", qopAuth)))
		w.quiet(t1)
		w.challenged(inv, 401, challenge("example.com", "n1", qopAuth))
		w.quiet(t1)
		w.same("outcome", l.got.codes(), "180 401")
		w.sets(0)

		// The second INVITE can be cancelled as the first could.
		l = w.dial(alice(), w.peer.URI())
		w.challenged(w.peer.Expect("INVITE"), 401, challenge("example.com", "n1", qopAuth))
		inv = w.peer.Expect("INVITE")
		w.peer.Reply(inv, 180)
		rest()
		l.set.Do(func(t *dialog.Turn) { l.invite.Cancel(t, nil) })
		cancel = w.peer.Expect("CANCEL")
		w.same("CSeq", value(cancel.Message, "CSeq"), "2 CANCEL")
		if sip.Authorization.Has(cancel.Message) {
			w.Error("credentials in a CANCEL")
		}
		w.peer.Reply(cancel, 200)
		w.peer.Reply(inv, 487)
		w.peer.Expect("ACK")
		rest()
		w.same("outcome", l.got.codes(), "180 487")
		w.sets(0)
	})
}
