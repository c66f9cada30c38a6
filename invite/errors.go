package invite

import (
	"context"
	"errors"

	"dum/sip"
)

// A Hangup is the ordinary end of a session, as the reason why it ended: one
// side sent BYE.
type Hangup struct {
	// Peer tells that it was the peer.
	Peer bool
	// Request is the peer's BYE, with the Reason header that it may have (RFC
	// 3326); nil when we hung up.
	Request *sip.Message
}

// Error tells who hung up.
func (h *Hangup) Error() string {
	if h.Peer {
		return "invite: peer hung up"
	}
	return "invite: hung up"
}

// Errors of calls.
var (
	// ErrNoAck ends a session whose 2xx was never acknowledged.
	ErrNoAck = errors.New("invite: no ACK")
	// ErrNoAnswer ends a session whose peer owed an answer and sent none.
	ErrNoAnswer = errors.New("invite: no answer to our offer")
	// ErrBody refuses a body that must not, or must, be there: an offer where
	// none may be, or a 2xx to an offer without an answer.
	ErrBody = errors.New("invite: offer or answer out of place")
	// ErrCanceled is the cause of an Incoming's context when the caller has
	// given up.
	ErrCanceled = errors.New("invite: cancelled by the caller")
	// ErrExpired is the cause of an Incoming's context when the time is over
	// that the caller gave the invitation.
	ErrExpired = errors.New("invite: invitation expired")
)

// statusOf is the final response that an error of a handler means: the status
// that it is, or 500.
func statusOf(err error) *sip.Status {
	if st, ok := errors.AsType[*sip.Status](err); ok && st.Code >= 300 && st.Code <= 699 {
		return st
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return sip.NewStatus(480, "")
	}
	return sip.NewStatus(500, "")
}
