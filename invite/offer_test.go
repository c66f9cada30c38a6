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

// offer makes a re-INVITE of ours.
func (p *peer) offer(ctx context.Context, s *invite.Session, text string) *outcome[sip.Body] {
	body := sip.Body{}
	if text != "" {
		body = sdp(text)
	}
	return behind(func() (sip.Body, error) { return s.Offer(ctx, body) })
}

// A re-INVITE of ours: answered, acknowledged, its 2xx repeated; the target
// moves with the 2xx.
func TestOffer(t *testing.T) {
	answered(t, invite.Handler{}, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
		out := p.offer(t.Context(), s, "o2")
		inv := p.expect("INVITE", "o2")
		if inv.ToTag() != "alice" || !sip.Contact.Has(inv) || inv.RawURI() != "sip:alice@192.0.2.2" {
			t.Errorf("re-INVITE is\n%s", inv)
		}
		p.respond(inv, 100, "", "")
		resp := sip.NewResponse(inv, 200, "")
		sip.Named("Contact").Set(resp, "<sip:elsewhere@192.0.2.2>")
		resp.SetBody(sdp("a2"))
		p.send(resp)
		ack := p.expect("ACK", "")
		if ack.RawURI() != "sip:elsewhere@192.0.2.2" {
			t.Errorf("ACK to %s", ack.RawURI())
		}
		if got := out.ok(p); got != sdp("a2") || s.RemoteBody() != got || s.LocalBody() != sdp("o2") {
			t.Errorf("answer %v, bodies %v %v", got, s.LocalBody(), s.RemoteBody())
		}
		time.Sleep(10 * time.Second)
		p.send(resp)
		if again := p.expect("ACK", ""); again.String() != ack.String() {
			t.Errorf("another ACK:\n%s", again)
		}
		bye := behind(func() (int, error) { return 0, s.Bye(t.Context()) })
		req := p.expect("BYE", "")
		if req.RawURI() != "sip:elsewhere@192.0.2.2" {
			t.Errorf("BYE to %s", req.RawURI())
		}
		p.respond(req, 200, "", "")
		bye.ok(p)
	})
}

// RFC 3261 §14.1: a refused re-INVITE leaves everything as it was, and the next
// one may follow.
func TestOfferRefused(t *testing.T) {
	answered(t, invite.Handler{}, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
		for _, code := range []int{302, 403, 488, 500, 606} {
			out := p.offer(t.Context(), s, "o2")
			inv := p.expect("INVITE", "o2")
			resp := sip.NewResponse(inv, code, "")
			sip.Named("Contact").Set(resp, "<sip:elsewhere@192.0.2.2>")
			p.send(resp)
			p.expect("ACK", "")
			_, err := out.get(p)
			p.status(err, code)
		}
		if s.LocalBody() != sdp("a1") || s.RemoteBody() != sdp("o1") || s.Ended() != nil {
			t.Error("the session has changed")
		}
		out := p.offer(t.Context(), s, "o3")
		inv := p.expect("INVITE", "o3")
		if inv.RawURI() != "sip:alice@192.0.2.2" {
			t.Errorf("the target has moved to %s", inv.RawURI())
		}
		p.respond(inv, 200, "alice", "")
		p.expect("ACK", "")
		if _, err := out.get(p); !errors.Is(err, invite.ErrNoAnswer) {
			t.Errorf("a 2xx without the answer: %v", err)
		}
		if s.LocalBody() != sdp("a1") {
			t.Error("the session has changed")
		}
		p.end(s)
	})
}

// RFC 5057: 481 and 408 tell that the call is lost.
func TestOfferEndsCall(t *testing.T) {
	for _, code := range []int{481, 408, 0} {
		var end endings
		answered(t, invite.Handler{Ended: end.hear}, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
			out := p.offer(t.Context(), s, "o2")
			inv := p.expect("INVITE", "o2")
			want := code
			if code == 0 {
				want = 408 // nothing comes: timer B
			} else {
				p.respond(inv, code, "", "")
				p.expect("ACK", "")
			}
			_, bye := p.until("BYE")
			_, err := out.get(p)
			p.status(err, want)
			p.respond(bye, 481, "", "")
			p.status(end.once(p), want)
		})
	}
}

// Offers queue up, each for its turn.
func TestOffersQueue(t *testing.T) {
	answered(t, invite.Handler{}, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
		first := p.offer(t.Context(), s, "o2")
		inv := p.expect("INVITE", "o2")
		second := p.offer(t.Context(), s, "o3")
		ctx, cancel := context.WithCancel(t.Context())
		third := p.offer(ctx, s, "never")
		p.quiet(time.Millisecond)
		cancel()
		if _, err := third.get(p); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		p.respond(inv, 200, "alice", "a2")
		p.expect("ACK", "")
		first.ok(p)
		p.respond(p.expect("INVITE", "o3"), 200, "alice", "a3")
		p.expect("ACK", "")
		second.ok(p)
		p.end(s)
	})
}

// RFC 3261 §14.1: a callee's re-INVITE waits for the ACK of its 2xx.
func TestOfferWaitsForAck(t *testing.T) {
	ringing(t, "o1", func(t *testing.T, p *peer, d *desk, inv *sip.Message) {
		s, err := d.in.Accept(t.Context(), sdp("a1"), invite.Handler{})
		if err != nil {
			t.Fatal(err)
		}
		ok := p.expect("200 INVITE", "a1")
		out := p.offer(t.Context(), s, "o2")
		p.quiet(100 * time.Millisecond)
		p.ack(ok, "")
		p.respond(p.expect("INVITE", "o2"), 200, "alice", "a2")
		p.expect("ACK", "")
		out.ok(p)
		p.end(s)
	})
}

// RFC 3261 §14.1: after a 491 it is tried again, later by the owner of the
// Call-ID, sooner by the other.
func TestGlareRetry(t *testing.T) {
	retry := func(t *testing.T, p *peer, s *invite.Session, least, most time.Duration) {
		out := p.offer(t.Context(), s, "o2")
		for range 3 {
			p.respond(p.expect("INVITE", "o2"), 491, "", "")
			p.expect("ACK", "")
			start := time.Now()
			if most > 2*time.Second {
				p.quiet(least - 1)
			}
			_, inv := p.until("INVITE")
			if d := time.Since(start); d < least || d > most+100*time.Millisecond {
				t.Errorf("tried again after %v", d)
			}
			p.w.sent = append(p.w.sent, inv) // for the next round
		}
		p.respond(p.expect("INVITE", "o2"), 200, "alice", "a2")
		p.expect("ACK", "")
		out.ok(p)
		p.end(s)
	}
	answered(t, invite.Handler{}, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
		retry(t, p, s, 0, 2*time.Second)
	})
	inBubble(t, nil, func(t *testing.T, p *peer) {
		s, _ := p.established(invite.Options{})
		retry(t, p, s, 2100*time.Millisecond, 4*time.Second)
	})
}

// But not for ever.
func TestGlareSurfaces(t *testing.T) {
	answered(t, invite.Handler{}, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
		out := p.offer(t.Context(), s, "o2")
		n := 0
		for !out.done() {
			_, inv := p.until("INVITE")
			n++
			p.respond(inv, 491, "", "")
			p.expect("ACK", "")
		}
		_, err := out.get(p)
		p.status(err, 491)
		if n != 6 {
			t.Errorf("tried %d times", n)
		}
		out = p.offer(t.Context(), s, "o3") // a 491 spoils nothing for later
		p.respond(p.expect("INVITE", "o3"), 200, "alice", "a3")
		p.expect("ACK", "")
		out.ok(p)
		p.end(s)
	})
}

// The user's patience ends during the back-off.
func TestGlareContext(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		s, _ := p.established(invite.Options{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		out := p.offer(ctx, s, "o2")
		p.respond(p.expect("INVITE", "o2"), 491, "", "")
		p.expect("ACK", "")
		p.quiet(10 * time.Second)
		if _, err := out.get(p); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		p.end(s)
	})
}

// Both change the session at once: each refuses the other's with 491, and both
// get through in the end.
func TestGlare(t *testing.T) {
	h := invite.Handler{Offer: func(context.Context, *invite.Session, sip.Body) (sip.Body, error) { return sdp("a-in"), nil }}
	answered(t, h, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
		out := p.offer(t.Context(), s, "ours")
		inv := p.expect("INVITE", "ours")
		theirs := p.request(ok, sip.INVITE, 2, "theirs")
		p.ackFailure(theirs, p.expect("491 INVITE", ""))
		p.respond(inv, 491, "", "")
		p.expect("ACK", "")
		// Theirs comes before ours is tried again, and is taken.
		p.request(ok, sip.INVITE, 3, "theirs")
		resp := p.expect("200 INVITE", "a-in")
		p.quiet(400 * time.Millisecond) // ours waits for the ACK
		p.ack(resp, "")
		if s.RemoteBody() != sdp("theirs") {
			t.Errorf("remote %v", s.RemoteBody())
		}
		_, inv = p.until("INVITE")
		p.respond(inv, 200, "alice", "a-out")
		p.expect("ACK", "")
		if got := out.ok(p); got != sdp("a-out") {
			t.Errorf("answer %v", got)
		}
		p.end(s)
	})
}

// ctx ends: CANCEL, and what the peer says then is dealt with.
func TestOfferCancelled(t *testing.T) {
	for _, code := range []int{487, 200, 0} {
		answered(t, invite.Handler{}, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
			ctx, cancel := context.WithCancel(t.Context())
			out := p.offer(ctx, s, "o2")
			inv := p.expect("INVITE", "o2")
			p.respond(inv, 180, "alice", "")
			cancel()
			p.respond(p.expect("CANCEL", ""), 200, "", "")
			if _, err := out.get(p); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			switch code {
			case 487:
				p.respond(inv, 487, "", "")
				p.expect("ACK", "")
			case 200: // it had accepted before: the change stands
				p.respond(inv, 200, "alice", "a2")
				p.expect("ACK", "")
				if s.RemoteBody() != sdp("a2") {
					t.Errorf("remote %v", s.RemoteBody())
				}
			case 0:
				p.quiet(64*t1 + time.Second)
			}
			next := p.offer(t.Context(), s, "o3")
			p.respond(p.expect("INVITE", "o3"), 200, "alice", "a3")
			p.expect("ACK", "")
			next.ok(p)
			p.end(s)
		})
	}
}

// A peer that answers the re-INVITE with 100 and nothing more.
func TestOfferStale(t *testing.T) {
	answered(t, invite.Handler{}, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
		out := p.offer(t.Context(), s, "o2")
		inv := p.expect("INVITE", "o2")
		p.respond(inv, 100, "", "")
		p.quiet(40*time.Second - 1)
		time.Sleep(time.Nanosecond)
		p.respond(p.expect("CANCEL", ""), 200, "", "")
		p.respond(inv, 487, "", "")
		p.expect("ACK", "")
		_, err := out.get(p)
		p.status(err, 408)
		p.end(s)
	})
}

// We ask for the peer's offer, and answer it in the ACK.
func TestOfferLate(t *testing.T) {
	type handler = func(context.Context, *invite.Session, sip.Body) (sip.Body, error)
	var release chan struct{}
	slowly := func(h handler) handler {
		return func(ctx context.Context, s *invite.Session, offer sip.Body) (sip.Body, error) {
			<-release
			return h(ctx, s, offer)
		}
	}
	for name, c := range map[string]struct {
		h      handler
		ack    string
		remote string
	}{
		"answered": {slowly(func(_ context.Context, _ *invite.Session, offer sip.Body) (sip.Body, error) {
			return sdp("ours for " + offer.Data[7:9]), nil
		}), "ours for o2", "o2"},
		"nobody to ask": {nil, "a1", "o2"},
		"refused": {slowly(func(context.Context, *invite.Session, sip.Body) (sip.Body, error) {
			return sip.Body{}, sip.NewStatus(488, "")
		}), "", "o1"},
		"panics": {slowly(func(context.Context, *invite.Session, sip.Body) (sip.Body, error) { panic("boom") }), "", "o1"},
	} {
		t.Run(name, func(t *testing.T) {
			answered(t, invite.Handler{Offer: c.h}, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
				out := p.offer(t.Context(), s, "")
				inv := p.expect("INVITE", "")
				release = make(chan struct{})
				resp := p.respond(inv, 200, "alice", "o2")
				if c.h != nil {
					p.send(resp) // again, while the user thinks
					p.quiet(time.Millisecond)
				}
				close(release)
				p.expect("ACK", c.ack)
				got, err := out.get(p)
				if (err == nil) != (c.ack != "") || err == nil && got != sdp("o2") {
					t.Errorf("got %v, %v", got, err)
				}
				if s.RemoteBody() != sdp(c.remote) {
					t.Errorf("remote %v", s.RemoteBody())
				}
				p.send(resp)
				p.expect("ACK", c.ack)
				p.end(s)
			})
		})
	}
}

// The call ends while a re-INVITE of ours is out: its 2xx is acknowledged all
// the same.
func TestOfferOutlivesCall(t *testing.T) {
	for _, late := range []bool{false, true} {
		answered(t, invite.Handler{}, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
			text, body := "o2", "a2"
			if late {
				text, body = "", "offer"
			}
			out := p.offer(t.Context(), s, text)
			inv := p.expect("INVITE", text)
			p.respond(inv, 180, "alice", "")
			bye := behind(func() (int, error) { return 0, s.Bye(t.Context()) })
			req := p.expect("BYE", "")
			if _, err := out.get(p); !errors.Is(err, dialog.ErrEnded) {
				t.Errorf("got %v", err)
			}
			p.respond(inv, 200, "alice", body)
			p.expect("ACK", "")
			p.respond(req, 200, "", "")
			bye.ok(p)
			if s.RemoteBody() != sdp("o1") {
				t.Error("the session has changed after its end")
			}
		})
	}
}
