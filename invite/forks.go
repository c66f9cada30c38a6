package invite

import (
	"dum/dialog"
	"dum/internal/machine/oa"
	"dum/sip"
)

// A fork is one of the user agents that our INVITE has reached: its early
// dialog, and from its 2xx on its session and our ACK.
type fork struct {
	attempt *Attempt
	dialog  *dialog.Dialog
	oa      oa.Machine
	early   sip.Body // the answer, when a provisional response brought it
	session *Session // nil before the 2xx
	ack     *dialog.Ack
}

// maxForks bounds the early dialogs of a call: ever new tags in provisional
// responses are not to fill the memory.
const maxForks = 64

// find returns the fork with a remote tag.
func (a *Attempt) find(tag string) *fork {
	for _, f := range a.forks {
		if f.dialog.ID().RemoteTag == tag {
			return f
		}
	}
	return nil
}

// fork returns the fork that a response comes from, a new one if need be; nil
// when the response cannot make a dialog.
func (a *Attempt) fork(t *dialog.Turn, r *dialog.Response) *fork {
	if r.Code() < 200 && len(a.forks) >= maxForks && a.find(r.Msg.ToTag()) == nil {
		return nil
	}
	d, err := a.set.UACDialog(t, r.Request.Msg, r.Inbound)
	if err != nil {
		return nil
	}
	if f := a.find(d.ID().RemoteTag); f != nil {
		return f
	}
	f := &fork{attempt: a, dialog: d, oa: a.oa}
	a.forks = append(a.forks, f)
	return f
}

// recvProvisional takes the description in a provisional response: the answer,
// if it is the first of this fork.
func (f *fork) recvProvisional(body sip.Body) {
	if f.session != nil {
		return
	}
	if f.oa.Recv(oa.Provisional, !body.IsZero()) == oa.Answer {
		f.early = body
	}
}

// establish makes the session of a 2xx that is wanted: it acknowledges it, with
// the user's answer when the peer has made the offer.
func (f *fork) establish(t *dialog.Turn, r *dialog.Response) {
	a := f.attempt
	s := f.open(t)
	body, has := description(r.Msg)
	switch f.oa.Recv(oa.Success, has) {
	case oa.Answer:
		f.confirm(t, sip.Body{}, body)
	case oa.Offer:
		s.pend().fork = f
		f.ask(keep(body))
	case oa.Missing:
		if !a.hasOffer() && a.options.Answer == nil {
			f.confirm(t, sip.Body{}, sip.Body{}) // a call without descriptions
			return
		}
		// RFC 3261 §13.2.1: the 2xx must have had it. There is no session to
		// speak of; it is ended as one that is not wanted.
		s.pend().fork = f
		f.abandon(t, ErrNoAnswer)
		f.failed(t, sip.NewStatus(488, "No Session Description in 2xx"))
	case oa.Nothing, oa.Preview, oa.Ignored, oa.Illegal:
		f.confirm(t, sip.Body{}, f.early)
	}
}

// open makes the session of the fork, in want of its ACK.
func (f *fork) open(t *dialog.Turn) *Session {
	a := f.attempt
	s := newSession(a.set, f.dialog, a.options.Handler)
	s.caller = true
	s.mod.Send() // until the ACK the INVITE is a change of ours under way
	f.session = s
	f.dialog.AddUsage(t, (*usage)(s))
	return s
}

// ask has the user answer the peer's offer.
func (f *fork) ask(offer sip.Body) {
	a, s := f.attempt, f.session
	s.media.Store(&media{remote: offer})
	s.outbox.Post(a.set, func() {
		var body sip.Body
		err := error(sip.NewStatus(488, ""))
		defer func() {
			inTurn(a.set, func(t *dialog.Turn) { f.answered(t, body, err) })
		}()
		if a.options.Answer != nil {
			err = sip.NewStatus(500, "") // should it panic
			body, err = a.options.Answer(s.Context(), offer)
		}
	})
}

// answered takes the user's answer to the offer in the 2xx.
func (f *fork) answered(t *dialog.Turn, answer sip.Body, err error) {
	s := f.session
	if s.work == nil || s.work.fork != f {
		return // ended meanwhile
	}
	if err == nil && f.oa.Send(oa.Ack, !answer.IsZero()) != oa.Answer {
		err = ErrBody
	}
	if err != nil {
		f.abandon(t, err)
		f.failed(t, err)
		return
	}
	f.confirm(t, answer, s.RemoteBody())
}

// confirm sends the ACK, with our answer if the peer made the offer, and hands
// the session over.
func (f *fork) confirm(t *dialog.Turn, answer, remote sip.Body) {
	a, s := f.attempt, f.session
	local := a.options.Offer
	if !answer.IsZero() {
		local = answer
	}
	s.media.Store(&media{local: local, remote: keep(remote)})
	f.sendAck(t, answer)
	s.oa = f.oa
	s.mod.Done()
	s.life.Acked()
	if s.work != nil {
		s.work.fork = nil
		s.settle()
	}
	if a.chosen == f {
		a.finish(t, s, nil)
		return
	}
	s.outbox.Post(a.set, func() { a.options.Forks.Extra(s) })
}

// failed tells the one who waits that the chosen fork makes no session.
func (f *fork) failed(t *dialog.Turn, err error) {
	if f.attempt.chosen == f {
		f.attempt.finish(t, nil, err)
	}
}

// release ends the session of a 2xx that is not wanted: ACK, then BYE.
func (f *fork) release(t *dialog.Turn) {
	f.open(t).pend().fork = f
	f.abandon(t, &Hangup{})
}

// abandon acknowledges a 2xx and hangs up; the user has never seen the session.
func (f *fork) abandon(t *dialog.Turn, why error) {
	f.session.silent = true
	f.session.do(t, f.session.life.Bye(), why)
}

// sendAck sends the ACK of the fork's 2xx.
func (f *fork) sendAck(t *dialog.Turn, answer sip.Body) {
	set := f.attempt.set
	ack := f.dialog.NewAck(t, f.attempt.request.Msg)
	if !answer.IsZero() {
		ack.SetBody(answer)
	}
	f.ack = set.SendAck(t, f.dialog, ack)
}

// again answers the repetition of a 2xx with the same ACK.
//
// RFC 3261 §13.2.2.4: "The ACK MUST be passed to the client transport every
// time a retransmission of the 2xx final response that triggered the ACK
// arrives."
func (f *fork) again(t *dialog.Turn) {
	if f.ack != nil {
		f.ack.Again(t)
	}
}
