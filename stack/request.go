package stack

import (
	"dum/sip"
)

// request finds out to whom a request belongs. RFC 3261 §8.2.2, §17.2.3 and
// §18.2.1 are here, in the order in which their questions have to be asked.
func (s *Stack) request(in Inbound) {
	via, _ := sip.Via.Get(in.Msg) // checked
	switch in.Msg.Method() {
	case sip.ACK:
		s.recvAck(in, &via)
	case sip.CANCEL:
		s.recvCancel(in, &via)
	default:
		s.recvRequest(in, &via)
	}
}

func (s *Stack) recvRequest(in Inbound, via *sip.Hop) {
	var room [keyRoom]byte
	key := appendServerKey(room[:0], in.Msg, via, in.Msg.Method())
	if f := s.txs.find(key); f.state != nothing {
		s.copyOf(in, via, f)
		return
	}
	if tag := in.Msg.ToTag(); tag != "" {
		b, ok := s.sets.get(Key{in.Msg.CallID(), tag})
		if !ok {
			// RFC 3261 §12.2.2: "If the UAS wishes to reject the request because it does
			// not wish to recreate the dialog, it MUST respond to the request with a 481
			// (Call/Transaction Does Not Exist) status code".
			s.refuseVia(&in, via, sip.NewStatus(481, ""))
			return
		}
		if tx := s.reserve(in, via, key, tag); tx != nil {
			s.hand(tx, b.strand)
		}
		return
	}
	if s.roll.n.Load() >= s.maxStrands {
		s.stats.refused.Add(1)
		s.refuseVia(&in, via, s.overload)
		return
	}
	tx := s.reserve(in, via, key, "")
	if tx == nil {
		return
	}
	// RFC 3261 §8.2.2.2: "If the request has no tag in the To header field, the UAS
	// core MUST check the request against ongoing transactions. If the From tag,
	// Call-ID, and CSeq exactly match those associated with an ongoing transaction,
	// but the request does not match that transaction (based on the matching rules
	// in Section 17.2.3), the UAS core SHOULD generate a 482 (Loop Detected)
	// response".
	m := s.mergeKey(in.Msg)
	if !s.merged.insert(m, struct{}{}) {
		tx.entry.drop()
		s.refuse(&tx.in, sip.NewStatus(482, "Merged Request"))
		return
	}
	tx.entry.merge = m
	st, status := s.accept(&tx.in)
	if status != nil {
		s.dropEntry(&tx.entry)
		s.refuse(&tx.in, status)
		return
	}
	s.hand(tx, st)
}

// accept asks the layer above, and answers for it when it panics.
func (s *Stack) accept(in *Inbound) (st *Strand, status *sip.Status) {
	defer func() {
		if v := recover(); v != nil {
			s.caught(*in, v)
			st, status = nil, sip.NewStatus(500, "")
		}
	}()
	st, status = s.acceptor.Accept(in)
	if st == nil && status == nil {
		status = sip.NewStatus(500, "")
	}
	return st, status
}

// reserve enters a transaction for a request before anybody is asked, so that a
// copy of it on another socket cannot make a second one. Nil comes back when
// this is that copy.
func (s *Stack) reserve(in Inbound, via *sip.Hop, key []byte, tag string) *ServerTx {
	tx := &ServerTx{in: in, invite: in.Msg.Method() == sip.INVITE, tag: tag, flow: s.responseFlow(&in, via)}
	tx.entry.server = tx
	if f, ok := s.txs.insert(&tx.entry, key); !ok {
		s.copyOf(in, via, f)
		return nil
	}
	stamp(in.Msg, via, in.Flow)
	return tx
}

// hand gives a reserved transaction to its strand, and then makes it known to
// others, so that whatever they bring comes behind the request.
func (s *Stack) hand(tx *ServerTx, st *Strand) {
	tx.strand = st
	reliable := tx.reliable()
	if !st.offer(event{kind: evRequest, in: &tx.in, server: tx}, reliable) {
		s.dropEntry(&tx.entry)
		if reliable { // it will not come again by itself
			s.refuse(&tx.in, s.overload)
		}
		s.dropMessage(tx.in, "mailbox full")
		return
	}
	for _, c := range tx.entry.publish() {
		via, _ := sip.Via.Get(c.Msg)
		s.recvCancel(*c, &via)
	}
}

// copyOf deals with a copy of a request whose transaction is known.
func (s *Stack) copyOf(in Inbound, via *sip.Hop, f found) {
	s.stats.repeated.Add(1)
	switch f.state {
	case live:
		f.server.strand.offer(event{kind: evAgain, server: f.server}, false)
	case buried:
		if len(f.grave.again) > 0 {
			// The copy tells where to: it has the Via of the original.
			_ = s.again(f.grave.again, s.responseFlow(&in, via))
		}
	case reserved, nothing: // the original is being looked at this very moment
	}
}

// recvAck deals with an ACK. It is never answered.
func (s *Stack) recvAck(in Inbound, via *sip.Hop) {
	var room [keyRoom]byte
	key := appendServerKey(room[:0], in.Msg, via, sip.INVITE)
	if f := s.txs.find(key); f.state != nothing && !(f.state == buried && f.grave.accepted) {
		if f.state == live {
			s.bring(event{kind: evAck, in: &in, server: f.server}, f.server.strand)
		}
		return
	}
	// RFC 3261 §17: "If the response was a 2xx, the ACK is not considered part of
	// the transaction." RFC 6026 §6: with an RFC 2543 peer it matches the INVITE
	// all the same, and "must be passed directly to the transaction user".
	b, ok := s.sets.get(Key{in.Msg.CallID(), in.Msg.ToTag()})
	if !ok {
		s.dropMessage(in, "ACK of nothing")
		return
	}
	stamp(in.Msg, via, in.Flow)
	s.bring(event{kind: evAck2xx, in: &in}, b.strand)
}

// recvCancel deals with a CANCEL.
//
// RFC 3261 §9.2: "If the UAS did not find a matching transaction for the CANCEL
// according to the procedure above, it SHOULD respond to the CANCEL with a 481
// (Call Leg/Transaction Does Not Exist)." Only INVITEs are looked for: "A CANCEL
// request SHOULD NOT be sent to cancel a request other than INVITE" (§9.1), and
// would have no effect on one.
func (s *Stack) recvCancel(in Inbound, via *sip.Hop) {
	var room [keyRoom]byte
	key := appendServerKey(room[:0], in.Msg, via, sip.CANCEL)
	if f := s.txs.find(key); f.state != nothing {
		s.copyOf(in, via, f)
		return
	}
	key = appendServerKey(room[:0], in.Msg, via, sip.INVITE)
	f := s.txs.find(key)
	switch f.state {
	case nothing:
		s.refuseVia(&in, via, sip.NewStatus(481, ""))
	case live:
		s.bring(event{kind: evCancel, in: &in, server: f.server}, f.server.strand)
	case reserved:
		if !s.txs.wait(key, &in) {
			s.recvCancel(in, via) // it has been taken meanwhile
		}
	case buried:
		// RFC 3261 §9.2: where a final response has been sent, "the CANCEL request has
		// no effect on the processing of the original request, no effect on any
		// session state, and no effect on the responses generated for the original
		// request."
		s.answerCancel(&in, via, string(f.grave.tag))
	}
}

// recvCancel is the CANCEL in the turn of its INVITE.
func (tx *ServerTx) recvCancel(t *Turn, in *Inbound) {
	s := tx.strand.stack
	// RFC 3261 §9.2: "the To tag of the response to the CANCEL and the To tag in
	// the response to the original request SHOULD be the same."
	tx.SetTag(s.steadyTag(tx.in.Msg))
	via, _ := sip.Via.Get(in.Msg)
	s.answerCancel(in, &via, tx.tag)
	if tx.over || tx.answered || tx.canceled || tx.strand.closed {
		return
	}
	tx.canceled = true
	tx.strand.tu.RecvCancel(t, tx, in)
}

// answerCancel sends the 200 to a CANCEL, whose transaction is over with that.
//
// RFC 3261 §9.2: "Regardless of the method of the original request, as long as
// the CANCEL matched an existing transaction, the UAS answers the CANCEL
// request itself with a 200 (OK) response."
func (s *Stack) answerCancel(in *Inbound, via *sip.Hop, tag string) {
	var room [keyRoom]byte
	key := appendServerKey(room[:0], in.Msg, via, sip.CANCEL)
	stamp(in.Msg, via, in.Flow)
	resp := sip.NewResponse(in.Msg, 200, "")
	if resp.ToTag() == "" {
		resp.SetToTag(tag)
	}
	flow := s.responseFlow(in, via)
	buf := s.buffers.get()
	raw := resp.AppendTo((*buf)[:0])
	s.sendResponse(in.Msg, &flow, raw)
	if e := new(entry); !in.Flow.Network().Reliable {
		if _, ok := s.txs.insert(e, key); ok {
			s.bury(e, grave{again: raw}, nil, spanLong, in.At)
		}
	}
	*buf = raw
	s.buffers.put(buf)
}

// bring offers what a message brings to a strand, or drops it.
func (s *Stack) bring(ev event, st *Strand) {
	if !st.offer(ev, ev.in.Flow.Network().Reliable) {
		s.dropMessage(*ev.in, "mailbox full")
	}
}

// dropEntry takes a transaction out of the tables.
func (s *Stack) dropEntry(e *entry) {
	e.drop()
	if e.merge != 0 {
		s.merged.remove(e.merge)
	}
}
