package dialog

import (
	"context"
	"errors"
	"fmt"

	"dum/auth"
	"dum/resolve"
	"dum/sip"
	"dum/stack"
)

// Send starts r: it returns at once, and OnResponse hears the rest. The set
// lives until that has happened.
func (s *Set) Send(t *Turn, r *Request) {
	r.set = s
	s.holds++
	s.address(r)
	hop, err := nextHop(r.Msg, r.Dialog)
	if err != nil {
		s.fail(t, r, err)
		return
	}
	q := resolve.QueryOf(hop)
	if targets, ok := resolve.Numeric(q); ok {
		r.targets = targets
		s.try(t, r)
		return
	}
	s.resolve(r, q)
}

// address fills in what the set knows: From, To, Call-ID and CSeq of a request
// outside of dialogs, and the headers of the profile.
func (s *Set) address(r *Request) {
	m := r.Msg
	if r.Dialog == nil {
		s.addressOutside(m)
	}
	if s.profile.UserAgent != "" && !sip.UserAgent.Has(m) {
		sip.UserAgent.Set(m, s.profile.UserAgent)
	}
	if m.Method() == sip.INVITE || m.Method() == sip.OPTIONS {
		s.manager.capabilities(m)
	}
}

// nextHop is the URI that decides where a request goes.
//
// RFC 3261 §8.1.2: the next hop is the topmost Route value, if there is one,
// else the Request-URI, "and if the first element of the route set is a strict
// router" the Request-URI too, for there the strict router stands.
func nextHop(m *sip.Message, d *Dialog) (sip.URI, error) {
	if !sip.Route.Has(m) || d != nil && d.m.Strict {
		return m.URI()
	}
	route, err := sip.Route.Get(m)
	return route.URI, err
}

// resolve looks the next hop up outside of the turn and comes back with the
// targets. The goroutine lives as long as the look-up, which ends with the
// time that a request has.
func (s *Set) resolve(r *Request, q resolve.Query) {
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), s.manager.stack.Timers().B())
		defer cancel()
		targets, err := s.manager.stack.Resolve(ctx, q)
		s.Do(func(t *Turn) {
			if err != nil {
				s.fail(t, r, fmt.Errorf("%w: %w", ErrNoTarget, err))
				return
			}
			r.targets = targets
			s.try(t, r)
		})
	}()
}

// try sends r to the first target that a flow can be had for.
func (s *Set) try(t *Turn, r *Request) {
	if r.canceled {
		s.fail(t, r, ErrCanceled)
		return
	}
	err := error(ErrNoTarget)
	for len(r.targets) > 0 {
		target := r.targets[0]
		r.targets = r.targets[1:]
		if r.flow, err = s.manager.stack.Flow(target); err == nil {
			s.transmit(t, r)
			return
		}
	}
	s.fail(t, r, err)
}

// transmit gives r to a client transaction of its own.
func (s *Set) transmit(t *Turn, r *Request) {
	m := r.Msg
	if makesDialog(m.Method()) && !sip.Contact.Has(m) {
		// RFC 3261 §8.1.1.8: the Contact "MUST be present and contain exactly one
		// SIP or SIPS URI in any request that can result in the establishment of a
		// dialog".
		sip.Contact.Set(m, s.contact(r.flow, s.profile.User(), isSecure(m)))
	}
	if s.auth != nil {
		s.auth.Authorize(m)
	}
	tx, err := t.Send(m, r.flow, (*client)(r))
	if err != nil {
		s.fail(t, r, err)
		return
	}
	r.tx = tx
}

// client is a request as the stack's client transaction user.
type client Request

// RecvResponse takes a response of the transaction under way.
func (c *client) RecvResponse(t *Turn, tx *stack.ClientTx, in *Inbound) {
	r := (*Request)(c)
	s := r.set
	code := in.Msg.Code()
	if tx == r.tx && (code == 401 || code == 407) && !r.canceled && s.answerChallenge(t, r, in) {
		s.leave(t)
		return
	}
	s.deliver(t, r, &Response{Inbound: in, Request: r})
	s.leave(t)
}

// TxFailed takes the end of a transaction that got no final response.
func (c *client) TxFailed(t *Turn, tx *stack.ClientTx, err error) {
	r := (*Request)(c)
	if tx == r.tx {
		r.set.fail(t, r, err)
	}
	r.set.leave(t)
}

// answerChallenge sends r again with credentials, if there are any for what
// the 401 or 407 asks.
//
// RFC 3261 §22.2: "When a UAC resubmits a request with its credentials after
// receiving a 401 (Unauthorized) or 407 (Proxy Authentication Required)
// response, it MUST increment the CSeq header field value as it would
// normally when sending an updated request."
func (s *Set) answerChallenge(t *Turn, r *Request, in *Inbound) bool {
	if s.auth == nil {
		if len(s.profile.Credentials) == 0 {
			return false
		}
		s.auth = &auth.Client{}
	}
	again, err := s.auth.Challenged(r.Msg, in.Msg, s.profile.Credentials)
	if err != nil || !again {
		return false
	}
	next := r.Msg.Clone() // the old one is still its transaction's
	sip.Via.RemoveFirst(next)
	seq := sip.Seq{Method: next.Method()}
	if r.Dialog != nil {
		seq.Number = r.Dialog.m.NextSeq()
	} else {
		seq.Number = s.nextSeq()
	}
	sip.CSeq.Set(next, seq)
	r.Msg = next
	s.transmit(t, r)
	return true
}

// deliver hands a response to the usage. The first final one ends the hold
// that the request has on the set.
func (s *Set) deliver(t *Turn, r *Request, resp *Response) {
	if code := resp.Code(); code >= 200 && !r.final {
		r.final = true
		s.holds--
	}
	r.OnResponse(t, resp)
}

// fail ends r with a local failure, once.
func (s *Set) fail(t *Turn, r *Request, err error) {
	if !r.final {
		s.deliver(t, r, &Response{Request: r, Err: err})
	}
}

func isTimeout(err error) bool {
	return errors.Is(err, stack.ErrTimeout) || errors.Is(err, context.DeadlineExceeded)
}

func isCanceled(err error) bool {
	return errors.Is(err, ErrCanceled) || errors.Is(err, stack.ErrCanceled)
}
