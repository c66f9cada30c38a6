// Package modify is who may change a session now: one re-INVITE at a time,
// ours or the peer's, and what becomes of two that meet (RFC 3261 §14).
package modify

import "time"

// A State tells whose change of the session is under way.
type State uint8

// The states of a change.
const (
	Idle      State = iota // none
	Sent                   // ours has no final response, or its answer is still due
	Received               // the peer's has no final response, or its ACK is still due
	GlareWait              // ours met the peer's; it is tried again at a time
)

// String is the name of the state.
func (s State) String() string {
	switch s {
	case Idle:
		return "Idle"
	case Sent:
		return "Sent"
	case Received:
		return "Received"
	case GlareWait:
		return "GlareWait"
	}
	return "?"
}

// A Verdict is what to do with a request that wants to change the session.
type Verdict uint8

// The verdicts.
const (
	Take    Verdict = iota // go ahead
	Wait                   // not yet: try again when the machine is Idle
	Pending                // answer 491 Request Pending
	Busy                   // answer 500 with Retry-After between 0 and 10 seconds
)

// String is the name of the verdict.
func (v Verdict) String() string {
	switch v {
	case Take:
		return "Take"
	case Wait:
		return "Wait"
	case Pending:
		return "Pending"
	case Busy:
		return "Busy"
	}
	return "?"
}

// A Machine guards the changes of one session. The zero value is Idle.
type Machine struct {
	state State
	acks  bool      // Received: the final response is out and is a 2xx
	offer bool      // Received: that 2xx carries our offer
	glare bool      // Received: ours waits behind, until is its time
	until time.Time // GlareWait: when ours is tried again
}

// State tells whose change is under way.
func (m *Machine) State() State { return m.state }

// Deadline is when Expire wants to be called; zero for never.
func (m *Machine) Deadline() time.Time {
	if m.state == GlareWait {
		return m.until
	}
	return time.Time{}
}

// Send asks whether a re-INVITE of ours may go out.
//
// RFC 3261 §14.1: "Note that a UAC MUST NOT initiate a new INVITE transaction
// within a dialog while another INVITE transaction is in progress in either
// direction."
func (m *Machine) Send() Verdict {
	switch m.state {
	case Idle:
		m.state = Sent
		return Take
	case Sent, Received, GlareWait:
	}
	return Wait
}

// Recv is a re-INVITE of the peer.
func (m *Machine) Recv() Verdict {
	switch m.state {
	case Idle:
		m.state = Received
		return Take
	case Sent:
		// RFC 3261 §14.2: "A UAS that receives an INVITE on a dialog while an
		// INVITE it had sent on that dialog is in progress MUST return a 491
		// (Request Pending) response to the received INVITE."
		return Pending
	case Received:
		switch {
		case m.acks && m.offer:
			return Pending // RFC 5407 §3.1.5: the answer to our offer is in the missing ACK
		case m.acks:
			// RFC 5407 §3.1.4: the ACK was lost; offer and answer are through.
			m.acks = false
			return Take
		}
		// RFC 3261 §14.2: "A UAS that receives a second INVITE before it sends the
		// final response to a first INVITE with a lower CSeq sequence number on
		// the same dialog MUST return a 500 (Server Internal Error) response to
		// the second INVITE and MUST include a Retry-After header field with a
		// randomly chosen value of between 0 and 10 seconds."
		return Busy
	case GlareWait:
		m.state, m.glare = Received, true
		return Take
	}
	return Busy
}

// Answered tells that the final response to the peer's re-INVITE went out;
// offer that it is a 2xx with an offer of ours.
func (m *Machine) Answered(success, offer bool) {
	switch m.state {
	case Received:
		if success {
			m.acks, m.offer = true, offer
			return
		}
		m.rest()
	case Idle, Sent, GlareWait:
	}
}

// Acked tells that the ACK of our 2xx came, or never will.
func (m *Machine) Acked() {
	switch m.state {
	case Received:
		if m.acks {
			m.rest()
		}
	case Idle, Sent, GlareWait:
	}
}

// rest ends the peer's change; ours, if one waits behind, is next.
func (m *Machine) rest() {
	until, glare := m.until, m.glare
	*m = Machine{}
	if glare {
		m.state, m.until = GlareWait, until
	}
}

// Done tells that our re-INVITE is over: acknowledged, or refused for good.
func (m *Machine) Done() {
	switch m.state {
	case Sent, GlareWait:
		*m = Machine{}
	case Received:
		m.glare = false
	case Idle:
	}
}

// Glare is a 491 to our re-INVITE. owner tells that the Call-ID is ours, random
// is any number.
//
// RFC 3261 §14.1: "If a UAC receives a 491 response to a re-INVITE, it SHOULD
// start a timer with a value T chosen as follows: 1. If the UAC is the owner of
// the Call-ID of the dialog ID (meaning it generated the value), T has a
// randomly chosen value between 2.1 and 4 seconds in units of 10 ms. 2. If the
// UAC is not the owner of the Call-ID of the dialog ID, T has a randomly chosen
// value of between 0 and 2 seconds in units of 10 ms. When the timer fires, the
// UAC SHOULD attempt the re-INVITE once more, if it still desires for that
// session modification to take place."
func (m *Machine) Glare(now time.Time, owner bool, random uint32) {
	switch m.state {
	case Sent:
		wait := time.Duration(random%201) * 10 * time.Millisecond
		if owner {
			wait = 2100*time.Millisecond + time.Duration(random%191)*10*time.Millisecond
		}
		m.state, m.until = GlareWait, now.Add(wait)
	case Idle, Received, GlareWait:
	}
}

// Expire is the time: true sends our re-INVITE again.
func (m *Machine) Expire(now time.Time) bool {
	switch m.state {
	case GlareWait:
		if now.Before(m.until) {
			return false
		}
		m.state, m.until = Sent, time.Time{}
		return true
	case Idle, Sent, Received:
	}
	return false
}
