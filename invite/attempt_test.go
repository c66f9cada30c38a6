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

// RFC 3665 §3.1: a call placed, with ringing, hung up by us.
func TestCall(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		var end endings
		a, out := p.call(p.Context(), invite.Options{Offer: sdp("o1"), Handler: invite.Handler{Ended: end.hear}})
		var seen []int
		progress := behind(func() (int, error) {
			for pr := range a.Progress(t.Context()) {
				seen = append(seen, pr.Code)
			}
			return 0, nil
		})
		inv := p.expect("INVITE", "o1")
		for _, h := range []string{"Contact", "Allow", "Max-Forwards", "Call-ID", "CSeq"} {
			if !sip.Named(h).Has(inv) {
				t.Errorf("INVITE without %s:\n%s", h, inv)
			}
		}
		p.respond(inv, 100, "", "")
		p.respond(inv, 180, "bob", "")
		p.quiet(time.Second)
		p.respond(inv, 200, "bob", "a1")
		ack := p.expect("ACK", "")
		if got := ack.RawURI(); got != "sip:bob@192.0.2.2" {
			t.Errorf("ACK goes to %s, not to the Contact", got)
		}
		s := out.ok(p)
		if _, err := progress.get(p); err != nil || len(seen) != 2 || seen[0] != 180 || seen[1] != 200 {
			t.Errorf("progress %v", seen)
		}
		if s.LocalBody() != sdp("o1") || s.RemoteBody() != sdp("a1") {
			t.Errorf("bodies %v %v", s.LocalBody(), s.RemoteBody())
		}
		if id := s.ID(); id.RemoteTag != "bob" || id.CallID != inv.CallID() || id.LocalTag != inv.FromTag() {
			t.Errorf("id %v", id)
		}
		p.quiet(time.Minute)

		bye := behind(func() (int, error) { return 0, s.Bye(t.Context()) })
		req := p.expect("BYE", "")
		p.hangup(end.once(p), false) // over for the user before the answer
		p.respond(req, 200, "", "")
		bye.ok(p)
		if err := s.Bye(t.Context()); !errors.Is(err, dialog.ErrEnded) {
			t.Errorf("second Bye: %v", err)
		}
		p.hangup(context.Cause(s.Context()), false)
		p.hangup(end.once(p), false)
	})
}

func TestPeerHangsUp(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		var end endings
		s, ack := p.established(invite.Options{Handler: invite.Handler{Ended: end.hear}})
		ctx := s.Context()
		req := p.within(ack, sip.BYE, 1, "")
		sip.Named("Reason").Set(req, "Q.850;cause=16")
		p.send(req)
		p.expect("200 BYE", "")
		why := end.once(p)
		p.hangup(why, true)
		if h, _ := errors.AsType[*invite.Hangup](why); !sip.Named("Reason").Has(h.Request) {
			t.Error("the Reason of the BYE is lost")
		}
		if context.Cause(ctx) != why || s.Ended() != why {
			t.Errorf("cause %v, ended %v", context.Cause(ctx), s.Ended())
		}
		// A late request of the peer meets nobody.
		p.request(ack, sip.INFO, 2, "")
		p.expect("481 INFO", "")
	})
}

// A failure ends the attempt with the status as it came, redirections included.
func TestRefused(t *testing.T) {
	for _, code := range []int{302, 404, 486, 491, 500, 503, 603} {
		inBubble(t, nil, func(t *testing.T, p *peer) {
			_, out := p.call(t.Context(), invite.Options{Offer: sdp("o1")})
			inv := p.expect("INVITE", "o1")
			p.respond(inv, 180, "bob", "")
			resp := sip.NewResponse(inv, code, "")
			resp.SetToTag("bob")
			sip.Named("Contact").Set(resp, "<sip:carol@192.0.2.3>")
			p.send(resp)
			p.expect("ACK", "")
			_, err := out.get(p)
			st := p.status(err, code)
			if c, err := sip.Contact.Get(st.Response); err != nil || c.URI.User != "carol" {
				t.Errorf("Contact %v %v", c, err)
			}
			p.quiet(time.Second)
		})
	}
}

// Nobody answers at all: timer B.
func TestNoResponse(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		start := time.Now()
		_, err := p.mustWait(invite.Options{Offer: sdp("o1")})
		p.status(err, 408)
		if d := time.Since(start); d != 64*t1 {
			t.Errorf("after %v", d)
		}
		p.drain()
	})
}

// A 100 and then nothing: timer B is off, the stale call timer is not.
func TestSilenceAfterTrying(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		_, out := p.call(t.Context(), invite.Options{Offer: sdp("o1")})
		inv := p.expect("INVITE", "o1")
		p.respond(inv, 100, "", "")
		p.quiet(3*time.Minute - time.Second)
		time.Sleep(time.Second)
		cancel := p.expect("CANCEL", "")
		p.respond(cancel, 200, "bob", "")
		p.respond(inv, 487, "bob", "")
		p.expect("ACK", "")
		_, err := out.get(p)
		p.status(err, 408)
	})
}

// Each provisional response starts the stale call timer anew.
func TestLongRinging(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		_, out := p.call(t.Context(), invite.Options{Offer: sdp("o1")})
		inv := p.expect("INVITE", "o1")
		for range 10 {
			p.respond(inv, 180, "bob", "")
			p.quiet(2 * time.Minute)
		}
		p.respond(inv, 200, "bob", "a1")
		p.expect("ACK", "")
		out.ok(p)
		p.end(out.val)
	})
}

// Early media comes with 183; the first description of a fork is its answer,
// and what follows is ignored.
func TestEarlyMedia(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		a, out := p.call(t.Context(), invite.Options{Offer: sdp("o1")})
		inv := p.expect("INVITE", "o1")
		p.respond(inv, 183, "bob", "early")
		p.respond(inv, 183, "bob", "other")
		p.respond(inv, 200, "bob", "late")
		p.expect("ACK", "")
		s := out.ok(p)
		if s.RemoteBody() != sdp("early") {
			t.Errorf("the answer is %v", s.RemoteBody())
		}
		var bodies []sip.Body
		for pr := range a.Progress(t.Context()) {
			bodies = append(bodies, pr.Body)
			if pr.RemoteTag != "bob" || pr.Response == nil {
				t.Errorf("progress %+v", pr)
			}
		}
		if len(bodies) != 3 || bodies[0] != sdp("early") {
			t.Errorf("bodies %v", bodies)
		}
		p.end(s)
	})
}

// A 2xx need not repeat the answer that came with 183.
func TestEarlyAnswerOnly(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		_, out := p.call(t.Context(), invite.Options{Offer: sdp("o1")})
		inv := p.expect("INVITE", "o1")
		p.respond(inv, 183, "bob", "early")
		p.respond(inv, 200, "bob", "")
		p.expect("ACK", "")
		s := out.ok(p)
		if s.RemoteBody() != sdp("early") {
			t.Errorf("the answer is %v", s.RemoteBody())
		}
		p.end(s)
	})
}

// RFC 3261 §13.2.2.4: every repetition of a 2xx gets the same ACK, for as long
// as one may come.
func TestAckAgain(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		_, out := p.call(t.Context(), invite.Options{Offer: sdp("o1")})
		inv := p.expect("INVITE", "o1")
		ok := p.respond(inv, 200, "bob", "a1")
		first := p.expect("ACK", "")
		s := out.ok(p)
		for range 3 {
			time.Sleep(10 * time.Second)
			p.send(ok)
			if again := p.expect("ACK", ""); again.String() != first.String() {
				t.Errorf("another ACK:\n%s\nfirst was\n%s", again, first)
			}
		}
		p.end(s)
	})
}

// The same when the session is over by then: the BYE may have overtaken the ACK
// that was lost.
func TestAckAgainAfterBye(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		_, out := p.call(t.Context(), invite.Options{Offer: sdp("o1")})
		inv := p.expect("INVITE", "o1")
		ok := p.respond(inv, 200, "bob", "a1")
		p.expect("ACK", "")
		p.end(out.ok(p))
		time.Sleep(20 * time.Second)
		p.send(ok)
		p.expect("ACK", "")
	})
}

// The ACK of a 2xx follows the route set of the 2xx, not the way of the INVITE.
func TestAckRoute(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		_, out := p.call(t.Context(), invite.Options{Offer: sdp("o1"), Headers: []sip.Field{{Name: "Route", Value: "<sip:192.0.2.9;lr>"}}})
		inv := p.expect("INVITE", "o1")
		resp := sip.NewResponse(inv, 200, "")
		resp.SetToTag("bob")
		sip.Named("Contact").Set(resp, "<sip:bob@192.0.2.77:5070>")
		sip.Named("Record-Route").Set(resp, "<sip:192.0.2.31;lr>, <sip:192.0.2.32;lr>")
		resp.SetBody(sdp("a1"))
		p.send(resp)
		ack := p.expect("ACK", "")
		if ack.RawURI() != "sip:bob@192.0.2.77:5070" {
			t.Errorf("ACK to %s", ack.RawURI())
		}
		routes, _ := sip.Route.Values(ack)
		if len(routes) != 2 || routes[0].URI.Host != "192.0.2.32" || routes[1].URI.Host != "192.0.2.31" {
			t.Errorf("routes %v", routes)
		}
		p.end(out.ok(p))
	})
}

// A manager that shuts down places no calls.
func TestStartAfterShutdown(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		if err := p.m.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		a, out := p.call(t.Context(), invite.Options{})
		if _, err := out.get(p); !errors.Is(err, dialog.ErrShutdown) {
			t.Errorf("got %v", err)
		}
		a.Cancel()
		for range a.Progress(t.Context()) {
			t.Error("progress")
		}
		_ = a.String()
	})
}

// Progress ends with its context, and its reader may stop.
func TestProgressStops(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		a, out := p.call(t.Context(), invite.Options{Offer: sdp("o1")})
		ctx, cancel := context.WithCancel(t.Context())
		reader := behind(func() (int, error) {
			n := 0
			for range a.Progress(ctx) {
				n++
			}
			return n, nil
		})
		inv := p.expect("INVITE", "o1")
		for range 100 {
			p.respond(inv, 180, "bob", "")
			synctest.Wait() // the reader keeps up
		}
		cancel()
		if n := reader.ok(p); n != 100 {
			t.Errorf("read %d", n)
		}
		n := 0
		for range a.Progress(t.Context()) {
			if n++; n == 10 {
				break
			}
		}
		p.respond(inv, 486, "bob", "")
		p.expect("ACK", "")
		n = 0
		for range a.Progress(t.Context()) {
			n++
		}
		if n != 64 {
			t.Errorf("%d responses are kept", n)
		}
		_, err := out.get(p)
		p.status(err, 486)
	})
}
