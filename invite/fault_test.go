package invite_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"dum/dialog"
	"dum/invite"
	"dum/sip"
)

// explode makes the next message of the name panic in the turn that sends it.
func (p *peer) explode(what string) {
	p.w.lose = func(m *sip.Message) bool {
		if name(m) == what {
			p.w.lose = nil
			panic("sabotage")
		}
		return false
	}
}

// A panic in a turn ends that call, tells everybody who waits, and touches no
// other.
func TestFault(t *testing.T) {
	var end endings
	answered(t, invite.Handler{Ended: end.hear}, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
		other, _ := p.established(invite.Options{})
		ask := behind(func() (*sip.Message, error) { return s.Request(t.Context(), sip.INFO, invite.Request{}) })
		p.expect("INFO", "")
		offer := p.offer(t.Context(), s, "o2")
		p.expect("INVITE", "o2")
		p.explode("BYE")
		bye := behind(func() (int, error) { return 0, s.Bye(t.Context()) })
		if _, err := bye.get(p); err == nil {
			t.Error("Bye tells of no error")
		}
		if why := end.once(p); why == nil || why != s.Ended() {
			t.Errorf("ended with %v", why)
		}
		if _, err := ask.get(p); !errors.Is(err, dialog.ErrEnded) {
			t.Errorf("Request: %v", err)
		}
		if _, err := offer.get(p); !errors.Is(err, dialog.ErrEnded) {
			t.Errorf("Offer: %v", err)
		}
		p.drain()
		p.request(ok, sip.INFO, 5, "")
		p.expect("481 INFO", "")
		p.end(other)
	})
}

func TestFaultBeforeAnswer(t *testing.T) {
	ringing(t, "o1", func(t *testing.T, p *peer, d *desk, inv *sip.Message) {
		p.explode("180 INVITE")
		if err := d.in.Ring(180, sip.Body{}); err == nil {
			t.Error("Ring tells of no error")
		}
		p.ackFailure(inv, p.expect("500 INVITE", ""))
		if d.ctx.Err() == nil {
			t.Error("the handler's context goes on")
		}
		if _, err := d.in.Accept(t.Context(), sdp("a1"), invite.Handler{}); !errors.Is(err, dialog.ErrEnded) {
			t.Errorf("got %v", err)
		}
	})
	inBubble(t, nil, func(t *testing.T, p *peer) {
		p.explode("INVITE")
		_, out := p.call(t.Context(), invite.Options{Offer: sdp("o1")})
		if _, err := out.get(p); err == nil {
			t.Error("no error")
		}
	})
	inBubble(t, nil, func(t *testing.T, p *peer) { // while the user thinks about the peer's offer
		answer := func(ctx context.Context, _ sip.Body) (sip.Body, error) {
			<-ctx.Done()
			return sdp("too late"), nil
		}
		_, out := p.call(t.Context(), invite.Options{Answer: answer})
		inv := p.expect("INVITE", "")
		p.respond(inv, 200, "bob", "theirs")
		p.quiet(time.Second)
		p.m.Close()
		if _, err := out.get(p); err == nil {
			t.Error("no error")
		}
	})
}

// What waits for an answer hears when the manager closes.
func TestCloseTellsAll(t *testing.T) {
	answered(t, invite.Handler{}, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
		ask := behind(func() (*sip.Message, error) { return s.Request(t.Context(), sip.INFO, invite.Request{}) })
		p.expect("INFO", "")
		bye := behind(func() (int, error) { return 0, s.Bye(t.Context()) })
		p.expect("BYE", "")
		p.m.Close()
		if _, err := ask.get(p); !errors.Is(err, dialog.ErrEnded) {
			t.Errorf("Request: %v", err)
		}
		if _, err := bye.get(p); err == nil {
			t.Error("Bye tells of no error")
		}
	})
}

// A 2xx without Contact cannot be acknowledged: nobody knows where.
func TestNoContactIn200(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		_, out := p.call(t.Context(), invite.Options{Offer: sdp("o1")})
		inv := p.expect("INVITE", "o1")
		resp := sip.NewResponse(inv, 180, "")
		resp.SetToTag("bob")
		p.send(resp) // told about, but no dialog
		resp = sip.NewResponse(inv, 200, "")
		resp.SetToTag("bob")
		p.send(resp)
		_, err := out.get(p)
		p.status(err, 502)
		p.quiet(time.Second)
	})
}

// A callee with ever new tags fills nothing.
func TestManyForks(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		_, out := p.call(t.Context(), invite.Options{Offer: sdp("o1")})
		inv := p.expect("INVITE", "o1")
		for i := range 200 {
			p.respond(inv, 180, fmt.Sprintf("tag%d", i), "")
		}
		p.respond(inv, 183, "tag3", "early")
		p.respond(inv, 200, "tag199", "a1")
		if ack := p.expect("ACK", ""); ack.ToTag() != "tag199" {
			t.Errorf("ACK to %s", ack.ToTag())
		}
		s := out.ok(p)
		n := 0
		done := make(chan struct{})
		s.Set().Do(func(t *dialog.Turn) { n = len(s.Set().Dialogs(t)); close(done) })
		<-done
		if n > 65 {
			t.Errorf("%d dialogs", n)
		}
		p.end(s)
	})
}

// A peer that asks faster than the user answers is told to wait.
func TestManyRequests(t *testing.T) {
	release := make(chan struct{})
	h := invite.Handler{Request: func(context.Context, *invite.Session, *sip.Message) (invite.Reply, error) {
		<-release
		return invite.Reply{}, nil
	}}
	answered(t, h, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
		release = make(chan struct{})
		for i := range 100 {
			p.request(ok, sip.INFO, uint32(2+i), "")
		}
		for range 100 - 64 {
			if resp := p.expect("500 INFO", ""); !sip.Named("Retry-After").Has(resp) {
				t.Error("no Retry-After")
			}
		}
		p.quiet(time.Millisecond)
		close(release)
		for range 64 {
			p.expect("200 INFO", "")
		}
		// Subscriptions are usages of their own.
		p.request(ok, sip.NOTIFY, 200, "")
		p.expect("405 NOTIFY", "")
		p.end(s)
	})
}

// Handles name themselves.
func TestStrings(t *testing.T) {
	ringing(t, "o1", func(t *testing.T, p *peer, d *desk, inv *sip.Message) {
		for _, s := range []fmt.Stringer{d.in, d.in.Set()} {
			if s.String() == "" {
				t.Errorf("%T has no name", s)
			}
		}
		d.in.Reject(sip.NewStatus(486, ""))
		p.ackFailure(inv, p.expect("486 INVITE", ""))
	})
	inBubble(t, nil, func(t *testing.T, p *peer) {
		a, out := p.call(t.Context(), invite.Options{Offer: sdp("o1")})
		p.respond(p.expect("INVITE", "o1"), 200, "bob", "a1")
		p.expect("ACK", "")
		s := out.ok(p)
		if a.Set() != s.Set() || a.String() == "" || s.String() == "" {
			t.Errorf("%v %v", a, s)
		}
		p.end(s)
		for _, err := range []error{&invite.Hangup{}, &invite.Hangup{Peer: true}} {
			if err.Error() == "" {
				t.Error("no text")
			}
		}
	})
}
