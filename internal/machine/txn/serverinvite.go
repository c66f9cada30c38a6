package txn

import "time"

// A ServerInvite is the server side of an INVITE: RFC 3261 §17.2.1, with the
// Accepted state of RFC 6026 §7.1. The zero value is one about to arrive.
type ServerInvite struct {
	clock
	state ServerInviteState
	said  bool // a provisional response has gone out
}

// A ServerInviteState is a state of [ServerInvite].
type ServerInviteState uint8

// The states of RFC 3261 figure 7 and RFC 6026.
const (
	AnswerProceeding ServerInviteState = iota
	AnswerCompleted                    // a final response that is no 2xx, repeated until the ACK
	AnswerConfirmed                    // the ACK of it is here; more of them are absorbed
	AnswerAccepted                     // a 2xx; the TU repeats it, we absorb the INVITE
	AnswerEnded
)

// String is the RFC's name of the state.
func (s ServerInviteState) String() string {
	return [...]string{"Proceeding", "Completed", "Confirmed", "Accepted", "Terminated"}[s]
}

// State is the state the machine is in.
func (m *ServerInvite) State() ServerInviteState { return m.state }

// Start takes the INVITE.
func (m *ServerInvite) Start(now time.Time, t *Timers, reliable bool) Action {
	m.reliable = reliable
	// RFC 3261 §17.2.1: "The server transaction MUST generate a 100 (Trying)
	// response unless it knows that the TU will generate a provisional or final
	// response within 200 ms".
	if t.Trying >= 0 {
		m.retry = now.Add(t.Trying)
	}
	return Deliver
}

// Again takes a retransmission of the INVITE.
func (m *ServerInvite) Again() Action {
	switch m.state {
	case AnswerProceeding:
		// RFC 3261 §17.2.1: "If a retransmission of the request is received while in
		// the "Proceeding" state, the most recent provisional response that was
		// received from the TU MUST be passed to the transport layer for
		// retransmission."
		if m.said {
			return Resend
		}
	case AnswerCompleted:
		// "while in the "Completed" state, if a request retransmission is received,
		// the server SHOULD pass the response to the transport for retransmission."
		return Resend
	case AnswerConfirmed, AnswerAccepted, AnswerEnded:
		// RFC 6026 §7.1: "While in the "Accepted" state, any retransmissions of the
		// INVITE received will match this transaction state machine and will be
		// absorbed by the machine without changing its state. These retransmissions
		// are not passed onto the TU."
	}
	return 0
}

// Respond takes a response of the TU with the given status code.
func (m *ServerInvite) Respond(now time.Time, t *Timers, code int) Action {
	switch m.state {
	case AnswerProceeding:
		switch {
		case code < 200:
			m.said = true
			m.retry = time.Time{}
			return Send
		case code < 300:
			// RFC 6026 §8.5: "If, while in the "Proceeding" state, the TU passes a 2xx
			// response to the server transaction, the server transaction MUST pass this
			// response to the transport layer for transmission. […] The server
			// transaction MUST then transition to the "Accepted" state." Timer L: 64*T1.
			m.stop()
			m.state = AnswerAccepted
			m.limit = now.Add(t.Long())
			return Send
		}
		// RFC 3261 §17.2.1: "For unreliable transports, timer G is set to fire in T1
		// seconds, and is not set to fire for reliable transports. […] When the
		// "Completed" state is entered, timer H MUST be set to fire in 64*T1 seconds
		// for all transports."
		m.stop()
		m.state = AnswerCompleted
		if !m.reliable {
			m.again(now, t.T1)
		}
		m.limit = now.Add(t.Long())
		return Send
	case AnswerAccepted:
		// The TU repeats its 2xx until the ACK comes.
		if code >= 200 && code < 300 {
			return Send
		}
	case AnswerCompleted, AnswerConfirmed, AnswerEnded:
	}
	return Refuse
}

// RecvAck takes an ACK that belongs to this transaction.
func (m *ServerInvite) RecvAck(now time.Time, t *Timers) Action {
	switch m.state {
	case AnswerCompleted:
		// RFC 3261 §17.2.1: "If an ACK is received while the server transaction is in
		// the "Completed" state, the server transaction MUST transition to the
		// "Confirmed" state. […] When this state is entered, timer I is set to fire in
		// T4 seconds for unreliable transports, and zero seconds for reliable
		// transports."
		m.stop()
		if m.reliable {
			m.state = AnswerEnded
			return Terminated
		}
		m.state = AnswerConfirmed
		m.limit = now.Add(t.T4)
	case AnswerAccepted:
		// RFC 6026 §7.1: "Any ACKs received from the network while in the "Accepted"
		// state MUST be passed directly to the TU and not absorbed."
		return Deliver
	case AnswerProceeding, AnswerConfirmed, AnswerEnded:
	}
	return 0
}

// Expire does what is due at now.
func (m *ServerInvite) Expire(now time.Time, t *Timers) Action {
	switch m.state {
	case AnswerProceeding:
		if due(m.retry, now) {
			m.retry = time.Time{}
			m.said = true
			return SendTrying
		}
	case AnswerCompleted:
		// RFC 3261 §17.2.1: "If timer H fires while in the "Completed" state, it
		// implies that the ACK was never received. In this case, the server
		// transaction MUST transition to the "Terminated" state".
		if due(m.limit, now) {
			m.stop()
			m.state = AnswerEnded
			return TimedOut | Terminated
		}
		// "If timer G fires, the response is passed to the transport layer once more
		// for retransmission, and timer G is set to fire in MIN(2*T1, T2) seconds. From
		// then on, […] timer G is reset with a value that doubles, unless that value
		// exceeds T2, in which case it is reset with the value of T2."
		if due(m.retry, now) {
			m.again(now, min(2*m.interval, t.T2))
			return Resend
		}
	case AnswerConfirmed, AnswerAccepted:
		// Timer I: RFC 3261 §17.2.1. Timer L: RFC 6026 §8.7: "When Timer L fires and
		// the state machine is in the "Accepted" state, the machine MUST transition to
		// the "Terminated" state."
		if due(m.limit, now) {
			m.stop()
			m.state = AnswerEnded
			return Terminated
		}
	case AnswerEnded:
	}
	return 0
}
