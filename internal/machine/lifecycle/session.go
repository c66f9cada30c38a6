package lifecycle

// A Session is a call from its 2xx to the end of BYE. The zero value is the
// caller's, Accepted: its 2xx is here, the ACK has not gone out.
type Session struct {
	past   State // how far beyond Accepted
	callee bool
	hangup bool // the callee's BYE waits for the ACK
}

// Callee returns the Session of the callee, Accepted: its 2xx goes out.
func Callee() Session { return Session{callee: true} }

// State is how far the call has come: Accepted, Confirmed, Ending or Ended.
func (s *Session) State() State { return Accepted + s.past }

// Acked is the ACK of the 2xx: the caller sends it, the callee has received it.
func (s *Session) Acked() Action {
	switch s.State() {
	case Accepted:
		if s.hangup {
			s.enter(Ending)
			return SendBye
		}
		s.enter(Confirmed)
		return Up
	case Proceeding, Early, Confirmed, Ending, Ended:
	}
	return 0
}

// Bye hangs up. The user is told at once that it is over.
//
// RFC 3261 §15.1.1: "The UAC MUST consider the session terminated (and
// therefore stop sending or listening for media) as soon as the BYE request is
// passed to the client transaction."
//
// RFC 3261 §15: "However, the callee's UA MUST NOT send a BYE on a confirmed
// dialog until it has received an ACK for its 2xx response or until the server
// transaction times out." A caller has its ACK go out before.
func (s *Session) Bye() Action {
	switch s.State() {
	case Accepted:
		if !s.callee {
			s.enter(Ending)
			return SendAck | SendBye | Over
		}
		if s.hangup {
			return Refuse
		}
		s.hangup = true
		return Over
	case Confirmed:
		s.enter(Ending)
		return SendBye | Over
	case Proceeding, Early, Ending, Ended:
	}
	return Refuse
}

// NoAck tells that the ACK of a 2xx never came, the first one or a later one.
//
// RFC 3261 §13.3.1.4: "If the server retransmits the 2xx response for 64*T1
// seconds without receiving an ACK, the dialog is confirmed, but the session
// SHOULD be terminated. This is accomplished with a BYE".
func (s *Session) NoAck() Action {
	switch s.State() {
	case Accepted, Confirmed:
		s.enter(Ending)
		if s.hangup {
			return SendBye
		}
		return SendBye | Over
	case Proceeding, Early, Ending, Ended:
	}
	return 0
}

// RecvBye is a BYE of the peer. The caller acknowledges a 2xx all the same, for
// its sender repeats it until then. When it crosses a BYE of ours both are
// answered.
func (s *Session) RecvBye() Action {
	switch s.State() {
	case Accepted:
		s.enter(Ended)
		switch {
		case !s.callee:
			return SendAck | AnswerBye | Over
		case s.hangup:
			return AnswerBye
		}
		// RFC 5407 §3.1.6: the ACK was lost or overtaken.
		return AnswerBye | Over
	case Confirmed:
		s.enter(Ended)
		return AnswerBye | Over
	case Ending:
		s.enter(Ended)
		return AnswerBye
	case Proceeding, Early, Ended:
	}
	return AnswerBye
}

// ByeDone is the final response to our BYE, whatever it is.
//
// RFC 3261 §15.1.1: on 481, 408 or no response at all "the UAC MUST consider
// the session and the dialog terminated".
func (s *Session) ByeDone() Action {
	switch s.State() {
	case Ending:
		s.enter(Ended)
	case Proceeding, Early, Accepted, Confirmed, Ended:
	}
	return 0
}

// Kill is the end without another word, since none can be said any more.
func (s *Session) Kill() Action {
	told := s.hangup
	switch s.State() {
	case Proceeding, Early, Accepted, Confirmed:
	case Ending, Ended:
		told = true
	}
	s.enter(Ended)
	if told {
		return 0
	}
	return Over
}

func (s *Session) enter(to State) { s.past = to - Accepted }
