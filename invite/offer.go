package invite

import (
	"context"
	"math/rand/v2"
	"time"

	"dum/dialog"
	"dum/internal/machine/lifecycle"
	"dum/internal/machine/modify"
	"dum/internal/machine/oa"
	"dum/sip"
)

// maxGlare is how often a re-INVITE of ours is tried again after a 491: two
// sides that keep missing each other are not to do so for ever.
const maxGlare = 5

// An offer is a re-INVITE of ours, from the moment the user asks for it.
type offer struct {
	session  *Session
	body     sip.Body
	request  *dialog.Request // nil before it was sent
	glares   int
	stale    time.Time // when the peer has taken too long
	canceled bool
	answered bool        // its 2xx has come
	ack      *dialog.Ack // nil while the user thinks about what it says

	answer sip.Body
	err    error
	done   chan struct{} // closed when answer and err are set; nil when nobody waits
}

// Offer proposes a new session description with a re-INVITE and returns the
// peer's answer. With a zero offer the peer is asked for its own: Handler.Offer
// answers that, and Offer returns it. Several Offers at once go one after the
// other.
//
// A refusal is a *[sip.Status] and leaves the session as it was, but for 481 and
// 408: they tell that the peer has lost the call, which is then ended (RFC
// 5057). When the re-INVITE meets one of the peer it is tried again, as RFC
// 3261 §14.1 says, as long as ctx lasts. When ctx ends first the re-INVITE is
// cancelled and the cause of ctx returned; should the peer have accepted it by
// then, the change stands.
func (s *Session) Offer(ctx context.Context, body sip.Body) (sip.Body, error) {
	o := &offer{session: s, body: body, done: make(chan struct{})}
	inTurn(s.set, func(t *dialog.Turn) {
		if s.why.Load() != nil {
			o.end(t, sip.Body{}, dialog.ErrEnded)
			return
		}
		s.pend().ours = append(s.pend().ours, o)
		s.nextOffer(t)
	})
	select {
	case <-o.done:
		return o.answer, o.err
	case <-ctx.Done():
	}
	inTurn(s.set, func(t *dialog.Turn) { o.cancel(t, context.Cause(ctx)) })
	<-o.done
	return o.answer, o.err
}

// nextOffer sends the first re-INVITE that waits, if it may go out now.
func (s *Session) nextOffer(t *dialog.Turn) {
	// RFC 3261 §14.1: "If there is an ongoing INVITE server transaction, the TU
	// MUST wait until the transaction reaches the confirmed or terminated state
	// before initiating the new INVITE." So the ACK of every 2xx is awaited.
	if s.work == nil || len(s.work.ours) == 0 || s.life.State() != lifecycle.Confirmed ||
		len(s.work.twoxx) > 0 || s.mod.Send() != modify.Take {
		return
	}
	s.work.ours[0].send(t)
}

// send sends the re-INVITE, for the first time or after a glare.
func (o *offer) send(t *dialog.Turn) {
	s := o.session
	s.oa.Send(oa.Invite, !o.body.IsZero())
	req := s.dialog.NewRequest(t, sip.INVITE)
	if !o.body.IsZero() {
		req.SetBody(o.body)
	}
	o.request = &dialog.Request{Msg: req, Dialog: s.dialog, OnResponse: o.recv}
	o.guard(t)
	s.set.Send(t, o.request)
}

// guard starts the time anew that the peer has for its answer.
func (o *offer) guard(t *dialog.Turn) {
	o.stale = time.Time{}
	if d := o.session.set.Profile().StaleReinviteTime(); d > 0 && !o.canceled {
		o.stale = t.Now().Add(d)
	}
}

// recv takes a response to the re-INVITE.
func (o *offer) recv(t *dialog.Turn, resp *dialog.Response) {
	s := o.session
	switch code := resp.Code(); {
	case code < 200:
	case code < 300 && !o.answered:
		o.answered = true
		o.recv2xx(t, resp)
	case code < 300:
		if o.ack != nil {
			o.ack.Again(t)
		}
	case code == 491 && o.glares < maxGlare && !o.canceled && s.why.Load() == nil:
		o.glares++
		o.stale = time.Time{}
		s.oa.Abort()
		s.mod.Glare(t.Now(), s.caller, rand.Uint32())
	default:
		o.refused(t, resp.Status())
	}
}

// recv2xx takes the first 2xx: it is acknowledged whatever it says.
func (o *offer) recv2xx(t *dialog.Turn, resp *dialog.Response) {
	s := o.session
	s.dialog.Refresh(t, resp.Msg)
	body, has := description(resp.Msg)
	switch s.oa.Recv(oa.Success, has) {
	case oa.Answer:
		o.sendAck(t, sip.Body{})
		o.agreed(t, o.body, keep(body))
	case oa.Offer:
		if s.why.Load() != nil || o.canceled {
			s.oa.Abort()
			o.sendAck(t, sip.Body{})
			o.finish(t, sip.Body{}, dialog.ErrEnded)
			return
		}
		o.ask(keep(body))
	case oa.Missing:
		s.oa.Abort()
		o.sendAck(t, sip.Body{})
		o.finish(t, sip.Body{}, ErrNoAnswer)
	case oa.Nothing, oa.Preview, oa.Ignored, oa.Illegal:
		o.sendAck(t, sip.Body{})
		o.finish(t, sip.Body{}, nil)
	}
}

// ask has the user answer the offer that we asked the peer for. Until then the
// peer repeats its 2xx.
func (o *offer) ask(offer sip.Body) {
	s := o.session
	o.stale = time.Time{}
	if s.handler.Offer == nil {
		o.session.set.Do(func(t *dialog.Turn) { o.reply(t, offer, s.LocalBody(), nil) })
		return
	}
	s.outbox.Post(s.set, func() {
		var body sip.Body
		err := error(sip.NewStatus(500, "")) // should it panic
		defer func() {
			inTurn(s.set, func(t *dialog.Turn) { o.reply(t, offer, body, err) })
		}()
		body, err = s.handler.Offer(s.Context(), s, offer)
	})
}

// reply sends the ACK with the user's answer; without one when it has none,
// and then the session stays as it was.
func (o *offer) reply(t *dialog.Turn, offer, answer sip.Body, err error) {
	s := o.session
	if err == nil && s.oa.Send(oa.Ack, !answer.IsZero()) != oa.Answer {
		err = ErrBody
	}
	if err != nil {
		s.oa.Abort()
		o.sendAck(t, sip.Body{})
		o.finish(t, sip.Body{}, err)
		return
	}
	o.sendAck(t, answer)
	o.agreed(t, answer, offer)
}

func (o *offer) sendAck(t *dialog.Turn, answer sip.Body) {
	s := o.session
	ack := s.dialog.NewAck(t, o.request.Msg)
	if !answer.IsZero() {
		ack.SetBody(answer)
	}
	o.ack = s.set.SendAck(t, s.dialog, ack)
}

// agreed takes over what both sides have described now.
func (o *offer) agreed(t *dialog.Turn, local, remote sip.Body) {
	s := o.session
	if s.why.Load() == nil {
		s.media.Store(&media{local: local, remote: remote})
		s.emit(Changed{Local: local, Remote: remote})
	}
	o.finish(t, remote, nil)
}

// refused takes a final response of 300 and above, or a local failure.
//
// RFC 3261 §14.1: "If a UA receives a non-2xx final response to a re-INVITE,
// the session parameters MUST remain unchanged, as if no re-INVITE had been
// issued." RFC 5057 §5.1: 481 and 408 end the usage.
func (o *offer) refused(t *dialog.Turn, st *sip.Status) {
	s := o.session
	s.oa.Abort()
	o.finish(t, sip.Body{}, st)
	if !o.canceled && (st.Code == 481 || st.Code == 408) {
		s.do(t, s.life.Bye(), st)
	}
}

// finish makes room for the next re-INVITE.
func (o *offer) finish(t *dialog.Turn, answer sip.Body, err error) {
	s := o.session
	o.stale = time.Time{}
	o.end(t, answer, err)
	if s.work == nil || len(s.work.ours) == 0 || s.work.ours[0] != o {
		return
	}
	s.work.ours = s.work.ours[1:]
	s.mod.Done()
	s.settle()
	s.nextOffer(t)
}

// end tells the user the outcome, once.
func (o *offer) end(t *dialog.Turn, answer sip.Body, err error) {
	if o.done == nil {
		return
	}
	select {
	case <-o.done:
		return
	default:
	}
	o.answer, o.err = answer, err
	close(o.done)
}

// cancel gives the re-INVITE up: out of the queue, or with CANCEL.
func (o *offer) cancel(t *dialog.Turn, why error) {
	o.end(t, sip.Body{}, why)
	s := o.session
	if s.work == nil {
		return
	}
	for i, q := range s.work.ours {
		if q != o {
			continue
		}
		if i == 0 && o.request != nil && s.mod.State() == modify.Sent {
			o.canceled, o.stale = true, time.Time{}
			o.request.Cancel(t, nil)
			return
		}
		s.work.ours = append(s.work.ours[:i:i], s.work.ours[i+1:]...)
		if i == 0 {
			s.mod.Done()
		}
		break
	}
	s.settle()
	s.nextOffer(t)
}

// expireOffers tries again after a glare, and gives up on a peer that does not
// answer.
func (s *Session) expireOffers(t *dialog.Turn) {
	if s.work == nil || len(s.work.ours) == 0 {
		return
	}
	o := s.work.ours[0]
	if s.mod.Expire(t.Now()) {
		o.send(t)
		return
	}
	if !o.stale.IsZero() && !t.Now().Before(o.stale) {
		o.cancel(t, sip.NewStatus(408, "No Answer to re-INVITE"))
	}
}
