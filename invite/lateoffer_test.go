package invite_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"dum/invite"
	"dum/sip"
)

// A caller without an offer answers the peer's in the ACK.
func TestLateOffer(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		release := make(chan struct{})
		answer := func(ctx context.Context, offer sip.Body) (sip.Body, error) {
			<-release
			if offer != sdp("theirs") {
				t.Errorf("asked for %v", offer)
			}
			return sdp("ours"), nil
		}
		_, out := p.call(t.Context(), invite.Options{Answer: answer})
		inv := p.expect("INVITE", "")
		p.respond(inv, 183, "bob", "preview") // no offer, for nothing makes sure that it arrives
		ok := p.respond(inv, 200, "bob", "theirs")
		p.quiet(time.Second)
		p.send(ok) // no ACK without the answer
		p.quiet(time.Second)
		close(release)
		p.expect("ACK", "ours")
		s := out.ok(p)
		if s.LocalBody() != sdp("ours") || s.RemoteBody() != sdp("theirs") {
			t.Errorf("bodies %v %v", s.LocalBody(), s.RemoteBody())
		}
		p.send(ok)
		p.expect("ACK", "ours")
		p.end(s)
	})
}

// What cannot make a session is acknowledged and ended with BYE, and the error
// says why.
func TestUnusable2xx(t *testing.T) {
	boom := errors.New("no codec")
	for name, c := range map[string]struct {
		o     invite.Options
		body  string
		check func(p *peer, err error)
	}{
		"no answer": {
			invite.Options{Offer: sdp("o1")}, "",
			func(p *peer, err error) { p.status(err, 488) },
		},
		"no offer though asked for": {
			invite.Options{Answer: func(context.Context, sip.Body) (sip.Body, error) { return sdp("x"), nil }}, "",
			func(p *peer, err error) { p.status(err, 488) },
		},
		"offer that nobody answers": {
			invite.Options{}, "theirs",
			func(p *peer, err error) { p.status(err, 488) },
		},
		"offer that is refused": {
			invite.Options{Answer: func(context.Context, sip.Body) (sip.Body, error) { return sip.Body{}, boom }}, "theirs",
			func(p *peer, err error) {
				if !errors.Is(err, boom) {
					p.Errorf("got %v", err)
				}
			},
		},
		"offer that is answered with nothing": {
			invite.Options{Answer: func(context.Context, sip.Body) (sip.Body, error) { return sip.Body{}, nil }}, "theirs",
			func(p *peer, err error) {
				if !errors.Is(err, invite.ErrBody) {
					p.Errorf("got %v", err)
				}
			},
		},
		"answer that panics": {
			invite.Options{Answer: func(context.Context, sip.Body) (sip.Body, error) { panic("boom") }}, "theirs",
			func(p *peer, err error) { p.status(err, 500) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, nil, func(t *testing.T, p *peer) {
				var end endings
				c.o.Handler.Ended = end.hear
				_, out := p.call(t.Context(), c.o)
				inv := p.expect("INVITE", text1(c.o.Offer))
				p.respond(inv, 200, "bob", c.body)
				p.expect("ACK", "")
				p.respond(p.expect("BYE", ""), 200, "", "")
				s, err := out.get(p)
				if s != nil {
					t.Error("a session all the same")
				}
				c.check(p, err)
				if len(end.whys) != 0 {
					t.Error("Ended was called for a session that the user never saw")
				}
			})
		})
	}
}

// A call without descriptions on either side is a call.
func TestNoDescriptions(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		_, out := p.call(t.Context(), invite.Options{})
		p.respond(p.expect("INVITE", ""), 200, "bob", "")
		p.expect("ACK", "")
		p.end(out.ok(p))
	})
}

// The peer hangs up while the user thinks about its offer.
func TestByeBeforeLateAnswer(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		answer := func(ctx context.Context, _ sip.Body) (sip.Body, error) {
			<-ctx.Done()
			return sdp("too late"), nil
		}
		_, out := p.call(t.Context(), invite.Options{Answer: answer})
		inv := p.expect("INVITE", "")
		p.respond(inv, 200, "bob", "theirs")
		p.quiet(time.Second)
		bye := p.within(inv, sip.BYE, 7, "")
		sip.Named("To").Set(bye, mustNamed(inv, "From"))
		sip.Named("From").Set(bye, mustNamed(inv, "To")+";tag=bob")
		p.send(bye)
		got := []string{name(p.must()), name(p.must())}
		if got[0]+got[1] != "200 BYEACK" && got[0]+got[1] != "ACK200 BYE" {
			t.Errorf("sent %v", got)
		}
		_, err := out.get(p)
		p.hangup(err, true)
	})
}
