package invite

import (
	"context"
	"fmt"
	"slices"

	"dum/dialog"
	"dum/sip"
)

// A Reply accepts a request within the dialog. The zero Reply is a bare 200.
type Reply struct {
	Code    int    // 200 to 299; zero is 200
	Reason  string // "" is the standard phrase of Code
	Headers []sip.Field
	Body    sip.Body
}

// A Request is what a request within the dialog carries; the zero Request is
// bare.
type Request struct {
	Headers []sip.Field
	Body    sip.Body
}

// maxAsked bounds what a peer can make us keep while the user thinks.
const maxAsked = 64

// asked is a request of the peer that waits for the user's answer.
type asked struct{ tx *dialog.ServerTx }

// Request sends a request within the dialog that is not about the call itself,
// such as INFO, MESSAGE or OPTIONS, and returns the 2xx to it; any other final
// response is a *[sip.Status]. When ctx ends first Request stops waiting and
// returns its cause.
//
// RFC 5057 §5.1: a 481 or 408 tells that the peer has lost the call, which is
// then ended.
func (s *Session) Request(ctx context.Context, method sip.Method, r Request) (*sip.Message, error) {
	switch method {
	case sip.INVITE, sip.ACK, sip.CANCEL, sip.BYE, sip.PRACK, sip.UPDATE:
		return nil, fmt.Errorf("invite: %s is not sent with Request", method)
	}
	q := &asking{done: make(chan struct{})}
	inTurn(s.set, func(t *dialog.Turn) {
		if s.why.Load() != nil {
			q.end(nil, dialog.ErrEnded)
			return
		}
		req := s.dialog.NewRequest(t, method)
		addHeaders(req, r.Headers)
		if !r.Body.IsZero() {
			req.SetBody(r.Body)
		}
		s.pend().asking = append(s.pend().asking, q)
		s.set.Send(t, &dialog.Request{Msg: req, Dialog: s.dialog, OnResponse: func(t *dialog.Turn, got *dialog.Response) {
			if got.Code() >= 200 {
				s.recvReply(t, q, got)
			}
		}})
	})
	select {
	case <-q.done:
		return q.resp, q.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// asking is a request of ours that waits for its answer.
type asking struct {
	resp *sip.Message
	err  error
	done chan struct{} // closed when resp or err is set
}

func (q *asking) end(resp *sip.Message, err error) {
	q.resp, q.err = resp, err
	close(q.done)
}

// recvReply takes the final response to a request of ours.
func (s *Session) recvReply(t *dialog.Turn, q *asking, got *dialog.Response) {
	if s.work == nil || !slices.Contains(s.work.asking, q) {
		return // the session has ended, and has told so
	}
	s.work.asking = slices.DeleteFunc(s.work.asking, func(o *asking) bool { return o == q })
	s.settle()
	st := got.Status()
	if st == nil {
		q.end(got.Msg, nil)
		return
	}
	q.end(nil, st)
	if st.Code == 481 || st.Code == 408 {
		s.do(t, s.life.Bye(), st)
	}
}

// recvOther has the user answer a request that is not about the call.
func (s *Session) recvOther(t *dialog.Turn, tx *dialog.ServerTx) bool {
	if s.handler.Request == nil {
		return false
	}
	if s.work != nil && len(s.work.asked) >= maxAsked {
		s.set.Answer(t, tx, busy())
		return true
	}
	s.pend().asked = append(s.pend().asked, asked{tx})
	s.outbox.Post(s.set, func() {
		var reply Reply
		err := error(sip.NewStatus(500, "")) // should it panic
		defer func() {
			inTurn(s.set, func(t *dialog.Turn) { s.answerOther(t, tx, reply, err) })
		}()
		reply, err = s.handler.Request(s.Context(), s, tx.Request())
	})
	return true
}

func (s *Session) answerOther(t *dialog.Turn, tx *dialog.ServerTx, reply Reply, err error) {
	if s.work == nil || !slices.Contains(s.work.asked, asked{tx}) {
		return // answered when the session ended
	}
	s.work.asked = slices.DeleteFunc(s.work.asked, func(q asked) bool { return q.tx == tx })
	s.settle()
	if err != nil {
		s.set.Answer(t, tx, statusOf(err))
		return
	}
	code := reply.Code
	if code < 200 || code > 299 {
		code = 200
	}
	resp := s.set.NewResponse(t, tx, code, reply.Reason)
	addHeaders(resp, reply.Headers)
	if !reply.Body.IsZero() {
		resp.SetBody(reply.Body)
	}
	s.set.Respond(t, tx, resp)
}
