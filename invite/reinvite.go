package invite

import (
	"context"
	"math/rand/v2"
	"strconv"

	"dum/dialog"
	"dum/internal/machine/modify"
	"dum/internal/machine/oa"
	"dum/sip"
)

// A reoffer is a re-INVITE of the peer that is not answered yet.
type reoffer struct {
	tx     *dialog.ServerTx
	offer  sip.Body // zero: the peer wants ours
	cancel context.CancelCauseFunc
}

// recvReinvite takes a re-INVITE (RFC 3261 §14.2).
func (s *Session) recvReinvite(t *dialog.Turn, tx *dialog.ServerTx) {
	verdict := s.mod.Recv()
	switch verdict {
	case modify.Take:
		s.takeReinvite(t, tx)
	case modify.Pending:
		s.set.Answer(t, tx, sip.NewStatus(491, ""))
	case modify.Busy, modify.Wait:
		s.set.Answer(t, tx, busy())
	}
}

// busy is the answer to a second INVITE before the first has its final
// response.
func busy() *sip.Status {
	return sip.NewStatus(500, "").With("Retry-After", strconv.Itoa(rand.IntN(11)))
}

func (s *Session) takeReinvite(t *dialog.Turn, tx *dialog.ServerTx) {
	body, has := description(tx.Request())
	s.oa.Recv(oa.Invite, has)
	in := &reoffer{tx: tx}
	if has {
		in.offer = keep(body)
	}
	s.pend().theirs = in
	if s.handler.Offer == nil {
		in.cancel = func(error) {}
		if in.offer == s.RemoteBody() {
			s.answerReinvite(t, in, s.LocalBody(), nil) // a refresh: nothing changes
		} else {
			s.answerReinvite(t, in, sip.Body{}, sip.NewStatus(488, ""))
		}
		return
	}
	ctx, cancel := context.WithCancelCause(s.Context())
	in.cancel = cancel
	s.outbox.Post(s.set, func() {
		defer cancel(nil)
		var body sip.Body
		err := error(sip.NewStatus(500, "")) // should it panic
		defer func() {
			inTurn(s.set, func(t *dialog.Turn) { s.answerReinvite(t, in, body, err) })
		}()
		body, err = s.handler.Offer(ctx, s, in.offer)
	})
}

// answerReinvite sends the user's answer, unless the peer has cancelled or hung
// up meanwhile.
func (s *Session) answerReinvite(t *dialog.Turn, in *reoffer, body sip.Body, err error) {
	if s.work == nil || s.work.theirs != in {
		return
	}
	s.work.theirs = nil
	if err == nil && in.offer.IsZero() && body.IsZero() {
		body = s.LocalBody()
	}
	meaning := oa.Illegal
	if err == nil {
		meaning = s.oa.Send(oa.Success, !body.IsZero())
	}
	switch meaning {
	case oa.Answer, oa.Offer, oa.Nothing, oa.Ignored:
		s.acceptReinvite(t, in, body, meaning)
		return
	case oa.Missing:
		err = sip.NewStatus(488, "")
	case oa.Illegal, oa.Preview:
	}
	s.refuseReinvite(t, in, statusOf(err))
}

func (s *Session) acceptReinvite(t *dialog.Turn, in *reoffer, body sip.Body, meaning oa.Meaning) {
	// RFC 3261 §12.2.2: the target is refreshed by a request that is accepted,
	// and by no other.
	s.dialog.Refresh(t, in.tx.Request())
	resp := s.set.NewResponse(t, in.tx, 200, "")
	x := twoxx{tx: in.tx}
	if !body.IsZero() {
		resp.SetBody(body)
	}
	switch meaning {
	case oa.Offer:
		x.offer = body
	case oa.Answer:
		changed := Changed{Local: body, Remote: in.offer, ByPeer: true}
		s.media.Store(&media{local: changed.Local, remote: changed.Remote})
		s.emit(changed)
	case oa.Nothing, oa.Ignored, oa.Preview, oa.Missing, oa.Illegal:
	}
	// A 2xx of an earlier re-INVITE has been heard: its sender has gone on.
	rest := s.pend().twoxx[:0]
	for _, old := range s.work.twoxx {
		if old.first {
			rest = append(rest, old)
		}
	}
	s.work.twoxx = rest
	s.send2xx(t, x, resp)
	s.mod.Answered(true, meaning == oa.Offer)
}

func (s *Session) refuseReinvite(t *dialog.Turn, in *reoffer, st *sip.Status) {
	s.oa.Abort()
	s.set.Answer(t, in.tx, st)
	s.mod.Answered(false, false)
	s.settle()
	s.nextOffer(t)
}

// cancelReinvite takes the CANCEL of the peer's re-INVITE.
func (s *Session) cancelReinvite(t *dialog.Turn, tx *dialog.ServerTx) bool {
	if s.work == nil || s.work.theirs == nil || s.work.theirs.tx != tx {
		return false
	}
	in := s.work.theirs
	s.work.theirs = nil
	in.cancel(ErrCanceled)
	s.refuseReinvite(t, in, sip.NewStatus(487, ""))
	return true
}
