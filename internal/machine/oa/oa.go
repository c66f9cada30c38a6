// Package oa is the offer/answer model of RFC 3264 as INVITE carries it
// (RFC 3261 §13.2.1, §14; RFC 6337): which body is an offer, which an answer,
// which is to be ignored, and which is missing. It never looks into a body.
package oa

// A State tells whose offer waits for its answer.
type State uint8

// The states of offer and answer.
const (
	Idle        State = iota // no offer is open
	LocalOffer               // ours waits for the peer's answer
	RemoteOffer              // the peer's waits for ours
)

// String is the name of the state.
func (s State) String() string {
	switch s {
	case Idle:
		return "Idle"
	case LocalOffer:
		return "LocalOffer"
	case RemoteOffer:
		return "RemoteOffer"
	}
	return "?"
}

// A Carrier is a message of an INVITE transaction that may carry a body.
type Carrier uint8

// The carriers, in the order in which they come. A provisional response is an
// unreliable one here.
const (
	Invite Carrier = iota
	Provisional
	Success
	Ack
)

// String is the name of the carrier.
func (c Carrier) String() string {
	switch c {
	case Invite:
		return "INVITE"
	case Provisional:
		return "1xx"
	case Success:
		return "2xx"
	case Ack:
		return "ACK"
	}
	return "?"
}

// A Meaning is what a body, or its absence, says.
type Meaning uint8

// The meanings.
const (
	Nothing Meaning = iota // no body, and none was due
	Offer                  // an offer; it wants an answer
	Answer                 // the answer to the open offer
	Preview                // the answer ahead of its time, to be repeated in the 2xx; or early media without an offer
	Ignored                // a body beyond the exchange; it changes nothing
	Missing                // an offer or answer was due and is not there
	Illegal                // must not be sent now
)

// String is the name of the meaning.
func (m Meaning) String() string {
	switch m {
	case Nothing:
		return "Nothing"
	case Offer:
		return "Offer"
	case Answer:
		return "Answer"
	case Preview:
		return "Preview"
	case Ignored:
		return "Ignored"
	case Missing:
		return "Missing"
	case Illegal:
		return "Illegal"
	}
	return "?"
}

// A Machine is the offer/answer state of one dialog. The zero value has no
// offer open. A fork gets a copy of the machine of its INVITE.
type Machine struct {
	state State
	done  bool // the exchange of this INVITE is complete
}

// State tells whose offer is open.
func (m *Machine) State() State { return m.state }

// Done tells whether the exchange of the latest INVITE is complete.
func (m *Machine) Done() bool { return m.done }

// Send is about a message of ours that goes out with a body or without. An
// Illegal or Missing one must not go out so; the machine stays as it was.
func (m *Machine) Send(c Carrier, body bool) Meaning {
	switch c {
	case Invite:
		if m.state != Idle {
			return Illegal // RFC 3264 §4: no new offer while one is open
		}
		m.done = false
		if body {
			m.state = LocalOffer
			return Offer
		}
		return Nothing
	case Provisional:
		return m.sendProvisional(body)
	case Success:
		return m.sendSuccess(body)
	case Ack:
		return m.sendAck(body)
	}
	return Nothing
}

// RFC 3261 §13.2.1: "That same exact answer MAY also be placed in any
// provisional responses sent prior to the answer."
func (m *Machine) sendProvisional(body bool) Meaning {
	if !body {
		return Nothing
	}
	switch m.state {
	case RemoteOffer:
		return Preview
	case Idle, LocalOffer:
	}
	// RFC 6337 §2.2: an offer never goes in an unreliable provisional response.
	return Illegal
}

func (m *Machine) sendSuccess(body bool) Meaning {
	switch m.state {
	case RemoteOffer:
		// RFC 3261 §13.2.1: "If the initial offer is in an INVITE, the answer MUST
		// be in a reliable non-failure message from UAS back to UAC which is
		// correlated to that INVITE."
		if !body {
			return Missing
		}
		m.state, m.done = Idle, true
		return Answer
	case Idle:
		switch {
		case !body:
			return Nothing
		case m.done:
			return Ignored
		}
		m.state = LocalOffer
		return Offer
	case LocalOffer:
	}
	return Illegal
}

func (m *Machine) sendAck(body bool) Meaning {
	switch m.state {
	case RemoteOffer:
		// RFC 3261 §13.2.1: "If the initial offer is in the first reliable
		// non-failure message from the UAS back to UAC, the answer MUST be in the
		// acknowledgement for that message".
		if !body {
			return Missing
		}
		m.state, m.done = Idle, true
		return Answer
	case Idle, LocalOffer:
		if body {
			return Illegal
		}
	}
	return Nothing
}

// Recv is about a message of the peer, with a body or without.
func (m *Machine) Recv(c Carrier, body bool) Meaning {
	switch c {
	case Invite:
		if m.state != Idle {
			return Illegal // glare, or a second offer before the answer: 491 or 500
		}
		m.done = false
		if body {
			m.state = RemoteOffer
			return Offer
		}
		return Nothing
	case Provisional:
		return m.recvProvisional(body)
	case Success:
		return m.recvSuccess(body)
	case Ack:
		return m.recvAck(body)
	}
	return Nothing
}

// RFC 3261 §13.2.1: "The UAC MUST treat the first session description it
// receives as the answer, and MUST ignore any session descriptions in
// subsequent responses to the initial INVITE."
func (m *Machine) recvProvisional(body bool) Meaning {
	if !body {
		return Nothing
	}
	switch m.state {
	case LocalOffer:
		m.state, m.done = Idle, true
		return Answer
	case Idle:
		if !m.done {
			return Preview // RFC 6337 §2.2: not an offer, the 2xx repeats it as one
		}
	case RemoteOffer:
	}
	return Ignored
}

func (m *Machine) recvSuccess(body bool) Meaning {
	switch m.state {
	case LocalOffer:
		if !body {
			return Missing
		}
		m.state, m.done = Idle, true
		return Answer
	case Idle:
		switch {
		case m.done && body:
			return Ignored
		case m.done:
			return Nothing
		case body:
			m.state = RemoteOffer
			return Offer
		}
		return Missing
	case RemoteOffer:
	}
	if body {
		return Ignored
	}
	return Nothing
}

func (m *Machine) recvAck(body bool) Meaning {
	switch m.state {
	case LocalOffer:
		if !body {
			return Missing
		}
		m.state, m.done = Idle, true
		return Answer
	case Idle, RemoteOffer:
	}
	if body {
		return Ignored
	}
	return Nothing
}

// Abort takes the open offer back: the INVITE failed, was cancelled, or the
// answer that was due never came.
//
// RFC 3264 §4: when an offer is rejected, the session stays as it was.
func (m *Machine) Abort() { m.state = Idle }
