package dialog

import (
	"errors"
	"time"

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

// RecvAck takes the ACK of a 2xx. One that names none of our dialogs is
// nobody's.
func (u *tu) RecvAck(t *Turn, in *Inbound) {
	s := (*Set)(u)
	if d := s.find(in.Msg.FromTag()); d != nil || len(s.dialogs) == 0 {
		s.ask(d, func(a Usage) bool { return a.RecvAck(t, d, in) })
	}
	s.leave(t)
}

// RecvCancel takes the news that the peer cancels an INVITE.
func (u *tu) RecvCancel(t *Turn, tx *ServerTx, cancel *Inbound) {
	s := (*Set)(u)
	d := s.find(tx.Request().FromTag())
	if !s.ask(d, func(a Usage) bool { return a.RecvCancel(t, tx, cancel) }) {
		// RFC 3261 §9.2: "If it has not [issued a final response], its behavior
		// depends on the method of the original request. If the original request was
		// an INVITE, the UAS SHOULD immediately respond to the INVITE with a 487
		// (Request Terminated)."
		s.Answer(t, tx, sip.NewStatus(487, ""))
	}
	s.leave(t)
}

// Expire runs the usages whose time has come, and answers what they forgot.
func (u *tu) Expire(t *Turn) {
	s := (*Set)(u)
	now := t.Now()
	s.every(func(a Usage) {
		if at := a.Deadline(); !at.IsZero() && !at.After(now) {
			a.Expire(t)
		}
	})
	s.remind(t)
	s.leave(t)
	if s.closed {
		return
	}
	if at := s.deadline(); !at.IsZero() && !at.After(now) {
		// A usage whose deadline stands still would have us spin.
		t.SetDeadline(now.Add(breath))
	}
}

// breath is what the set takes between two turns for one deadline.
const breath = 5 * time.Millisecond

// Fault ends the set after a panic in one of its turns, or with the stack.
func (u *tu) Fault(t *Turn, err error) {
	if errors.Is(err, stack.ErrClosed) {
		err = ErrShutdown
	}
	(*Set)(u).end(t, err)
}

// receive routes a request to the opener or to a usage.
func (s *Set) receive(t *Turn, tx *ServerTx) {
	req := tx.Request()
	if req.ToTag() == "" {
		s.holds-- // of Accept: from here on the request itself holds the set
		s.owe(tx)
		// The tag belongs to the transaction from the start: the 200 to a CANCEL
		// that comes before any response of ours carries it too.
		tx.SetTag(s.key.Tag)
		s.manager.openers[req.Method()].Open(t, s, tx)
		return
	}
	crowded := len(s.owed) >= maxOwed
	s.owe(tx)
	d := s.find(req.FromTag())
	switch {
	case crowded:
		s.Answer(t, tx, sip.NewStatus(500, "Too Many Requests").With("Retry-After", "5"))
	case d == nil:
		s.receiveStray(t, tx)
	case d.State() == Ended:
		s.Answer(t, tx, sip.NewStatus(481, ""))
	default:
		s.receiveWithin(t, d, tx)
	}
}

// receiveStray takes a request with our tag that belongs to no dialog.
//
// RFC 3261 §12.2.2: "If the UAS wishes to reject the request because it does not
// wish to recreate the dialog, it MUST respond to the request with a 481
// (Call/Transaction Does Not Exist) status code".
func (s *Set) receiveStray(t *Turn, tx *ServerTx) {
	if s.manager.validate(tx.Request(), true) != nil ||
		!s.ask(nil, func(a Usage) bool { return a.RecvRequest(t, nil, tx) }) {
		s.Answer(t, tx, sip.NewStatus(481, ""))
	}
}

// receiveWithin takes a request within a dialog (RFC 3261 §12.2.2). Its CSeq
// counts whatever becomes of it.
func (s *Set) receiveWithin(t *Turn, d *Dialog, tx *ServerTx) {
	req := tx.Request()
	seq, _ := sip.CSeq.Get(req) // checked by the stack
	if !d.m.Order(seq.Number) {
		s.Answer(t, tx, sip.NewStatus(500, "CSeq Out of Order"))
		return
	}
	if st := s.manager.validate(req, true); st != nil {
		s.Answer(t, tx, st)
		return
	}
	if !s.ask(d, func(a Usage) bool { return a.RecvRequest(t, d, tx) }) {
		s.unclaimed(t, tx)
	}
}

// ask asks the usages of d, if there is one, and then those of the whole set,
// until one says yes. Usages may come and go meanwhile.
func (s *Set) ask(d *Dialog, yes func(Usage) bool) bool {
	var few [4]attached
	now := append(few[:0], s.usages...)
	if d != nil {
		for _, a := range now {
			if a.dialog == d && s.has(a) && yes(a.usage) {
				return true
			}
		}
	}
	for _, a := range now {
		if a.dialog == nil && s.has(a) && yes(a.usage) {
			return true
		}
	}
	return false
}

// every tells all usages.
func (s *Set) every(tell func(Usage)) {
	var few [4]attached
	for _, a := range append(few[:0], s.usages...) {
		if s.has(a) {
			tell(a.usage)
		}
	}
}

// has tells whether a usage is attached still.
func (s *Set) has(a attached) bool {
	for i := range s.usages {
		if b := &s.usages[i]; b.usage == a.usage && b.dialog == a.dialog {
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
