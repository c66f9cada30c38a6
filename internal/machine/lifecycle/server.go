package lifecycle

import "time"

// A Server is an INVITE of the peer until it is answered. The zero value is
// one that has just come in.
type Server struct {
	state   State
	every   time.Duration // how often the provisional response is repeated
	ring    time.Time     // when it goes out again; zero for never
	expires time.Time     // when the invitation expires; zero for never
}

// State is how far the call has come.
func (s *Server) State() State { return s.state }

// Deadline is when Expire wants to be called; zero for never.
func (s *Server) Deadline() time.Time {
	switch s.state {
	case Proceeding:
		return s.expires
	case Early:
		if s.ring.IsZero() || !s.expires.IsZero() && s.expires.Before(s.ring) {
			return s.expires
		}
		return s.ring
	case Accepted, Confirmed, Ending, Ended:
	}
	return time.Time{}
}

// Limit sets when the invitation expires, from its Expires header.
//
// RFC 3261 §13.3.1: "If the request is an INVITE that contains an Expires
// header field, the UAS core sets a timer for the number of seconds indicated
// in the header field value. When the timer fires, the invitation is
// considered to be expired. If the invitation expires before the UAS has
// generated a final response, a 487 (Request Terminated) response SHOULD be
// generated."
func (s *Server) Limit(at time.Time) { s.expires = at }

// Ring sends a provisional response above 100, and again and again at the
// interval given; zero is never.
//
// RFC 3261 §13.3.1.1: "A proxy has the option of canceling a transaction when
// there is a gap of 3 minutes between responses in a transaction. To prevent
// cancellation, the UAS MUST send a non-100 provisional response at every
// minute, to handle the possibility of lost provisional responses."
func (s *Server) Ring(now time.Time, every time.Duration) Action {
	switch s.state {
	case Proceeding, Early:
		s.state = Early
		s.again(now, every)
		return SendRing
	case Accepted, Confirmed, Ending, Ended:
	}
	return Refuse
}

func (s *Server) again(now time.Time, every time.Duration) {
	s.every, s.ring = every, time.Time{}
	if every > 0 {
		s.ring = now.Add(every)
	}
}

// Accept sends the 2xx.
func (s *Server) Accept() Action {
	switch s.state {
	case Proceeding, Early:
		s.state = Accepted
		return Send2xx
	case Accepted, Confirmed, Ending, Ended:
	}
	return Refuse
}

// Reject sends a final response of 300 and above.
func (s *Server) Reject() Action {
	switch s.state {
	case Proceeding, Early:
		s.state = Ended
		return SendFinal
	case Accepted, Confirmed, Ending, Ended:
	}
	return Refuse
}

// RecvCancel is a CANCEL of the INVITE; it means 487 unless it comes too late.
//
// RFC 3261 §9.2: for a request that has its final response "the CANCEL request
// has no effect on the processing of the original request, no effect on any
// session state, and no effect on the responses generated for the original
// request."
func (s *Server) RecvCancel() Action {
	switch s.state {
	case Proceeding, Early:
		s.state = Ended
		return SendFinal | Over
	case Accepted, Confirmed, Ending, Ended:
	}
	return 0
}

// RecvBye is a BYE of the peer on the early dialog.
//
// RFC 3261 §15.1.2: "The UAS MUST still respond to any pending requests
// received for that dialog. It is RECOMMENDED that a 487 (Request Terminated)
// response be generated to those pending requests."
func (s *Server) RecvBye() Action {
	switch s.state {
	case Proceeding, Early:
		s.state = Ended
		return SendFinal | AnswerBye | Over
	case Accepted, Confirmed, Ending, Ended:
	}
	return AnswerBye
}

// Expire is the time: to ring again, or the end of the invitation.
func (s *Server) Expire(now time.Time) Action {
	switch s.state {
	case Proceeding, Early:
		if !s.expires.IsZero() && !now.Before(s.expires) {
			s.state = Ended
			return SendFinal | Over
		}
		if s.state == Early && !s.ring.IsZero() && !now.Before(s.ring) {
			s.again(now, s.every)
			return SendRing
		}
	case Accepted, Confirmed, Ending, Ended:
	}
	return 0
}
