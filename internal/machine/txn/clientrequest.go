package txn

import "time"

// A ClientRequest is the client side of any request but INVITE and ACK: RFC
// 3261 §17.1.2. The zero value is one about to be sent.
type ClientRequest struct {
	clock
	state ClientRequestState
}

// A ClientRequestState is a state of [ClientRequest].
type ClientRequestState uint8

// The states of RFC 3261 figure 6.
const (
	RequestTrying ClientRequestState = iota
	RequestProceeding
	RequestCompleted
	RequestEnded
)

// String is the RFC's name of the state.
func (s ClientRequestState) String() string {
	return [...]string{"Trying", "Proceeding", "Completed", "Terminated"}[s]
}

// State is the state the machine is in.
func (m *ClientRequest) State() ClientRequestState { return m.state }

// Start sends the request.
func (m *ClientRequest) Start(now time.Time, t *Timers, reliable bool) Action {
	m.reliable = reliable
	// RFC 3261 §17.1.2.2: "When entering this state, the client transaction SHOULD
	// set timer F to fire in 64*T1 seconds. […] If an unreliable transport is in
	// use, the client transaction MUST set timer E to fire in T1 seconds."
	if !reliable {
		m.again(now, t.T1)
	}
	m.limit = now.Add(t.Long())
	return Send
}

// Recv takes a response with the given status code.
func (m *ClientRequest) Recv(now time.Time, t *Timers, code int) Action {
	switch m.state {
	case RequestTrying, RequestProceeding:
		if code < 200 {
			// Timer E goes on as it is; what it is reset to depends on the state.
			m.state = RequestProceeding
			return Deliver
		}
		// RFC 3261 §17.1.2.2: "Once the client transaction enters the "Completed"
		// state, it MUST set Timer K to fire in T4 seconds for unreliable transports,
		// and zero seconds for reliable transports."
		m.stop()
		if m.reliable {
			m.state = RequestEnded
			return Deliver | Terminated
		}
		m.state = RequestCompleted
		m.limit = now.Add(t.T4)
		return Deliver
	case RequestCompleted, RequestEnded: // a retransmission: absorbed
	}
	return 0
}

// Fail takes the news that the transport cannot deliver.
func (m *ClientRequest) Fail() Action {
	switch m.state {
	case RequestTrying, RequestProceeding:
		m.stop()
		m.state = RequestEnded
		return Failed | Terminated
	case RequestCompleted, RequestEnded:
	}
	return 0
}

// Expire does what is due at now.
func (m *ClientRequest) Expire(now time.Time, t *Timers) Action {
	switch m.state {
	case RequestTrying, RequestProceeding:
		// RFC 3261 §17.1.2.2: "If Timer F fires while the client transaction is still
		// in the "Trying" state, the client transaction SHOULD inform the TU about the
		// timeout, and then it SHOULD enter the "Terminated" state. […] If timer F
		// fires while in the "Proceeding" state, the TU MUST be informed of a timeout,
		// and the client transaction MUST transition to the terminated state."
		if due(m.limit, now) {
			m.stop()
			m.state = RequestEnded
			return TimedOut | Terminated
		}
		// "If timer E fires while still in this state, the timer is reset, but this
		// time with a value of MIN(2*T1, T2)" and so on, doubling. "If Timer E fires
		// while in the "Proceeding" state, the request MUST be passed to the transport
		// layer for retransmission, and Timer E MUST be reset with a value of T2
		// seconds."
		if due(m.retry, now) {
			next := min(2*m.interval, t.T2)
			if m.state == RequestProceeding {
				next = t.T2
			}
			m.again(now, next)
			return Resend
		}
	case RequestCompleted: // timer K
		if due(m.limit, now) {
			m.stop()
			m.state = RequestEnded
			return Terminated
		}
	case RequestEnded:
	}
	return 0
}
