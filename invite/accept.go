package invite

import (
	"context"
	"fmt"

	"dum/dialog"
	"dum/internal/machine/lifecycle"
	"dum/internal/machine/oa"
	"dum/sip"
)

// Ring sends a provisional response, 101 to 199, and repeats it every minute as
// long as the call is not answered. A body is early media: the answer ahead of
// its time, which Accept then says again; it must not be there when the caller
// has made no offer. Headers go into the response.
func (in *Incoming) Ring(code int, body sip.Body, headers ...sip.Field) error {
	if code <= 100 || code > 199 {
		return fmt.Errorf("invite: Ring with %d", code)
	}
	err := error(dialog.ErrEnded)
	inTurn(in.set, func(t *dialog.Turn) { err = in.sendRing(t, code, body, headers) })
	return err
}

func (in *Incoming) sendRing(t *dialog.Turn, code int, body sip.Body, headers []sip.Field) error {
	switch in.life.State() {
	case lifecycle.Proceeding, lifecycle.Early:
	case lifecycle.Accepted, lifecycle.Confirmed, lifecycle.Ending, lifecycle.Ended:
		return dialog.ErrEnded
	}
	switch in.oa.Send(oa.Provisional, !body.IsZero()) {
	case oa.Preview:
		if !in.early.IsZero() && in.early != body {
			// RFC 3261 §13.2.1: "That same exact answer MAY also be placed in any
			// provisional responses sent prior to the answer."
			return ErrBody
		}
		in.early = body
	case oa.Nothing:
	case oa.Offer, oa.Answer, oa.Ignored, oa.Missing, oa.Illegal:
		return ErrBody
	}
	if err := in.open(t, dialog.Early); err != nil {
		return err
	}
	in.life.Ring(t.Now(), in.set.Profile().ProvisionalTime())
	in.ring = in.set.NewResponse(t, in.tx, code, "")
	addHeaders(in.ring, headers)
	if !body.IsZero() {
		in.ring.SetBody(body)
	}
	return in.set.Respond(t, in.tx, in.ring)
}

// open makes the dialog, or refuses an INVITE that cannot make one.
func (in *Incoming) open(t *dialog.Turn, state dialog.State) error {
	d, st := in.set.UASDialog(t, in.tx, state)
	if st != nil {
		in.end(t, in.life.Reject(), st, st)
		return st
	}
	if in.dialog == nil {
		in.dialog = d
		in.set.RemoveUsage(t, (*callee)(in))
		d.AddUsage(t, (*callee)(in))
	}
	return nil
}

// Accept answers the call with a 200 and returns its session at once; the ACK
// is the session's business, and should it never come, the session ends with
// [ErrNoAck]. body is the answer to [Incoming.Offer]; zero repeats the one that
// Ring has sent. When the caller made no offer, body is ours, and the answer
// comes with the ACK: see Handler.Answered. Headers go into the 200.
//
// Accept returns [dialog.ErrEnded] when the caller has given up, and [ErrBody],
// without having answered, when body is not what is due.
func (in *Incoming) Accept(ctx context.Context, body sip.Body, h Handler, headers ...sip.Field) (*Session, error) {
	var s *Session
	err := error(dialog.ErrEnded)
	inTurn(in.set, func(t *dialog.Turn) {
		switch in.life.State() {
		case lifecycle.Proceeding, lifecycle.Early:
			if err = context.Cause(ctx); err == nil {
				s, err = in.accept(t, body, h, headers)
			}
		case lifecycle.Accepted, lifecycle.Confirmed, lifecycle.Ending, lifecycle.Ended:
		}
	})
	return s, err
}

func (in *Incoming) accept(t *dialog.Turn, body sip.Body, h Handler, headers []sip.Field) (*Session, error) {
	if body.IsZero() {
		body = in.early
	}
	if !in.early.IsZero() && body != in.early {
		return nil, ErrBody // see Ring
	}
	meaning := in.oa.Send(oa.Success, !body.IsZero())
	switch meaning {
	case oa.Answer, oa.Offer, oa.Nothing:
	case oa.Preview, oa.Ignored, oa.Missing, oa.Illegal:
		return nil, ErrBody
	}
	if err := in.open(t, dialog.Confirmed); err != nil {
		return nil, err
	}
	in.life.Accept()
	s := newSession(in.set, in.dialog, h)
	s.life, s.oa = lifecycle.Callee(), in.oa
	s.mod.Recv() // until the ACK the INVITE is a change of theirs under way
	s.mod.Answered(true, meaning == oa.Offer)
	x := twoxx{tx: in.tx, first: true}
	if meaning == oa.Offer {
		x.offer = body
	} else {
		s.media.Store(&media{local: body, remote: in.offer})
	}
	in.dialog.AddUsage(t, (*usage)(s))
	in.leave(t)
	resp := in.set.NewResponse(t, in.tx, 200, "")
	addHeaders(resp, headers)
	if !body.IsZero() {
		resp.SetBody(body)
	}
	in.ring = nil
	s.send2xx(t, x, resp)
	return s, nil
}

// Reject refuses the call with a status of 300 and above.
func (in *Incoming) Reject(st *sip.Status) error {
	if st == nil || st.Code < 300 || st.Code > 699 {
		return fmt.Errorf("invite: Reject with %v", st)
	}
	err := error(dialog.ErrEnded)
	inTurn(in.set, func(t *dialog.Turn) { err = in.reject(t, st) })
	return err
}

func (in *Incoming) reject(t *dialog.Turn, st *sip.Status) error {
	do := in.life.Reject()
	if do.Has(lifecycle.Refuse) {
		return dialog.ErrEnded
	}
	in.end(t, do, st, dialog.ErrEnded)
	return nil
}

// Redirect sends the caller elsewhere, with a code of 300 to 399: 302 if it is
// for this call only.
func (in *Incoming) Redirect(code int, to ...sip.Addr) error {
	if code < 300 || code > 399 || len(to) == 0 {
		return fmt.Errorf("invite: Redirect with %d to %d addresses", code, len(to))
	}
	st := sip.NewStatus(code, "")
	for _, a := range to {
		st = st.With("Contact", a.String())
	}
	return in.Reject(st)
}
