package dialog

import (
	"dum/auth"
	"dum/sip"
)

// answerChallenge sends r again with credentials, if there are any for what
// the 401 or 407 asks.
//
// RFC 3261 §22.2: "When a UAC resubmits a request with its credentials after
// receiving a 401 (Unauthorized) or 407 (Proxy Authentication Required)
// response, it MUST increment the CSeq header field value as it would
// normally when sending an updated request."
func (s *Set) answerChallenge(t *Turn, r *Request, in *Inbound) bool {
	if s.auth == nil {
		if len(s.profile.Credentials) == 0 {
			return false
		}
		s.auth = &auth.Client{}
	}
	again, err := s.auth.Challenged(r.Msg, in.Msg, s.profile.Credentials)
	if err != nil || !again {
		return false
	}
	r.again()
	seq := sip.Seq{Method: r.Msg.Method()}
	if r.Dialog != nil {
		seq.Number = r.Dialog.m.NextSeq()
	} else {
		seq.Number = s.nextSeq()
	}
	sip.CSeq.Set(r.Msg, seq)
	if err := s.transmit(t, r); err != nil {
		if err = s.try(t, r, err); err != nil {
			s.fail(t, r, err)
		}
	}
	return true
}
