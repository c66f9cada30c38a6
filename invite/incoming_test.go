package invite_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"dum/dialog"
	"dum/invite"
	"dum/sip"
)

// A desk is the user of an answering manager, played by the test: each call
// that comes in waits until the test says what its handler returns.
type desk struct {
	in   *invite.Incoming
	ctx  context.Context
	done chan error
}

func (d *desk) handle(ctx context.Context, in *invite.Incoming) error {
	d.in, d.ctx = in, ctx
	return <-d.done
}

// ringing runs f with a call that has come in and waits for its answer.
func ringing(t *testing.T, offer string, f func(t *testing.T, p *peer, d *desk, inv *sip.Message)) {
	t.Helper()
	d := &desk{done: make(chan error, 1)}
	inBubble(t, func(ctx context.Context, in *invite.Incoming) error { return d.handle(ctx, in) }, func(t *testing.T, p *peer) {
		d.done = make(chan error, 1) // of this bubble
		inv := p.newInvite(offer)
		p.send(inv)
		synctest.Wait()
		if d.in == nil {
			t.Fatal("no call has come in")
		}
		f(t, p, d, inv)
		select {
		case d.done <- nil:
		default:
		}
	})
}

// answered runs f with a call that was answered and acknowledged.
func answered(t *testing.T, h invite.Handler, f func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message)) {
	t.Helper()
	ringing(t, "o1", func(t *testing.T, p *peer, d *desk, inv *sip.Message) {
		s, err := d.in.Accept(t.Context(), sdp("a1"), h)
		if err != nil {
			t.Fatal(err)
		}
		ok := p.expect("200 INVITE", "a1")
		p.ack(ok, "")
		f(t, p, s, ok)
	})
}

// RFC 3665 §3.1 from the other side: rung, answered, hung up by the caller.
func TestAnswer(t *testing.T) {
	ringing(t, "o1", func(t *testing.T, p *peer, d *desk, inv *sip.Message) {
		if d.in.Offer() != sdp("o1") || d.in.From().URI.User != "alice" || d.in.Request().CallID() != inv.CallID() {
			t.Errorf("came in as %v from %v with %v", d.in, d.in.From(), d.in.Offer())
		}
		if err := d.in.Ring(180, sip.Body{}, sip.Field{Name: "Alert-Info", Value: "<urn:alert:x>"}); err != nil {
			t.Fatal(err)
		}
		ring := p.expect("180 INVITE", "")
		if !sip.Named("Alert-Info").Has(ring) || !sip.Contact.Has(ring) || ring.ToTag() == "" {
			t.Errorf("rings with\n%s", ring)
		}
		var end endings
		s, err := d.in.Accept(t.Context(), sdp("a1"), invite.Handler{Ended: end.hear}, sip.Field{Name: "X-Mood", Value: "good"})
		if err != nil {
			t.Fatal(err)
		}
		ok := p.expect("200 INVITE", "a1")
		if ok.ToTag() != ring.ToTag() {
			t.Error("the tag has changed")
		}
		for _, h := range []string{"Contact", "Allow", "X-Mood"} {
			if !sip.Named(h).Has(ok) {
				t.Errorf("200 without %s:\n%s", h, ok)
			}
		}
		p.ack(ok, "")
		p.quiet(time.Minute)
		if s.LocalBody() != sdp("a1") || s.RemoteBody() != sdp("o1") {
			t.Errorf("bodies %v %v", s.LocalBody(), s.RemoteBody())
		}
		p.request(ok, sip.BYE, 2, "")
		p.expect("200 BYE", "")
		p.hangup(end.once(p), true)
		d.done <- nil
		p.quiet(time.Second) // the handler had its say
	})
}

// RFC 3261 §13.3.1.1: a ringing response is repeated every minute.
func TestRingAgain(t *testing.T) {
	ringing(t, "o1", func(t *testing.T, p *peer, d *desk, inv *sip.Message) {
		d.in.Ring(180, sip.Body{})
		p.expect("180 INVITE", "")
		d.in.Ring(183, sdp("early"))
		first := p.expect("183 INVITE", "early")
		for range 3 {
			p.quiet(time.Minute - 1)
			time.Sleep(time.Nanosecond)
			if again := p.expect("183 INVITE", "early"); again.String() != first.String() {
				t.Errorf("repeats something else:\n%s", again)
			}
		}
		if err := d.in.Ring(183, sdp("another")); !errors.Is(err, invite.ErrBody) {
			t.Errorf("a second answer: %v", err)
		}
		if _, err := d.in.Accept(t.Context(), sdp("another"), invite.Handler{}); !errors.Is(err, invite.ErrBody) {
			t.Errorf("a second answer: %v", err)
		}
		s, err := d.in.Accept(t.Context(), sip.Body{}, invite.Handler{})
		if err != nil {
			t.Fatal(err)
		}
		p.ack(p.expect("200 INVITE", "early"), "")
		p.quiet(5 * time.Minute)
		p.end(s)
	})
}

// Every status of 300 and above, by method and by error.
func TestReject(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(d *desk)
		want string
	}{
		{"Reject", func(d *desk) { d.in.Reject(sip.NewStatus(486, "")) }, "486 INVITE"},
		{"error", func(d *desk) { d.done <- sip.NewStatus(603, "Go Away") }, "603 INVITE"},
		{"some other error", func(d *desk) { d.done <- errors.New("disk full") }, "500 INVITE"},
		{"nil without an answer", func(d *desk) { d.done <- nil }, "480 INVITE"},
		{"context error", func(d *desk) { d.done <- context.DeadlineExceeded }, "480 INVITE"},
		{"redirect", func(d *desk) {
			d.in.Redirect(302, sip.Addr{URI: sip.URI{Scheme: "sip", User: "carol", Host: "192.0.2.3"}})
		}, "302 INVITE"},
		{"after ringing", func(d *desk) { d.in.Ring(180, sip.Body{}); d.in.Reject(sip.NewStatus(480, "")) }, "180 INVITE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ringing(t, "o1", func(t *testing.T, p *peer, d *desk, inv *sip.Message) {
				c.do(d)
				resp := p.expect(c.want, "")
				if resp.Code() == 180 {
					tag := resp.ToTag()
					resp = p.expect("480 INVITE", "")
					if resp.ToTag() != tag {
						t.Error("the tag has changed")
					}
				}
				if resp.Code() == 302 {
					if a, err := sip.Contact.Get(resp); err != nil || a.URI.User != "carol" {
						t.Errorf("Contact %v %v", a, err)
					}
				}
				p.ackFailure(inv, resp)
				synctest.Wait()
				if _, err := d.in.Accept(t.Context(), sdp("a1"), invite.Handler{}); !errors.Is(err, dialog.ErrEnded) {
					t.Errorf("Accept afterwards: %v", err)
				}
				if err := d.in.Ring(180, sip.Body{}); !errors.Is(err, dialog.ErrEnded) {
					t.Errorf("Ring afterwards: %v", err)
				}
				if err := d.in.Reject(sip.NewStatus(486, "")); !errors.Is(err, dialog.ErrEnded) {
					t.Errorf("Reject afterwards: %v", err)
				}
				p.quiet(time.Second)
			})
		})
	}
}

func TestHandlerPanics(t *testing.T) {
	inBubble(t, func(context.Context, *invite.Incoming) error { panic("boom") }, func(t *testing.T, p *peer) {
		inv := p.newInvite("o1")
		p.send(inv)
		p.ackFailure(inv, p.expect("500 INVITE", ""))
	})
}

func TestNoHandler(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		inv := p.newInvite("o1")
		p.send(inv)
		resp := p.expect("405 INVITE", "")
		if !sip.Named("Allow").Has(resp) {
			t.Error("405 without Allow")
		}
		p.ackFailure(inv, resp)
	})
}

// Arguments that cannot be are refused before anything is sent.
func TestBadArguments(t *testing.T) {
	ringing(t, "", func(t *testing.T, p *peer, d *desk, inv *sip.Message) {
		for name, err := range map[string]error{
			"Ring 100":              d.in.Ring(100, sip.Body{}),
			"Ring 200":              d.in.Ring(200, sip.Body{}),
			"Ring with an offer":    d.in.Ring(183, sdp("x")),
			"Reject nil":            d.in.Reject(nil),
			"Reject 200":            d.in.Reject(sip.NewStatus(200, "")),
			"Redirect 486":          d.in.Redirect(486, sip.Addr{}),
			"Redirect to nowhere":   d.in.Redirect(302),
			"Accept after its time": accept(t, d, true, sdp("x")),
		} {
			if err == nil {
				t.Errorf("%s: no error", name)
			}
		}
		p.quiet(time.Millisecond)
		d.in.Reject(sip.NewStatus(486, ""))
		p.ackFailure(inv, p.expect("486 INVITE", ""))
	})
	ringing(t, "o1", func(t *testing.T, p *peer, d *desk, inv *sip.Message) {
		if err := accept(t, d, false, sip.Body{}); !errors.Is(err, invite.ErrBody) {
			t.Errorf("Accept without the answer: %v", err)
		}
		p.quiet(time.Millisecond)
		d.in.Reject(sip.NewStatus(486, ""))
		p.ackFailure(inv, p.expect("486 INVITE", ""))
	})
}

func accept(t *testing.T, d *desk, expired bool, body sip.Body) error {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if expired {
		cancel()
	}
	_, err := d.in.Accept(ctx, body, invite.Handler{})
	return err
}

// Other requests on the early dialog do not touch the call.
func TestRequestsBeforeAnswer(t *testing.T) {
	ringing(t, "o1", func(t *testing.T, p *peer, d *desk, inv *sip.Message) {
		d.in.Ring(180, sip.Body{})
		ring := p.expect("180 INVITE", "")
		p.request(ring, sip.OPTIONS, 2, "")
		p.expect("200 OPTIONS", "")
		p.request(ring, sip.INFO, 3, "")
		p.expect("405 INFO", "")
		p.request(ring, sip.UPDATE, 4, "u")
		p.expect("405 UPDATE", "")
		re := p.request(ring, sip.INVITE, 5, "o2")
		resp := p.expect("500 INVITE", "")
		if v, err := sip.Named("Retry-After").Get(resp); err != nil || len(v) > 2 {
			t.Errorf("Retry-After %q %v", v, err)
		}
		p.ackFailure(re, resp)
		s, err := d.in.Accept(t.Context(), sdp("a1"), invite.Handler{})
		if err != nil {
			t.Fatal(err)
		}
		p.ack(p.expect("200 INVITE", "a1"), "")
		p.end(s)
	})
}

// RFC 3261 §13.3.1: an invitation expires when its Expires says so.
func TestExpires(t *testing.T) {
	d := &desk{}
	inBubble(t, func(ctx context.Context, in *invite.Incoming) error { return d.handle(ctx, in) }, func(t *testing.T, p *peer) {
		d.done = make(chan error, 1)
		inv := p.newInvite("o1")
		sip.Named("Expires").Set(inv, "10")
		p.send(inv)
		p.quiet(10*time.Second - 1)
		time.Sleep(time.Nanosecond)
		p.ackFailure(inv, p.expect("487 INVITE", ""))
		synctest.Wait()
		if !errors.Is(context.Cause(d.ctx), invite.ErrExpired) {
			t.Errorf("cause %v", context.Cause(d.ctx))
		}
		d.done <- nil
	})
}

// An INVITE whose Contact cannot be answered to gets 400.
func TestNoContact(t *testing.T) {
	d := &desk{}
	inBubble(t, func(ctx context.Context, in *invite.Incoming) error { return d.handle(ctx, in) }, func(t *testing.T, p *peer) {
		d.done = make(chan error, 1)
		inv := p.newInvite("o1")
		sip.Contact.Remove(inv)
		p.send(inv)
		synctest.Wait()
		if d.in != nil {
			_, err := d.in.Accept(t.Context(), sdp("a1"), invite.Handler{})
			p.status(err, 400)
			d.done <- nil
		}
		p.ackFailure(inv, p.expect("400 INVITE", ""))
	})
}

// Shutdown refuses calls that have not been answered.
func TestShutdownRefuses(t *testing.T) {
	ringing(t, "o1", func(t *testing.T, p *peer, d *desk, inv *sip.Message) {
		d.in.Ring(180, sip.Body{})
		p.expect("180 INVITE", "")
		down := behind(func() (int, error) { return 0, p.m.Shutdown(t.Context()) })
		p.ackFailure(inv, p.expect("480 INVITE", ""))
		down.ok(p)
		if !errors.Is(context.Cause(d.ctx), dialog.ErrShutdown) {
			t.Errorf("cause %v", context.Cause(d.ctx))
		}
	})
}

// Handlers may stay for the length of the call: its callbacks do not wait for
// them.
func TestHandlerStays(t *testing.T) {
	var end endings
	stays := func(ctx context.Context, in *invite.Incoming) error {
		s, err := in.Accept(ctx, sdp("a1"), invite.Handler{
			Ended: end.hear,
			Offer: func(context.Context, *invite.Session, sip.Body) (sip.Body, error) { return sdp("a2"), nil },
		})
		if err != nil {
			return err
		}
		<-s.Context().Done()
		return nil
	}
	inBubble(t, stays, func(t *testing.T, p *peer) {
		p.send(p.newInvite("o1"))
		ok := p.expect("200 INVITE", "a1")
		p.ack(ok, "")
		p.request(ok, sip.INVITE, 2, "o2")
		p.ack(p.expect("200 INVITE", "a2"), "")
		p.request(ok, sip.BYE, 3, "")
		p.expect("200 BYE", "")
		p.hangup(end.once(p), true)
	})
}
