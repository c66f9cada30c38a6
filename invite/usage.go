package invite

import (
	"time"

	"dum/dialog"
	"dum/sip"
)

// usage is a Session as a usage of its dialog.
type usage Session

// RecvRequest takes a request within the dialog.
func (u *usage) RecvRequest(t *dialog.Turn, d *dialog.Dialog, tx *dialog.ServerTx) bool {
	s := (*Session)(u)
	method := tx.Request().Method()
	if method == sip.BYE {
		s.recvBye(t, tx)
		return true
	}
	if s.why.Load() != nil {
		s.set.Answer(t, tx, sip.NewStatus(481, ""))
		return true
	}
	switch method {
	case sip.INVITE:
		s.recvReinvite(t, tx)
		return true
	case sip.OPTIONS, sip.UPDATE, sip.PRACK, sip.SUBSCRIBE, sip.NOTIFY, sip.REFER:
		// OPTIONS is the dialog's, subscriptions are usages of their own (RFC
		// 5057), the others are nobody's yet.
		return false
	}
	return s.recvOther(t, tx)
}

// RecvAck takes the ACK of a 2xx of ours.
func (u *usage) RecvAck(t *dialog.Turn, d *dialog.Dialog, in *dialog.Inbound) bool {
	return (*Session)(u).recvAck(t, in)
}

// RecvCancel takes the news that a re-INVITE is cancelled.
func (u *usage) RecvCancel(t *dialog.Turn, tx *dialog.ServerTx, cancel *dialog.Inbound) bool {
	return (*Session)(u).cancelReinvite(t, tx)
}

// Deadline is the earliest time at which something is to be sent again or given
// up; zero for a session at rest.
func (u *usage) Deadline() time.Time {
	at := u.mod.Deadline()
	if u.work == nil {
		return at
	}
	for i := range u.work.twoxx {
		at = earlier(at, u.work.twoxx[i].repeat.Deadline())
	}
	if len(u.work.ours) > 0 {
		at = earlier(at, u.work.ours[0].stale)
	}
	return at
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// Expire does what its time has come for.
func (u *usage) Expire(t *dialog.Turn) {
	s := (*Session)(u)
	s.repeat2xx(t)
	s.expireOffers(t)
}

// Fault ends the session: its set has died, in the midst of anything.
func (u *usage) Fault(t *dialog.Turn, err error) {
	s := (*Session)(u)
	s.life.Kill()
	if s.why.Load() == nil {
		s.over(t, err)
	}
	s.leave(t, err)
}

// Shutdown hangs up.
func (u *usage) Shutdown(t *dialog.Turn) {
	s := (*Session)(u)
	s.do(t, s.life.Bye(), &Hangup{})
}
