package txn

import "time"

// A ClientInvite is the client side of an INVITE: RFC 3261 §17.1.1, with the
// Accepted state of RFC 6026 §7.2. The zero value is one about to be sent.
type ClientInvite struct {
	clock
	state ClientInviteState
}

// A ClientInviteState is a state of [ClientInvite].
type ClientInviteState uint8

// The states of RFC 3261 figure 5 and RFC 6026.
const (
	InviteCalling ClientInviteState = iota
	InviteProceeding
	InviteCompleted // a final response that is no 2xx; we re-send the ACK
	InviteAccepted  // a 2xx; more of them, and of other forks, go up to the TU
	InviteEnded
)

// String is the RFC's name of the state.
func (s ClientInviteState) String() string {
	return [...]string{"Calling", "Proceeding", "Completed", "Accepted", "Terminated"}[s]
}

// State is the state the machine is in.
func (m *ClientInvite) State() ClientInviteState { return m.state }

// Start sends the INVITE.
func (m *ClientInvite) Start(now time.Time, t *Timers, reliable bool) Action {
	m.reliable = reliable
	// RFC 3261 §17.1.1.2: "If an unreliable transport is being used, the client
	// transaction MUST start timer A with a value of T1. If a reliable transport
	// is being used, the client transaction SHOULD NOT start timer A […]. For any
	// transport, the client transaction MUST start timer B with a value of 64*T1
	// seconds".
	if !reliable {
		m.again(now, t.T1)
	}
	m.limit = now.Add(t.Long())
	return Send
}

// Recv takes a response with the given status code.
func (m *ClientInvite) Recv(now time.Time, t *Timers, code int) Action {
	switch m.state {
	case InviteCalling, InviteProceeding:
		switch {
		case code < 200:
			// RFC 3261 §17.1.1.2: "If the client transaction receives a provisional
			// response while in the "Calling" state, it transitions to the
			// "Proceeding" state. In the "Proceeding" state, the client transaction
			// SHOULD NOT retransmit the request any longer."
			m.stop()
			m.state = InviteProceeding
			return Deliver
		case code < 300:
			// RFC 6026 §8.4: "When a 2xx response is received while in either the
			// "Calling" or "Proceeding" states, the client transaction MUST transition
			// to the "Accepted" state […]. The 2xx response MUST be passed up to the
			// TU." Timer M is 64*T1.
			m.stop()
			m.state = InviteAccepted
			m.limit = now.Add(t.Long())
			return Deliver
		}
		// RFC 3261 §17.1.1.2: "reception of a response with status code from 300-699
		// MUST cause the client transaction to transition to "Completed". The client
		// transaction MUST pass the received response up to the TU, and the client
		// transaction MUST generate an ACK request".
		m.stop()
		m.state = InviteCompleted
		if m.reliable { // Timer D is "zero seconds for reliable transports"
			m.state = InviteEnded
			return Deliver | Ack | Terminated
		}
		m.limit = now.Add(t.D)
		return Deliver | Ack
	case InviteCompleted:
		// RFC 3261 §17.1.1.2: "Any retransmissions of the final response that are
		// received while in the "Completed" state MUST cause the ACK to be re-passed
		// to the transport layer for retransmission, but the newly received response
		// MUST NOT be passed up to the TU."
		if code >= 300 {
			return Ack
		}
	case InviteAccepted:
		// RFC 6026 §8.4: the machine stays for more 2xx, of this and of other forks,
		// and passes them to the TU, which owes each an ACK. What else comes is late.
		if code >= 200 && code < 300 {
			return Deliver
		}
	case InviteEnded:
	}
	return 0
}

// Fail takes the news that the transport cannot deliver.
func (m *ClientInvite) Fail() Action {
	switch m.state {
	case InviteCalling, InviteProceeding:
		// RFC 3261 §17.1.4: "The client transaction SHOULD inform the TU that a
		// transport failure has occurred, and the client transaction SHOULD
		// transition directly to the "Terminated" state."
		m.stop()
		m.state = InviteEnded
		return Failed | Terminated
	case InviteCompleted, InviteAccepted, InviteEnded:
		// The ACK that could not be sent is asked for again by the next
		// retransmission, and a 2xx may come another way.
	}
	return 0
}

// Abandon ends a transaction that was cancelled and got no final response in
// good time (RFC 3261 §9.1).
func (m *ClientInvite) Abandon() Action {
	switch m.state {
	case InviteCalling, InviteProceeding:
		m.stop()
		m.state = InviteEnded
		return TimedOut | Terminated
	case InviteCompleted, InviteAccepted, InviteEnded:
	}
	return 0
}

// Expire does what is due at now.
func (m *ClientInvite) Expire(now time.Time, t *Timers) Action {
	switch m.state {
	case InviteCalling:
		// RFC 3261 §17.1.1.2: "If the client transaction is still in the "Calling"
		// state when timer B fires, the client transaction SHOULD inform the TU that
		// a timeout has occurred. The client transaction MUST NOT generate an ACK."
		if due(m.limit, now) {
			m.stop()
			m.state = InviteEnded
			return TimedOut | Terminated
		}
		// "When timer A fires, the client transaction MUST retransmit the request by
		// passing it to the transport layer, and MUST reset the timer with a value of
		// 2*T1. […] This process MUST continue so that the request is retransmitted
		// with intervals that double after each transmission."
		if due(m.retry, now) {
			m.again(now, 2*m.interval)
			return Resend
		}
	case InviteCompleted, InviteAccepted:
		// Timer D: RFC 3261 §17.1.1.2. Timer M: RFC 6026 §8.4: "If Timer M fires while
		// the client transaction is in the "Accepted" state, the client transaction
		// MUST move to the "Terminated" state."
		if due(m.limit, now) {
			m.stop()
			m.state = InviteEnded
			return Terminated
		}
	case InviteProceeding, InviteEnded:
	}
	return 0
}
