package dialog

import (
	"time"

	"dum/sip"
)

// maxOwed is how many requests of the peer a set keeps unanswered at once.
const maxOwed = 128

// unattended is how long an INVITE may stay unanswered when no usage is there
// that could still answer it. RFC 3261 §16.6: a proxy gives up when its timer C
// runs out, which is more than three minutes after the last provisional response.
const unattended = 3 * time.Minute

// owe notes that tx is to be answered. It holds the set until it is, whoever
// does it and however.
func (s *Set) owe(tx *ServerTx) {
	if s.owed == nil {
		s.owed = make([]*ServerTx, 0, 1)
	}
	s.owed = append(s.owed, tx)
}

// patience is when an unanswered request is answered for whoever forgot it; zero
// is never. A usage rings for as long as it likes; anything but an INVITE has
// its time, and a 500 shortly before that is over is better than silence, which
// would keep us here and have the peer wonder.
//
// RFC 4320 §4.2: "an element that cannot respond before the transaction expires
// will not send a final response at all."
func (s *Set) patience(tx *ServerTx) time.Time {
	switch {
	case tx.Answered():
		return time.Time{}
	case tx.Method() != sip.INVITE:
		return tx.Inbound().At.Add(62 * s.manager.stack.Timers().T1)
	case len(s.usages) == 0:
		return tx.Inbound().At.Add(unattended)
	}
	return time.Time{}
}

// remind answers what has been forgotten.
func (s *Set) remind(t *Turn) {
	for _, tx := range s.owed {
		if at := s.patience(tx); !at.IsZero() && !at.After(t.Now()) {
			s.Answer(t, tx, sip.NewStatus(500, "Not Answered in Time"))
		}
	}
}
