package dialog

import (
	"dum/sip"
	"dum/stack"
)

// tu is the set as the stack's transaction user.
type tu Set

var _ stack.TU = (*tu)(nil)

// RecvRequest takes the first copy of a request (RFC 3261 §8.2, §12.2.2).
func (u *tu) RecvRequest(t *Turn, tx *ServerTx) {
	s := (*Set)(u)
	s.receive(t, tx)
	s.leave(t)
}

// RecvAck takes the ACK of a 2xx.
func (u *tu) RecvAck(t *Turn, in *Inbound) {
	s := (*Set)(u)
	d := s.find(in.Msg.FromTag())
	s.each(d, func(a Usage) bool { return a.RecvAck(t, d, in) })
	s.leave(t)
}

// RecvCancel takes the news that the peer cancels an INVITE.
func (u *tu) RecvCancel(t *Turn, tx *ServerTx, cancel *Inbound) {
	s := (*Set)(u)
	d := s.find(tx.Request().FromTag())
	if !s.each(d, func(a Usage) bool { return a.RecvCancel(t, tx, cancel) }) {
		s.Answer(t, tx, sip.NewStatus(487, ""))
	}
	s.leave(t)
}

// Expire runs the usages whose time has come.
func (u *tu) Expire(t *Turn) {
	s := (*Set)(u)
	now := t.Now()
	s.each(nil, func(a Usage) bool {
		if at := a.Deadline(); !at.IsZero() && !at.After(now) {
			a.Expire(t)
		}
		return false
	})
	s.leave(t)
}

// Fault ends the set after a panic in one of its turns.
func (u *tu) Fault(t *Turn, err error) {
	s := (*Set)(u)
	s.each(nil, func(a Usage) bool { a.Fault(t, err); return false })
	s.close(t, err)
}

// receive routes a request to the opener or to a usage.
func (s *Set) receive(t *Turn, tx *ServerTx) {
	req := tx.Request()
	s.holds++ // until its final response, see Respond
	if req.ToTag() == "" {
		// The tag belongs to the transaction from the start: the 200 to a CANCEL
		// that comes before any response of ours carries it too.
		tx.SetTag(s.key.Tag)
		s.manager.openers[req.Method()].Open(t, s, tx)
		return
	}
	// RFC 3261 §12.2.2: a request that matches no dialog MAY be rejected with a
	// 481.
	d := s.find(req.FromTag())
	if d == nil || d.State() == Ended {
		s.Answer(t, tx, sip.NewStatus(481, ""))
		return
	}
	if st := s.manager.validate(req, true); st != nil {
		s.Answer(t, tx, st)
		return
	}
	seq, _ := sip.CSeq.Get(req) // checked by the stack
	if !d.m.Order(seq.Number) {
		s.Answer(t, tx, sip.NewStatus(500, "CSeq Out of Order"))
		return
	}
	if s.each(d, func(a Usage) bool { return a.RecvRequest(t, d, tx) }) {
		return
	}
	s.unclaimed(t, tx)
}

// each asks the usages of d, then those of the whole set, until one says yes.
// A nil d asks every usage. Usages may come and go meanwhile.
func (s *Set) each(d *Dialog, ask func(Usage) bool) bool {
	var few [4]attached
	now := append(few[:0], s.usages...)
	if d == nil {
		for _, a := range now {
			if ask(a.usage) {
				return true
			}
		}
		return false
	}
	for _, a := range now {
		if a.dialog == d && ask(a.usage) {
			return true
		}
	}
	for _, a := range now {
		if a.dialog == nil && ask(a.usage) {
			return true
		}
	}
	return false
}

// unclaimed answers a request within a dialog that no usage takes.
func (s *Set) unclaimed(t *Turn, tx *ServerTx) {
	switch method := tx.Request().Method(); {
	case method == sip.OPTIONS:
		// RFC 3261 §11: a UA answers OPTIONS within a dialog as it does outside.
		s.Respond(t, tx, s.manager.Capabilities(s.NewResponse(t, tx, 200, "")))
	case s.manager.Allows(method):
		// The method is known, but the usage that it speaks to is not there.
		s.Answer(t, tx, sip.NewStatus(481, ""))
	default:
		s.Answer(t, tx, s.manager.notAllowed())
	}
}
