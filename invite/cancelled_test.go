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

// RFC 3261 §9.2: 200 to the CANCEL, 487 to the INVITE, with one To tag.
func TestCancelled(t *testing.T) {
	for _, rung := range []bool{false, true} {
		ringing(t, "o1", func(t *testing.T, p *peer, d *desk, inv *sip.Message) {
			tag := ""
			if rung {
				d.in.Ring(180, sip.Body{})
				tag = p.expect("180 INVITE", "").ToTag()
			}
			p.cancel(inv)
			ok := p.expect("200 CANCEL", "")
			resp := p.expect("487 INVITE", "")
			if ok.ToTag() != resp.ToTag() || rung && resp.ToTag() != tag || resp.ToTag() == "" {
				t.Errorf("tags %q, %q, %q", tag, ok.ToTag(), resp.ToTag())
			}
			p.ackFailure(inv, resp)
			synctest.Wait()
			if !errors.Is(context.Cause(d.ctx), invite.ErrCanceled) {
				t.Errorf("cause %v", context.Cause(d.ctx))
			}
			if _, err := d.in.Accept(t.Context(), sdp("a1"), invite.Handler{}); !errors.Is(err, dialog.ErrEnded) {
				t.Errorf("Accept afterwards: %v", err)
			}
			p.quiet(time.Second)
		})
	}
}

// RFC 5407 §3.1.2: a CANCEL that comes after the 200 changes nothing.
func TestCancelledTooLate(t *testing.T) {
	ringing(t, "o1", func(t *testing.T, p *peer, d *desk, inv *sip.Message) {
		s, err := d.in.Accept(t.Context(), sdp("a1"), invite.Handler{})
		if err != nil {
			t.Fatal(err)
		}
		ok := p.expect("200 INVITE", "a1")
		p.cancel(inv)
		p.expect("200 CANCEL", "")
		p.ack(ok, "")
		p.quiet(time.Minute)
		p.cancel(inv)
		p.drain()
		if s.Ended() != nil {
			t.Errorf("the call has ended: %v", s.Ended())
		}
		p.end(s)
	})
}

// A caller may hang up an early dialog with BYE.
func TestByeBeforeAnswer(t *testing.T) {
	ringing(t, "o1", func(t *testing.T, p *peer, d *desk, inv *sip.Message) {
		d.in.Ring(180, sip.Body{})
		ring := p.expect("180 INVITE", "")
		p.request(ring, sip.BYE, 2, "")
		p.ackFailure(inv, p.expect("487 INVITE", ""))
		p.expect("200 BYE", "")
		synctest.Wait()
		p.hangup(context.Cause(d.ctx), true)
	})
}
