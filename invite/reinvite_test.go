package invite_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"dum/invite"
	"dum/sip"
)

// A re-INVITE of the peer: answered by the handler, repeated until its ACK; the
// target moves with it.
func TestReinvite(t *testing.T) {
	h := invite.Handler{Offer: func(_ context.Context, s *invite.Session, offer sip.Body) (sip.Body, error) {
		if offer != sdp("o2") || s.RemoteBody() != sdp("o1") {
			t.Errorf("offer %v, so far %v", offer, s.RemoteBody())
		}
		return sdp("a2"), nil
	}}
	answered(t, h, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
		p.request(ok, sip.INVITE, 2, "o2")
		resp := p.expect("200 INVITE", "a2")
		if !sip.Contact.Has(resp) {
			t.Error("no Contact")
		}
		p.quiet(t1 - 1)
		time.Sleep(time.Nanosecond)
		p.expect("200 INVITE", "a2")
		p.ack(resp, "")
		p.quiet(time.Minute)
		if s.LocalBody() != sdp("a2") || s.RemoteBody() != sdp("o2") {
			t.Errorf("bodies %v %v", s.LocalBody(), s.RemoteBody())
		}
		bye := behind(func() (int, error) { return 0, s.Bye(t.Context()) })
		req := p.expect("BYE", "")
		if req.RawURI() != "sip:moved@192.0.2.2" {
			t.Errorf("BYE to %s", req.RawURI())
		}
		p.respond(req, 200, "", "")
		bye.ok(p)
	})
}

// A re-INVITE that is refused changes nothing, the target included.
func TestReinviteRefused(t *testing.T) {
	type handler = func(context.Context, *invite.Session, sip.Body) (sip.Body, error)
	refuse := func(err error) handler {
		return func(context.Context, *invite.Session, sip.Body) (sip.Body, error) { return sip.Body{}, err }
	}
	var release chan struct{}
	for name, c := range map[string]struct {
		h    handler
		want string
		hold bool // the handler waits for release
	}{
		"no handler": {h: nil, want: "488 INVITE"},
		"status":     {h: refuse(sip.NewStatus(606, "")), want: "606 INVITE"},
		"error":      {h: refuse(errors.New("disk full")), want: "500 INVITE"},
		"no answer":  {h: refuse(nil), want: "488 INVITE"},
		"panic":      {h: func(context.Context, *invite.Session, sip.Body) (sip.Body, error) { panic("boom") }, want: "500 INVITE"},
		"after a while": {h: func(context.Context, *invite.Session, sip.Body) (sip.Body, error) {
			<-release
			return sip.Body{}, sip.NewStatus(488, "")
		}, want: "488 INVITE", hold: true},
	} {
		t.Run(name, func(t *testing.T) {
			answered(t, invite.Handler{Offer: c.h}, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
				release = make(chan struct{}) // of this bubble
				re := p.request(ok, sip.INVITE, 2, "o2")
				var out *outcome[sip.Body]
				if c.hold {
					p.quiet(time.Millisecond)
					out = p.offer(t.Context(), s, "ours") // waits for theirs
					p.quiet(time.Millisecond)
					release <- struct{}{}
				}
				p.ackFailure(re, p.expect(c.want, ""))
				if c.hold {
					p.respond(p.expect("INVITE", "ours"), 488, "", "")
					p.expect("ACK", "")
					_, err := out.get(p)
					p.status(err, 488)
				} else { // they may try again
					re = p.request(ok, sip.INVITE, 3, "o3")
					p.ackFailure(re, p.expect(c.want, ""))
				}
				if s.LocalBody() != sdp("a1") || s.RemoteBody() != sdp("o1") {
					t.Error("the session has changed")
				}
				out = p.offer(t.Context(), s, "last")
				req := p.expect("INVITE", "last")
				if req.RawURI() != "sip:alice@192.0.2.2" {
					t.Errorf("the target has moved to %s", req.RawURI())
				}
				p.respond(req, 200, "alice", "a-last")
				p.expect("ACK", "")
				if got := out.ok(p); got != sdp("a-last") {
					t.Errorf("answer %v", got)
				}
				p.end(s)
			})
		})
	}
}

// A refresh that changes nothing needs no handler.
func TestReinviteRefresh(t *testing.T) {
	answered(t, invite.Handler{}, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
		p.request(ok, sip.INVITE, 2, "o1")
		p.ack(p.expect("200 INVITE", "a1"), "")
		re := p.request(ok, sip.INVITE, 3, "")
		p.ackFailure(re, p.expect("488 INVITE", ""))
		p.end(s)
	})
}

// The peer asks for our offer and answers in the ACK; a zero body offers again
// what we have.
func TestReinviteLate(t *testing.T) {
	for _, ours := range []sip.Body{sdp("ours"), {}} {
		var got sip.Body
		h := invite.Handler{
			Offer: func(_ context.Context, _ *invite.Session, offer sip.Body) (sip.Body, error) {
				if !offer.IsZero() {
					t.Errorf("offer %v", offer)
				}
				return ours, nil
			},
			Answered: func(_ *invite.Session, b sip.Body) { got = b },
		}
		answered(t, h, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
			want := ours
			if want.IsZero() {
				want = sdp("a1")
			}
			p.request(ok, sip.INVITE, 2, "")
			resp := p.expect("200 INVITE", text1(want))
			if s.RemoteBody() != sdp("o1") {
				t.Error("changed before the answer")
			}
			p.ack(resp, "theirs")
			synctest.Wait()
			if got != sdp("theirs") || s.RemoteBody() != got || s.LocalBody() != want {
				t.Errorf("answer %v, bodies %v %v", got, s.LocalBody(), s.RemoteBody())
			}
			// And once more, without an answer in the ACK: nothing changes.
			p.request(ok, sip.INVITE, 3, "")
			resp = p.expect("200 INVITE", text1(want))
			p.ack(resp, "")
			p.quiet(time.Second)
			if s.RemoteBody() != got || s.Ended() != nil {
				t.Error("the session has changed")
			}
			p.request(ok, sip.INVITE, 4, "")
			p.ack(p.expect("200 INVITE", text1(want)), "theirs")
			p.end(s)
		})
	}
}

// RFC 3261 §14.2: 500 with Retry-After for a second one before the first is
// answered.
func TestReinviteTwice(t *testing.T) {
	release := make(chan struct{})
	h := invite.Handler{Offer: func(context.Context, *invite.Session, sip.Body) (sip.Body, error) {
		<-release
		return sdp("a2"), nil
	}}
	answered(t, h, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
		release = make(chan struct{})
		p.request(ok, sip.INVITE, 2, "o2")
		p.quiet(time.Millisecond)
		second := p.request(ok, sip.INVITE, 3, "o3")
		resp := p.expect("500 INVITE", "")
		if !sip.Named("Retry-After").Has(resp) {
			t.Error("no Retry-After")
		}
		p.ackFailure(second, resp)
		out := p.offer(t.Context(), s, "ours") // ours waits for theirs
		p.quiet(time.Millisecond)
		close(release)
		resp = p.expect("200 INVITE", "a2")
		p.quiet(time.Millisecond)
		p.ack(resp, "")
		p.respond(p.expect("INVITE", "ours"), 200, "alice", "a")
		p.expect("ACK", "")
		out.ok(p)
		p.end(s)
	})
}

// RFC 5407 §3.1.4: a re-INVITE while the ACK of the first 200 is missing.
func TestReinviteBeforeAck(t *testing.T) {
	ringing(t, "o1", func(t *testing.T, p *peer, d *desk, inv *sip.Message) {
		h := invite.Handler{Offer: func(context.Context, *invite.Session, sip.Body) (sip.Body, error) { return sdp("a2"), nil }}
		s, err := d.in.Accept(t.Context(), sdp("a1"), h)
		if err != nil {
			t.Fatal(err)
		}
		first := p.expect("200 INVITE", "a1")
		p.request(first, sip.INVITE, 2, "o2")
		second := p.expect("200 INVITE", "a2")
		// Both are repeated, each until its own ACK.
		p.quiet(t1 - 1)
		time.Sleep(time.Nanosecond)
		bodies := text(p.expectAny("200 INVITE")) + text(p.expectAny("200 INVITE"))
		if bodies != "a1a2" && bodies != "a2a1" {
			t.Errorf("repeated %s", bodies)
		}
		p.ack(first, "")
		p.quiet(2*t1 - 1)
		time.Sleep(time.Nanosecond)
		p.expect("200 INVITE", "a2")
		out := p.offer(t.Context(), s, "ours") // waits for the second ACK
		p.quiet(time.Millisecond)
		p.ack(second, "")
		p.respond(p.expect("INVITE", "ours"), 200, "alice", "a")
		p.expect("ACK", "")
		out.ok(p)
		p.end(s)
	})
	// The ACK of the second tells that the first has arrived too.
	ringing(t, "o1", func(t *testing.T, p *peer, d *desk, inv *sip.Message) {
		h := invite.Handler{Offer: func(context.Context, *invite.Session, sip.Body) (sip.Body, error) { return sdp("a2"), nil }}
		s, err := d.in.Accept(t.Context(), sdp("a1"), h)
		if err != nil {
			t.Fatal(err)
		}
		first := p.expect("200 INVITE", "a1")
		p.request(first, sip.INVITE, 2, "o2")
		p.ack(p.expect("200 INVITE", "a2"), "")
		p.quiet(time.Minute)
		p.end(s)
	})
}

// And if neither is acknowledged, BYE ends both.
func TestReinviteBeforeAckNoAck(t *testing.T) {
	ringing(t, "o1", func(t *testing.T, p *peer, d *desk, inv *sip.Message) {
		h := invite.Handler{Offer: func(context.Context, *invite.Session, sip.Body) (sip.Body, error) { return sdp("a2"), nil }}
		if _, err := d.in.Accept(t.Context(), sdp("a1"), h); err != nil {
			t.Fatal(err)
		}
		first := p.expect("200 INVITE", "a1")
		time.Sleep(10 * time.Second)
		p.drain()
		p.request(first, sip.INVITE, 2, "o2")
		_, bye := p.until("BYE")
		for range 100 { // not even the second 200 any more
			time.Sleep(100 * time.Millisecond)
			for m := p.next(); m != nil; m = p.next() {
				if name(m) != "BYE" {
					t.Fatalf("sent %s", name(m))
				}
			}
		}
		p.respond(bye, 200, "", "")
	})
}

// expectAny is expect whatever the body.
func (p *peer) expectAny(what string) *sip.Message {
	p.Helper()
	m := p.must()
	if name(m) != what {
		p.Fatalf("sent %s, want %s", name(m), what)
	}
	return m
}

// RFC 3261 §14.2: a 2xx that nobody acknowledges ends the call.
func TestReinviteNoAck(t *testing.T) {
	var end endings
	h := invite.Handler{
		Ended: end.hear,
		Offer: func(context.Context, *invite.Session, sip.Body) (sip.Body, error) { return sdp("a2"), nil },
	}
	answered(t, h, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
		p.request(ok, sip.INVITE, 2, "o2")
		n, bye := p.until("BYE")
		if n != 11 {
			t.Errorf("%d times 200", n)
		}
		p.respond(bye, 200, "", "")
		if why := end.once(p); !errors.Is(why, invite.ErrNoAck) {
			t.Errorf("ended with %v", why)
		}
	})
}

// The peer cancels its re-INVITE, or hangs up meanwhile.
func TestReinviteCancelled(t *testing.T) {
	for _, hangup := range []bool{false, true} {
		var cause error
		h := invite.Handler{Offer: func(ctx context.Context, _ *invite.Session, _ sip.Body) (sip.Body, error) {
			<-ctx.Done()
			cause = context.Cause(ctx)
			return sdp("too late"), nil
		}}
		answered(t, h, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
			re := p.request(ok, sip.INVITE, 2, "o2")
			p.quiet(time.Second)
			if hangup {
				p.request(ok, sip.BYE, 3, "")
				p.ackFailure(re, p.expect("487 INVITE", ""))
				p.expect("200 BYE", "")
				synctest.Wait()
				if cause == nil {
					t.Error("the handler's context has not ended")
				}
				return
			}
			p.cancel(re)
			p.expect("200 CANCEL", "")
			p.ackFailure(re, p.expect("487 INVITE", ""))
			synctest.Wait()
			if !errors.Is(cause, invite.ErrCanceled) {
				t.Errorf("cause %v", cause)
			}
			if s.RemoteBody() != sdp("o1") {
				t.Error("the session has changed")
			}
			p.end(s)
		})
	}
}

// We hang up while the peer's re-INVITE is open: it is answered, then BYE.
func TestByeDuringReinvite(t *testing.T) {
	h := invite.Handler{Offer: func(ctx context.Context, _ *invite.Session, _ sip.Body) (sip.Body, error) {
		<-ctx.Done()
		return sip.Body{}, ctx.Err()
	}}
	answered(t, h, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
		re := p.request(ok, sip.INVITE, 2, "o2")
		p.quiet(time.Second)
		bye := behind(func() (int, error) { return 0, s.Bye(t.Context()) })
		req := p.must()
		resp := p.must()
		if name(req) != "BYE" {
			req, resp = resp, req
		}
		if name(resp) != "487 INVITE" {
			t.Fatalf("sent %s", name(resp))
		}
		p.ackFailure(re, resp)
		p.respond(req, 200, "", "")
		bye.ok(p)
	})
}

// As a caller, before our ACK, the peer's re-INVITE meets ours in progress.
func TestReinviteBeforeOurAck(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		release := make(chan struct{})
		answer := func(context.Context, sip.Body) (sip.Body, error) { <-release; return sdp("ours"), nil }
		_, out := p.call(t.Context(), invite.Options{Answer: answer})
		inv := p.expect("INVITE", "")
		p.respond(inv, 200, "bob", "theirs")
		p.quiet(time.Millisecond)
		confirmed := inv.Clone()
		confirmed.SetToTag("bob")
		re := p.request(confirmed, sip.INVITE, 7, "o2")
		p.ackFailure(re, p.expect("491 INVITE", ""))
		close(release)
		p.expect("ACK", "ours")
		p.end(out.ok(p))
	})
}
