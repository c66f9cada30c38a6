package invite_test

import (
	"testing"
	"time"

	"dum/invite"
	"dum/sip"
)

// Two forks ring with early media of their own; the one that answers makes the
// call, with its own answer.
func TestForkedRinging(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		a, out := p.call(t.Context(), invite.Options{Offer: sdp("o1")})
		inv := p.expect("INVITE", "o1")
		p.respond(inv, 183, "bob1", "early1")
		p.respond(inv, 183, "bob2", "early2")
		p.respond(inv, 200, "bob2", "")
		ack := p.expect("ACK", "")
		if ack.ToTag() != "bob2" {
			t.Errorf("ACK to %s", ack.ToTag())
		}
		s := out.ok(p)
		if s.RemoteBody() != sdp("early2") || s.ID().RemoteTag != "bob2" {
			t.Errorf("session %v with %v", s, s.RemoteBody())
		}
		tags := ""
		for pr := range a.Progress(t.Context()) {
			tags += pr.RemoteTag + " "
		}
		if tags != "bob1 bob2 bob2 " {
			t.Errorf("progress of %s", tags)
		}
		p.quiet(40 * time.Second)
		p.end(s)
	})
}

// RFC 3261 §13.2.2.4: a second 2xx is acknowledged and ended with BYE, each on
// its own route; its repetitions are acknowledged too.
func TestSecond200(t *testing.T) {
	for _, early := range []bool{false, true} {
		inBubble(t, nil, func(t *testing.T, p *peer) {
			_, out := p.call(t.Context(), invite.Options{Offer: sdp("o1")})
			inv := p.expect("INVITE", "o1")
			if early {
				p.respond(inv, 180, "bob2", "")
			}
			p.respond(inv, 200, "bob1", "a1")
			p.expect("ACK", "")
			s := out.ok(p)
			time.Sleep(20 * time.Second)
			ok := p.respond(inv, 200, "bob2", "a2")
			ack := p.expect("ACK", "")
			bye := p.expect("BYE", "")
			if ack.ToTag() != "bob2" || bye.ToTag() != "bob2" || bye.RawURI() != "sip:bob2@192.0.2.2" {
				t.Errorf("ACK and BYE go astray:\n%s%s", ack, bye)
			}
			p.send(ok)
			p.expect("ACK", "")
			p.respond(bye, 200, "", "")
			p.send(ok)
			p.expect("ACK", "")
			p.quiet(time.Minute)
			if s.RemoteBody() != sdp("a1") || s.Ended() != nil {
				t.Error("the session of the first fork has changed")
			}
			p.end(s)
		})
	}
}

// With a policy of its own the user owns the further sessions.
func TestKeepEveryFork(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		var extra []*invite.Session
		forks := invite.ForkPolicy{Extra: func(s *invite.Session) { extra = append(extra, s) }}
		_, out := p.call(t.Context(), invite.Options{Offer: sdp("o1"), Forks: forks})
		inv := p.expect("INVITE", "o1")
		p.respond(inv, 200, "bob1", "a1")
		p.expect("ACK", "")
		p.respond(inv, 200, "bob2", "a2")
		p.expect("ACK", "")
		p.quiet(time.Minute)
		if len(extra) != 1 || extra[0].RemoteBody() != sdp("a2") {
			t.Fatalf("extra sessions %v", extra)
		}
		p.end(out.ok(p))
		if extra[0].Ended() != nil {
			t.Error("the other session ended too")
		}
		p.end(extra[0])
	})
}

// A fork that answers after the user has given up, besides the 487 of the call.
func TestForkAnswersAfterCancel(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		a, out := p.call(t.Context(), invite.Options{Offer: sdp("o1")})
		inv := p.expect("INVITE", "o1")
		p.respond(inv, 180, "bob1", "")
		a.Cancel()
		p.respond(p.expect("CANCEL", ""), 200, "", "")
		p.respond(inv, 200, "bob1", "a1")
		p.expect("ACK", "")
		p.respond(p.expect("BYE", ""), 200, "", "")
		p.respond(inv, 200, "bob2", "a2")
		p.expect("ACK", "")
		p.respond(p.expect("BYE", ""), 200, "", "")
		_, err := out.get(p)
		p.status(err, 487)
	})
}

// A peer that changes its tag between 180 and 200 is served by the tag of the
// 200 (an Oracle SBC has been seen to).
func TestTagChanges(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		_, out := p.call(t.Context(), invite.Options{Offer: sdp("o1")})
		inv := p.expect("INVITE", "o1")
		p.respond(inv, 180, "ringing", "")
		p.respond(inv, 200, "talking", "a1")
		if ack := p.expect("ACK", ""); ack.ToTag() != "talking" {
			t.Errorf("ACK to %s", ack.ToTag())
		}
		p.end(out.ok(p))
	})
}

// Requests on early dialogs of ours.
func TestEarlyDialogRequests(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		_, out := p.call(t.Context(), invite.Options{Offer: sdp("o1")})
		inv := p.expect("INVITE", "o1")
		p.respond(inv, 180, "bob", "")
		early := inv.Clone()
		early.SetToTag("bob")
		for _, c := range []struct {
			method sip.Method
			want   string
		}{
			{sip.OPTIONS, "200 OPTIONS"}, {sip.INVITE, "491 INVITE"}, {sip.INFO, "405 INFO"}, {sip.BYE, "200 BYE"},
		} {
			req := p.request(early, c.method, uint32(10+p.branches), "")
			resp := p.expect(c.want, "")
			if c.method == sip.INVITE {
				p.ackFailure(req, resp)
			}
		}
		p.respond(inv, 200, "bob", "a1")
		p.expect("ACK", "")
		p.end(out.ok(p))
	})
}
