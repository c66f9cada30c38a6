package invite

import (
	"context"
	"errors"
	"fmt"

	"dum/dialog"
	"dum/internal/machine/lifecycle"
	"dum/sip"
)

// Bye hangs up and waits until the peer has confirmed it or ctx ends; headers
// go into the BYE, a Reason (RFC 3326) perhaps. The session is over for the
// user as soon as Bye is called, whatever comes back; an error tells only that
// the peer may not know. As a callee whose 2xx is not acknowledged yet the BYE
// waits for that, as RFC 3261 §15 asks.
//
// Bye returns [dialog.ErrEnded] when the session has ended already.
func (s *Session) Bye(ctx context.Context, headers ...sip.Field) error {
	done := make(chan error, 1)
	inTurn(s.set, func(t *dialog.Turn) {
		do := s.life.Bye()
		if do.Has(lifecycle.Refuse) && s.life.State() == lifecycle.Ended {
			done <- dialog.ErrEnded
			return
		}
		s.pend().byes = append(s.pend().byes, done)
		if !do.Has(lifecycle.Refuse) {
			s.pend().hangup = &hangup{headers: headers}
			s.do(t, do, &Hangup{})
		}
	})
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// hangup is what the user wants a BYE to say.
type hangup struct{ headers []sip.Field }

// sendBye sends our BYE. A reason that is not the user's is told to the peer.
func (s *Session) sendBye(t *dialog.Turn, why error) {
	req := s.dialog.NewRequest(t, sip.BYE)
	if s.work != nil && s.work.hangup != nil {
		addHeaders(req, s.work.hangup.headers)
	}
	if reason := reasonOf(why); reason != "" && !sip.Named("Reason").Has(req) {
		sip.Named("Reason").Set(req, reason)
	}
	s.set.Send(t, &dialog.Request{Msg: req, Dialog: s.dialog, OnResponse: s.recvByeAnswer})
}

// reasonOf is why in the words of RFC 3326; "" for the ordinary end.
func reasonOf(why error) string {
	if st, ok := errors.AsType[*sip.Status](why); ok {
		reason := st.Reason
		if reason == "" {
			reason = sip.ReasonPhrase(st.Code)
		}
		return fmt.Sprintf("SIP;cause=%d;text=%q", st.Code, reason)
	}
	switch {
	case errors.Is(why, ErrNoAck):
		return `SIP;cause=408;text="ACK not received"`
	case errors.Is(why, ErrNoAnswer):
		return `SIP;cause=488;text="Answer missing"`
	}
	return ""
}

// recvByeAnswer takes the answer to our BYE.
func (s *Session) recvByeAnswer(t *dialog.Turn, r *dialog.Response) {
	code := r.Code()
	if code < 200 || s.life.State() != lifecycle.Ending {
		return
	}
	// RFC 3261 §15.1.1: 481 tells that the peer has ended the session before.
	if st := r.Status(); st != nil && code != 481 && s.work != nil {
		for _, done := range s.work.byes {
			done <- st
		}
		s.work.byes = nil
	}
	s.do(t, s.life.ByeDone(), nil)
}

// recvBye takes the peer's BYE.
func (s *Session) recvBye(t *dialog.Turn, tx *dialog.ServerTx) {
	do := s.life.RecvBye()
	// RFC 3261 §15.1.2: pending requests are answered first.
	s.refusePending(t)
	if do.Has(lifecycle.AnswerBye) {
		s.set.Answer(t, tx, sip.NewStatus(200, ""))
	}
	s.do(t, do, &Hangup{Peer: true, Request: tx.Request()})
}

// refusePending answers what the peer has asked and nobody has answered yet.
//
// RFC 3261 §15.1.2: "The UAS MUST still respond to any pending requests
// received for that dialog. It is RECOMMENDED that a 487 (Request Terminated)
// response be generated to those pending requests."
func (s *Session) refusePending(t *dialog.Turn) {
	w := s.work
	if w == nil {
		return
	}
	if in := w.theirs; in != nil {
		w.theirs = nil
		in.cancel(dialog.ErrEnded)
		s.set.Answer(t, in.tx, sip.NewStatus(487, ""))
		s.oa.Abort()
		s.mod.Answered(false, false)
	}
	for _, q := range w.asked {
		s.set.Answer(t, q.tx, sip.NewStatus(487, ""))
	}
	w.asked = nil
}
