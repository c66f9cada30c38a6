package invite_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"dum/invite"
	"dum/sip"
)

// RFC 3261 §13.3.1.4: the 200 is repeated until the ACK comes.
func Test200Again(t *testing.T) {
	ringing(t, "o1", func(t *testing.T, p *peer, d *desk, inv *sip.Message) {
		s, err := d.in.Accept(t.Context(), sdp("a1"), invite.Handler{})
		if err != nil {
			t.Fatal(err)
		}
		first := p.expect("200 INVITE", "a1")
		for _, wait := range []time.Duration{t1, 2 * t1, 4 * t1, 8 * t1, 8 * t1} {
			p.quiet(wait - 1)
			time.Sleep(time.Nanosecond)
			if again := p.expect("200 INVITE", "a1"); again.String() != first.String() {
				t.Fatalf("another 200:\n%s", again)
			}
		}
		p.send(inv) // absorbed: the 200 is the user agent's to repeat, not the transaction's
		p.quiet(time.Second)
		p.ack(first, "")
		p.quiet(time.Minute)
		p.ack(first, "") // once more, to no effect
		p.quiet(time.Second)
		p.end(s)
	})
}

// No ACK ever: BYE, and the session ends with ErrNoAck.
func TestNoAck(t *testing.T) {
	ringing(t, "o1", func(t *testing.T, p *peer, d *desk, inv *sip.Message) {
		var end endings
		start := time.Now()
		_, err := d.in.Accept(t.Context(), sdp("a1"), invite.Handler{Ended: end.hear})
		if err != nil {
			t.Fatal(err)
		}
		n, bye := p.until("BYE")
		if n != 11 {
			t.Errorf("%d times 200", n)
		}
		if got := time.Since(start); got != 64*t1 {
			t.Errorf("BYE after %v", got)
		}
		if !sip.Named("Reason").Has(bye) {
			t.Error("BYE without a Reason")
		}
		p.respond(bye, 200, "", "")
		if why := end.once(p); !errors.Is(why, invite.ErrNoAck) {
			t.Errorf("ended with %v", why)
		}
	})
}

// until lets time pass until a message of the name comes, and counts the others
// before it.
func (p *peer) until(what string) (int, *sip.Message) {
	p.Helper()
	for n := 0; ; {
		m := p.next()
		switch {
		case m == nil:
			time.Sleep(100 * time.Millisecond)
		case name(m) == what:
			return n, m
		default:
			n++
		}
		if n > 1000 {
			p.Fatalf("no %s", what)
		}
	}
}

// RFC 3261 §15: the callee's BYE waits for the ACK; the user does not.
func TestByeWaitsForAck(t *testing.T) {
	ringing(t, "o1", func(t *testing.T, p *peer, d *desk, inv *sip.Message) {
		var end endings
		s, err := d.in.Accept(t.Context(), sdp("a1"), invite.Handler{Ended: end.hear})
		if err != nil {
			t.Fatal(err)
		}
		ok := p.expect("200 INVITE", "a1")
		bye := behind(func() (int, error) {
			return 0, s.Bye(t.Context(), sip.Field{Name: "Reason", Value: "SIP;cause=200;text=x"})
		})
		p.quiet(t1 - 1)
		p.hangup(end.once(p), false)
		time.Sleep(time.Nanosecond)
		p.expect("200 INVITE", "a1") // repeated as before
		p.request(ok, sip.INFO, 2, "")
		p.expect("481 INFO", "")
		p.ack(ok, "")
		req := p.expect("BYE", "")
		if mustNamed(req, "Reason") != "SIP;cause=200;text=x" {
			t.Error("the Reason is lost")
		}
		if bye.done() {
			t.Error("Bye has returned before its answer")
		}
		p.respond(req, 200, "", "")
		bye.ok(p)
		end.once(p)
	})
}

// And goes out without one when the time is over.
func TestByeWithoutAck(t *testing.T) {
	ringing(t, "o1", func(t *testing.T, p *peer, d *desk, inv *sip.Message) {
		var end endings
		s, _ := d.in.Accept(t.Context(), sdp("a1"), invite.Handler{Ended: end.hear})
		bye := behind(func() (int, error) { return 0, s.Bye(t.Context()) })
		_, req := p.until("BYE")
		p.respond(req, 200, "", "")
		bye.ok(p)
		p.hangup(end.once(p), false)
	})
}

// RFC 5407 §3.1.6: BYE though the ACK was lost.
func TestByeInsteadOfAck(t *testing.T) {
	ringing(t, "o1", func(t *testing.T, p *peer, d *desk, inv *sip.Message) {
		var end endings
		d.in.Accept(t.Context(), sdp("a1"), invite.Handler{Ended: end.hear})
		ok := p.expect("200 INVITE", "a1")
		p.request(ok, sip.BYE, 2, "")
		p.expect("200 BYE", "")
		p.quiet(time.Minute)
		p.hangup(end.once(p), true)
	})
}

// A caller that makes no offer gets ours, and answers in the ACK.
func TestAnswerInAck(t *testing.T) {
	ringing(t, "", func(t *testing.T, p *peer, d *desk, inv *sip.Message) {
		if !d.in.Offer().IsZero() {
			t.Error("an offer out of nothing")
		}
		var got sip.Body
		s, err := d.in.Accept(t.Context(), sdp("ours"), invite.Handler{Answered: func(_ *invite.Session, b sip.Body) { got = b }})
		if err != nil {
			t.Fatal(err)
		}
		ok := p.expect("200 INVITE", "ours")
		// RFC 5407 §3.1.5: with our offer open, a re-INVITE has to wait.
		re := p.request(ok, sip.INVITE, 2, "o2")
		p.ackFailure(re, p.expect("491 INVITE", ""))
		p.ack(ok, "theirs")
		p.quiet(time.Second)
		if got != sdp("theirs") || s.RemoteBody() != got || s.LocalBody() != sdp("ours") {
			t.Errorf("answered %v, bodies %v %v", got, s.LocalBody(), s.RemoteBody())
		}
		p.ack(ok, "other")
		p.quiet(time.Second)
		if s.RemoteBody() != sdp("theirs") {
			t.Error("a repeated ACK has changed the session")
		}
		p.end(s)
	})
}

// No answer in the ACK though one is due: there is nothing to speak of.
func TestNoAnswerInAck(t *testing.T) {
	ringing(t, "", func(t *testing.T, p *peer, d *desk, inv *sip.Message) {
		var end endings
		d.in.Accept(t.Context(), sdp("ours"), invite.Handler{Ended: end.hear})
		p.ack(p.expect("200 INVITE", "ours"), "")
		p.respond(p.expect("BYE", ""), 200, "", "")
		if why := end.once(p); !errors.Is(why, invite.ErrNoAnswer) {
			t.Errorf("ended with %v", why)
		}
	})
}

// A call without descriptions on either side.
func TestAnswerWithoutDescriptions(t *testing.T) {
	ringing(t, "", func(t *testing.T, p *peer, d *desk, inv *sip.Message) {
		s, err := d.in.Accept(t.Context(), sip.Body{}, invite.Handler{})
		if err != nil {
			t.Fatal(err)
		}
		p.ack(p.expect("200 INVITE", ""), "")
		p.end(s)
	})
}

// A body that is no session description is no offer.
func TestOtherBody(t *testing.T) {
	d := &desk{}
	inBubble(t, func(ctx context.Context, in *invite.Incoming) error { return d.handle(ctx, in) }, func(t *testing.T, p *peer) {
		d.done = make(chan error, 1)
		inv := p.newInvite("o1")
		sip.Named("Content-Disposition").Set(inv, "render;handling=optional")
		p.send(inv)
		p.quiet(time.Millisecond)
		if !d.in.Offer().IsZero() {
			t.Errorf("offer %v", d.in.Offer())
		}
		s, err := d.in.Accept(t.Context(), sdp("ours"), invite.Handler{})
		if err != nil {
			t.Fatal(err)
		}
		p.ack(p.expect("200 INVITE", "ours"), "theirs")
		d.done <- nil
		p.end(s)
	})
}
