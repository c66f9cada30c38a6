package txn

import "time"

// A ServerRequest is the server side of any request but INVITE and ACK: RFC
// 3261 §17.2.2, with the rules of RFC 4320 §4. The zero value is one about to
// arrive.
type ServerRequest struct {
	clock
	state ServerRequestState
}

// A ServerRequestState is a state of [ServerRequest].
type ServerRequestState uint8

// The states of RFC 3261 figure 8.
const (
	ServeTrying ServerRequestState = iota
	ServeProceeding
	ServeCompleted
	ServeEnded
)

// String is the RFC's name of the state.
func (s ServerRequestState) String() string {
	return [...]string{"Trying", "Proceeding", "Completed", "Terminated"}[s]
}

// State is the state the machine is in.
func (m *ServerRequest) State() ServerRequestState { return m.state }

// Start takes the request.
func (m *ServerRequest) Start(now time.Time, t *Timers, reliable bool) Action {
	m.reliable = reliable
	// RFC 4320 §4.1: "Without regard to transport, a SIP element MUST respond to a
	// non-INVITE request with a Status-Code of 100 if it has not otherwise
	// responded after the amount of time it takes a client transaction's Timer E to
	// be reset to T2."
	m.retry = now.Add(t.toT2())
	// RFC 4320 §4.2: "an element that cannot respond before the transaction expires
	// will not send a final response at all." The client gives up after 64*T1, and
	// so do we: a TU that forgets to answer costs nothing for longer.
	m.limit = now.Add(t.Long())
	return Deliver
}

// Again takes a retransmission of the request.
func (m *ServerRequest) Again() Action {
	switch m.state {
	case ServeProceeding, ServeCompleted:
		// RFC 3261 §17.2.2: "If a retransmission of the request is received while in
		// the "Proceeding" state, the most recently sent provisional response MUST be
		// passed to the transport layer for retransmission. […] While in the
		// "Completed" state, the server transaction MUST pass the final response to the
		// transport layer for retransmission whenever a retransmission of the request
		// is received."
		return Resend
	case ServeTrying, ServeEnded:
		// "Once in the "Trying" state, any further request retransmissions are
		// discarded."
	}
	return 0
}

// Respond takes a response of the TU with the given status code.
func (m *ServerRequest) Respond(now time.Time, t *Timers, code int) Action {
	switch m.state {
	case ServeTrying, ServeProceeding:
		switch {
		case code == 100:
			// RFC 4320 §4.1: "A SIP element MUST NOT respond to a non-INVITE request with
			// a Status-Code of 100 over any unreliable transport, such as UDP, before the
			// amount of time it takes a client transaction's Timer E to be reset to T2. A
			// SIP element MAY respond to a non-INVITE request with a Status-Code of 100
			// over a reliable transport at any time." The machine sends the one that is
			// due.
			if !m.reliable {
				return Refuse
			}
			m.state = ServeProceeding
			m.retry = time.Time{}
			return Send
		case code < 200:
			// RFC 4320 §4.1: "A SIP element MUST NOT send any provisional response with a
			// Status-Code other than 100 to a non-INVITE request."
			return Refuse
		case code == 408:
			// RFC 4320 §4.2: "A transaction-stateful SIP element MUST NOT send a response
			// with Status-Code of 408 to a non-INVITE request."
			return Refuse
		}
		// RFC 3261 §17.2.2: "When the server transaction enters the "Completed" state,
		// it MUST set Timer J to fire in 64*T1 seconds for unreliable transports, and
		// zero seconds for reliable transports."
		m.stop()
		if m.reliable {
			m.state = ServeEnded
			return Send | Terminated
		}
		m.state = ServeCompleted
		m.limit = now.Add(t.Long())
		return Send
	case ServeCompleted, ServeEnded:
		// RFC 3261 §17.2.2: "Any other final responses passed by the TU to the server
		// transaction MUST be discarded while in the "Completed" state."
	}
	return Refuse
}

// Expire does what is due at now.
func (m *ServerRequest) Expire(now time.Time, t *Timers) Action {
	switch m.state {
	case ServeTrying, ServeProceeding:
		if due(m.limit, now) {
			m.stop()
			m.state = ServeEnded
			return TimedOut | Terminated
		}
		if due(m.retry, now) {
			m.retry = time.Time{}
			m.state = ServeProceeding
			return SendTrying
		}
	case ServeCompleted: // timer J
		if due(m.limit, now) {
			m.stop()
			m.state = ServeEnded
			return Terminated
		}
	case ServeEnded:
	}
	return 0
}
