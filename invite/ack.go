package invite

import (
	"dum/dialog"
	"dum/internal/machine/lifecycle"
	"dum/internal/machine/oa"
	"dum/sip"
)

// A twoxx is a 2xx of ours to an INVITE, repeated until its ACK comes.
type twoxx struct {
	tx     *dialog.ServerTx
	seq    uint32
	repeat lifecycle.Repeat
	first  bool     // the one that made the session
	offer  sip.Body // ours, which the ACK has to answer
}

// send2xx sends the 2xx for the first time.
//
// A flow that cannot take it now may take it later: it is repeated until the
// ACK comes, or given up.
func (s *Session) send2xx(t *dialog.Turn, x twoxx, resp *sip.Message) {
	s.set.Respond(t, x.tx, resp)
	seq, _ := sip.CSeq.Get(x.tx.Request()) // the stack has read it before
	x.seq = seq.Number
	x.repeat.Start(t.Now(), s.set.Manager().Stack().Timers().T1)
	s.pend().twoxx = append(s.pend().twoxx, x)
}

// repeat2xx sends each 2xx again whose time has come, and gives up on those
// that the peer never acknowledged.
func (s *Session) repeat2xx(t *dialog.Turn) {
	if s.work == nil {
		return
	}
	timers := s.set.Manager().Stack().Timers()
	for i := range s.work.twoxx {
		x := &s.work.twoxx[i]
		again, giveUp := x.repeat.Expire(t.Now(), timers.T1, timers.T2)
		if again {
			x.tx.Resend(t)
		}
		if giveUp {
			// RFC 3261 §14.2 asks for the same after a re-INVITE: "If a UAS
			// generates a 2xx response and never receives an ACK, it SHOULD generate
			// a BYE to terminate the dialog."
			s.work.twoxx = nil
			s.do(t, s.life.NoAck(), ErrNoAck)
			return
		}
	}
}

// recvAck takes the ACK of a 2xx, and the answer in it when we made the offer.
// It acknowledges what came before as well: a peer that acknowledges a later
// INVITE has heard the 2xx of an earlier one.
func (s *Session) recvAck(t *dialog.Turn, in *dialog.Inbound) bool {
	if s.work == nil || len(s.work.twoxx) == 0 {
		return false
	}
	seq, err := sip.CSeq.Get(in.Msg)
	if err != nil || seq.Number < s.work.twoxx[0].seq {
		return false
	}
	var last twoxx
	first := false
	rest := s.work.twoxx[:0]
	for _, x := range s.work.twoxx {
		if x.seq > seq.Number {
			rest = append(rest, x)
			continue
		}
		last, first = x, first || x.first
	}
	s.work.twoxx = rest
	if len(rest) == 0 {
		s.mod.Acked()
	}
	// An open offer of ours is always in the latest 2xx: until it is answered no
	// other INVITE is taken. The ACK of an earlier 2xx may come late and has
	// nothing to do with it.
	meaning := oa.Nothing
	if last.seq == seq.Number && len(rest) == 0 {
		meaning = s.recvAnswer(last.offer, in.Msg)
	}
	if first {
		do := s.life.Acked()
		if do.Has(lifecycle.Up) {
			s.emit(Confirmed{})
		}
		s.do(t, do, &Hangup{})
		if meaning == oa.Missing {
			// RFC 3261 §13.2.1 owes us an answer here. Without it there is nothing
			// to speak of; after a re-INVITE what was agreed before still holds.
			s.do(t, s.life.Bye(), ErrNoAnswer)
		}
	}
	s.settle()
	s.nextOffer(t)
	return true
}

// recvAnswer takes the answer to our offer out of an ACK.
func (s *Session) recvAnswer(offer sip.Body, ack *sip.Message) oa.Meaning {
	body, has := description(ack)
	meaning := s.oa.Recv(oa.Ack, has)
	switch meaning {
	case oa.Answer:
		m := &media{local: offer, remote: keep(body)}
		s.media.Store(m)
		if s.why.Load() != nil {
			break
		}
		s.emit(Answered{Answer: m.remote})
		if s.handler.Answered != nil {
			s.outbox.Post(s.set, func() { s.handler.Answered(s, m.remote) })
		}
	case oa.Missing:
		s.oa.Abort()
	case oa.Nothing, oa.Offer, oa.Preview, oa.Ignored, oa.Illegal:
	}
	return meaning
}
