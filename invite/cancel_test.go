package invite_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"dum/dialog"
	"dum/invite"
	"dum/sip"
)

// CANCEL after a provisional response: at once.
func TestCancelRinging(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		a, out := p.call(t.Context(), invite.Options{Offer: sdp("o1")})
		inv := p.expect("INVITE", "o1")
		p.respond(inv, 180, "bob", "")
		a.Cancel()
		a.Cancel() // twice is once
		cancel := p.expect("CANCEL", "")
		for _, h := range []string{"Via", "From", "To", "Call-ID"} {
			if mustNamed(cancel, h) != mustNamed(inv, h) {
				t.Errorf("%s of CANCEL is not that of the INVITE", h)
			}
		}
		p.respond(cancel, 200, "bob", "")
		p.quiet(time.Second)
		p.respond(inv, 487, "bob", "")
		p.expect("ACK", "")
		_, err := out.get(p)
		p.status(err, 487)
	})
}

// RFC 3261 §9.1: before any provisional response the CANCEL waits for one.
func TestCancelEarly(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		a, out := p.call(t.Context(), invite.Options{Offer: sdp("o1")})
		inv := p.expect("INVITE", "o1")
		a.Cancel()
		p.quiet(400 * time.Millisecond)
		p.respond(inv, 100, "", "")
		p.respond(p.expect("CANCEL", ""), 200, "bob", "")
		p.respond(inv, 487, "bob", "")
		p.expect("ACK", "")
		_, err := out.get(p)
		p.status(err, 487)
	})
}

// And if the answer is a final one, there is no CANCEL at all.
func TestCancelNeverSent(t *testing.T) {
	for _, code := range []int{200, 486} {
		inBubble(t, nil, func(t *testing.T, p *peer) {
			a, out := p.call(t.Context(), invite.Options{Offer: sdp("o1")})
			inv := p.expect("INVITE", "o1")
			a.Cancel()
			p.respond(inv, code, "bob", "a1")
			p.expect("ACK", "")
			_, err := out.get(p)
			if code == 486 {
				p.status(err, 486)
				return
			}
			p.status(err, 487)
			p.respond(p.expect("BYE", ""), 200, "", "")
		})
	}
}

// RFC 5407 §3.1.2: a 200 that crosses the CANCEL is acknowledged, and hung up.
func TestCancelCrosses200(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		var end endings
		a, out := p.call(t.Context(), invite.Options{Offer: sdp("o1"), Handler: invite.Handler{Ended: end.hear}})
		inv := p.expect("INVITE", "o1")
		p.respond(inv, 180, "bob", "")
		a.Cancel()
		cancel := p.expect("CANCEL", "")
		ok := p.respond(inv, 200, "bob", "a1")
		p.expect("ACK", "")
		bye := p.expect("BYE", "")
		p.respond(cancel, 200, "bob", "")
		p.send(ok) // the ACK was lost
		p.expect("ACK", "")
		p.respond(bye, 200, "", "")
		_, err := out.get(p)
		p.status(err, 487)
		if len(end.whys) != 0 {
			t.Error("Ended was called for a session that the user never saw")
		}
	})
}

func TestCancelCrosses486(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		a, out := p.call(t.Context(), invite.Options{Offer: sdp("o1")})
		inv := p.expect("INVITE", "o1")
		p.respond(inv, 180, "bob", "")
		a.Cancel()
		cancel := p.expect("CANCEL", "")
		p.respond(inv, 486, "bob", "")
		p.expect("ACK", "")
		p.respond(cancel, 481, "bob", "")
		_, err := out.get(p)
		p.status(err, 486)
	})
}

// A peer that answers the CANCEL and then says nothing more.
func TestCancelUnanswered(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		a, out := p.call(t.Context(), invite.Options{Offer: sdp("o1")})
		inv := p.expect("INVITE", "o1")
		p.respond(inv, 180, "bob", "")
		a.Cancel()
		p.respond(p.expect("CANCEL", ""), 200, "bob", "")
		p.quiet(64*t1 - time.Second)
		if out.done() {
			t.Fatal("gave up too early")
		}
		time.Sleep(2 * time.Second)
		_, err := out.get(p)
		p.status(err, 487)
	})
}

// The end of Wait's context is a CANCEL, and Wait does not wait for it.
func TestContextCancels(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, out := p.call(ctx, invite.Options{Offer: sdp("o1")})
		inv := p.expect("INVITE", "o1")
		p.respond(inv, 180, "bob", "")
		p.quiet(5*time.Second - 1)
		time.Sleep(time.Nanosecond)
		p.respond(p.expect("CANCEL", ""), 200, "bob", "")
		if _, err := out.get(p); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		p.respond(inv, 487, "bob", "")
		p.expect("ACK", "")
	})
}

// Wait's context never bounds the session.
func TestContextAfterAnswer(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		ctx, cancel := context.WithCancel(t.Context())
		a, out := p.call(ctx, invite.Options{Offer: sdp("o1")})
		p.respond(p.expect("INVITE", "o1"), 200, "bob", "a1")
		p.expect("ACK", "")
		s := out.ok(p)
		cancel()
		p.quiet(time.Minute)
		if again, err := a.Wait(ctx); again != s || err != nil {
			t.Errorf("Wait again: %v %v", again, err)
		}
		if s.Context().Err() != nil {
			t.Error("the session has ended")
		}
		a.Cancel() // too late
		p.quiet(time.Second)
		p.end(s)
	})
}

// CANCEL while the user thinks about the offer of a 2xx: nothing is left to
// cancel, so it is BYE.
func TestCancelDuringLateAnswer(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		answer := func(ctx context.Context, _ sip.Body) (sip.Body, error) {
			<-ctx.Done()
			return sdp("too late"), nil
		}
		a, out := p.call(t.Context(), invite.Options{Answer: answer})
		p.respond(p.expect("INVITE", ""), 200, "bob", "theirs")
		p.quiet(time.Second)
		a.Cancel()
		p.expect("ACK", "")
		p.respond(p.expect("BYE", ""), 200, "", "")
		_, err := out.get(p)
		p.status(err, 487)
	})
}

// Shutdown cancels calls that ring and hangs up those that are answered.
func TestShutdown(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		var end endings
		s, _ := p.established(invite.Options{Handler: invite.Handler{Ended: end.hear}})
		_, out := p.call(t.Context(), invite.Options{Offer: sdp("o2")})
		inv := p.expect("INVITE", "o2")
		p.respond(inv, 180, "bob", "")
		down := behind(func() (int, error) { return 0, p.m.Shutdown(t.Context()) })
		for range 2 {
			switch m := p.must(); name(m) {
			case "BYE":
				p.respond(m, 200, "", "")
			case "CANCEL":
				p.respond(m, 200, "bob", "")
				p.respond(inv, 487, "bob", "")
			default:
				t.Fatalf("sent %s", name(m))
			}
		}
		down.ok(p)
		_, err := out.get(p)
		p.status(err, 487)
		p.hangup(end.once(p), false)
		if err := s.Bye(t.Context()); !errors.Is(err, dialog.ErrEnded) {
			t.Errorf("got %v", err)
		}
	})
}

// A forced end tells everybody.
func TestClose(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		var end endings
		s, _ := p.established(invite.Options{Handler: invite.Handler{Ended: end.hear}})
		_, out := p.call(t.Context(), invite.Options{Offer: sdp("o2")})
		p.respond(p.expect("INVITE", "o2"), 180, "bob", "")
		p.m.Close()
		if why := end.once(p); why == nil || s.Ended() != why {
			t.Errorf("ended with %v", why)
		}
		if _, err := out.get(p); err == nil {
			t.Error("no error")
		}
		if _, err := s.Offer(t.Context(), sdp("o3")); !errors.Is(err, dialog.ErrEnded) {
			t.Errorf("got %v", err)
		}
	})
}
