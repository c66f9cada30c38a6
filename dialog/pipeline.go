package dialog

import (
	"fmt"

	"dum/resolve"
	"dum/sip"
	"dum/stack"
)

// Send starts r: it returns at once, and OnResponse hears the rest, in later
// turns. The set lives until that has happened.
func (s *Set) Send(t *Turn, r *Request) {
	r.set = s
	if s.closed {
		err := ErrEnded
		if s.manager.draining.Load() {
			err = ErrShutdown
		}
		s.failSoon(r, err)
		return
	}
	s.enlist(r)
	if r.canceled {
		s.failSoon(r, ErrCanceled)
		return
	}
	s.address(r)
	hop, err := nextHop(r.Msg, r.strict)
	if err != nil {
		s.failSoon(r, fmt.Errorf("%w: %w", ErrNoTarget, err))
		return
	}
	q := resolve.QueryOf(hop)
	if targets, ok := resolve.Numeric(q); ok {
		r.targets = targets
		if err := s.try(t, r, ErrNoTarget); err != nil {
			s.failSoon(r, err)
		}
		return
	}
	r.stop = s.lookup(q, func(t *Turn, targets []resolve.Target, err error) {
		if err == nil && !r.final {
			r.targets = targets
			err = s.try(t, r, ErrNoTarget)
		}
		if err != nil {
			s.fail(t, r, err)
		}
	})
}

// enlist adds r to the requests under way.
func (s *Set) enlist(r *Request) {
	p := &s.requests
	for *p != nil {
		p = &(*p).next
	}
	*p = r
}

func (s *Set) delist(r *Request) {
	for p := &s.requests; *p != nil; p = &(*p).next {
		if *p == r {
			*p, r.next = r.next, nil
			return
		}
	}
}

// address fills in what the set knows: From, To, Call-ID and CSeq of a request
// outside of dialogs, and the headers of the profile.
func (s *Set) address(r *Request) {
	m := r.Msg
	if r.Dialog == nil {
		r.strict = s.addressOutside(m)
	} else {
		r.strict = r.Dialog.m.Strict
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
// RFC 3261 §8.1.2: "If the first element in the route set indicated a strict
// router (resulting in forming the request as described in Section 12.2.1.1),
// the procedures MUST be applied to the Request-URI of the request. Otherwise,
// the procedures are applied to the first Route header field value in the request
// (if one exists), or to the request's Request-URI if there is no Route header
// field present."
func nextHop(m *sip.Message, strict bool) (sip.URI, error) {
	if strict || !sip.Route.Has(m) {
		return m.URI()
	}
	route, err := sip.Route.Get(m)
	return route.URI, err
}

// try sends r to the next target that takes it. The error is that of the last
// one, or the given one when there is none.
func (s *Set) try(t *Turn, r *Request, err error) error {
	for len(r.targets) > 0 {
		target := r.targets[0]
		r.targets = r.targets[1:]
		if r.flow, err = s.manager.stack.Flow(target); err != nil {
			continue
		}
		if err = s.transmit(t, r); err == nil {
			return nil
		}
	}
	return err
}

// transmit gives r to a client transaction of its own.
func (s *Set) transmit(t *Turn, r *Request) error {
	m := r.Msg
	if r.contact = r.contact || makesDialog(m.Method()) && !sip.Contact.Has(m); r.contact {
		// RFC 3261 §8.1.1.8: the Contact "MUST be present and contain exactly one
		// SIP or SIPS URI in any request that can result in the establishment of a
		// dialog".
		sip.Contact.Set(m, s.contact(r.flow, s.profile.User(), goesSecure(m)))
	}
	if s.auth != nil {
		s.auth.Authorize(m)
	}
	r.heard = false
	tx, err := t.Send(m, r.flow, (*client)(r))
	if err != nil {
		sip.Via.RemoveFirst(m) // that of the next attempt will be another
		return err
	}
	r.tx = tx
	return nil
}

// again makes the request that is sent in place of r: the same, but for what
// belongs to the transaction.
func (r *Request) again() {
	next := r.Msg.Clone() // the old one is still its transaction's
	sip.Via.RemoveFirst(next)
	r.Msg = next
}

// client is a request as the stack's client transaction user.
type client Request

// RecvResponse takes a response of the transaction under way.
func (c *client) RecvResponse(t *Turn, tx *stack.ClientTx, in *Inbound) {
	r := (*Request)(c)
	s := r.set
	r.heard = true
	code := in.Msg.Code()
	if tx == r.tx && (code == 401 || code == 407) && !r.canceled && s.answerChallenge(t, r, in) {
		s.leave(t)
		return
	}
	s.deliver(t, r, &Response{Inbound: in, Request: r})
	s.leave(t)
}

// TxFailed takes the end of a transaction that got no final response.
//
// RFC 3263 §4.3: "failure occurs if the transaction layer reports (…) a transport
// failure of some sort", and "if the transaction layer times out without ever
// having received any response". Then "the client SHOULD create a new request,
// which is identical to the previous, but has a different value of the Via branch
// ID than the previous (…). That request is sent to the next element in the list".
func (c *client) TxFailed(t *Turn, tx *stack.ClientTx, err error) {
	r := (*Request)(c)
	s := r.set
	if tx == r.tx {
		if len(r.targets) > 0 && !r.canceled && !r.heard {
			r.again()
			err = s.try(t, r, err)
		}
		if err != nil {
			s.fail(t, r, err)
		}
	}
	s.leave(t)
}

// deliver hands a response to the usage. With the first final one the request
// holds the set no longer.
func (s *Set) deliver(t *Turn, r *Request, resp *Response) {
	if resp.Code() >= 200 && !r.final {
		r.final = true
		s.delist(r)
	}
	r.OnResponse(t, resp)
}

// fail ends r with a local failure, unless it has ended.
func (s *Set) fail(t *Turn, r *Request, err error) {
	if r.final {
		return
	}
	if r.stop != nil {
		r.stop()
	}
	s.deliver(t, r, &Response{Request: r, Err: err})
}

// failSoon is fail in a turn of its own: who sends does not hear of it while he
// is at it.
func (s *Set) failSoon(r *Request, err error) {
	s.Do(func(t *Turn) { s.fail(t, r, err) })
}
