package stack

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"dum/internal/machine/txn"
	"dum/sip"
	"dum/trace"
	"dum/transport"
)

// A ServerTx is a request that arrived and is to be answered (RFC 3261 §17.2).
// Its methods belong in turns of its strand, except Request, Method and Flow,
// which may be called from anywhere. It stays usable, though it does nothing
// more, after it is over.
type ServerTx struct {
	in     Inbound
	strand *Strand
	entry  entry     // in the table
	next   *ServerTx // in the strand's list

	invite    bool
	inviteTx  txn.ServerInvite
	requestTx txn.ServerRequest

	flow     transport.Flow // where responses go
	last     []byte         // the last response, where it may be needed again
	tag      string
	over     bool // it is no longer in the table as a live one
	lost     bool // it ended before it was answered
	answered bool // a final response was given
	canceled bool // the TU knows of a CANCEL
}

// Request is the request, with received and rport filled in (RFC 3261
// §18.2.1, RFC 3581). It must not be changed.
func (tx *ServerTx) Request() *sip.Message { return tx.in.Msg }

// Inbound is the request with the flow it came over and the time.
func (tx *ServerTx) Inbound() *Inbound { return &tx.in }

// Method is the method of the request.
func (tx *ServerTx) Method() sip.Method { return tx.in.Msg.Method() }

// Flow is the flow that the request came over.
func (tx *ServerTx) Flow() transport.Flow { return tx.in.Flow }

// Answered tells whether a final response has been given.
func (tx *ServerTx) Answered() bool { return tx.answered }

// Tag is the To tag of the responses to this request: the one the request has,
// else that of the name to which the strand is bound, else the one given to
// SetTag or found in the first response; "" before that.
func (tx *ServerTx) Tag() string { return tx.tag }

// SetTag sets the To tag that responses without one get. It does nothing when
// there is a tag.
//
// RFC 3261 §8.2.6.2: "The same tag MUST be used for all responses to that
// request, both final and provisional (again excepting the 100 (Trying))."
func (tx *ServerTx) SetTag(tag string) {
	if tx.tag == "" {
		tx.tag = tag
	}
}

// Respond sends a response: as many provisional ones as the TU likes, then one
// final one, after which an INVITE that was accepted may be given its 2xx
// again. A missing To tag is added. resp must not be changed afterwards.
//
// The errors are ErrAnswered, ErrNotAllowed, ErrTimeout and ErrClosed; in all
// these cases nothing was sent. What the transport says is no error: a lost
// response is sent again when the request comes again.
func (tx *ServerTx) Respond(t *Turn, resp *sip.Message) error {
	code := resp.Code()
	if tx.lost {
		// The client has given up, or the strand is closed. The TU has done its duty
		// all the same.
		again := tx.answered
		tx.answered = tx.answered || code >= 200
		switch {
		case again:
			return ErrAnswered
		case tx.strand.closed:
			return ErrClosed
		}
		return ErrTimeout
	}
	var act txn.Action
	timers := &tx.strand.stack.timers
	if tx.invite {
		act = tx.inviteTx.Respond(t.now, timers, code)
	} else {
		act = tx.requestTx.Respond(t.now, timers, code)
	}
	if act.Has(txn.Refuse) {
		if tx.answered {
			return ErrAnswered
		}
		return ErrNotAllowed
	}
	if code > 100 {
		tx.label(resp)
	}
	tx.send(t, resp)
	return nil
}

// label sees to the To tag of a response and of all that follow it.
func (tx *ServerTx) label(resp *sip.Message) {
	if tag := resp.ToTag(); tag != "" {
		tx.SetTag(tag)
		return
	}
	tx.SetTag(sip.NewTag())
	resp.SetToTag(tx.tag)
}

// send encodes a response and sends it. The bytes are kept if they may be
// needed again: over an unreliable transport any response, and a 2xx to an
// INVITE, which the TU repeats over all of them.
func (tx *ServerTx) send(t *Turn, resp *sip.Message) {
	s := tx.strand.stack
	buf := s.buffers.get()
	raw := resp.AppendTo((*buf)[:0])
	s.sendResponse(tx.in.Msg, &tx.flow, raw)
	code := resp.Code()
	switch {
	case code >= 200 && !tx.answered:
		tx.answered = true
		tx.settle(t, code, raw)
	case !tx.reliable() || code >= 200:
		tx.last = bytes.Clone(raw)
	}
	*buf = raw
	s.buffers.put(buf)
}

func (tx *ServerTx) reliable() bool { return tx.in.Flow.Network().Reliable }

// Resend sends the last response once more: for the TU, which repeats its 2xx
// to an INVITE until the ACK comes (RFC 3261 §13.3.1.4).
func (tx *ServerTx) Resend(t *Turn) { tx.resend() }

func (tx *ServerTx) resend() {
	if len(tx.last) > 0 {
		tx.strand.stack.again(tx.last, tx.flow)
	}
}

// settle decides what becomes of the transaction after its final response, of
// which raw are the bytes.
func (tx *ServerTx) settle(t *Turn, code int, raw []byte) {
	s := tx.strand.stack
	switch {
	case tx.invite && code >= 300:
		tx.state("Completed")
		tx.last = nil
		if !tx.reliable() { // it is repeated until the ACK comes
			tx.last = bytes.Clone(raw)
		}
	case tx.invite:
		tx.state("Accepted")
		tx.last = bytes.Clone(raw)
		tx.leave()
		s.bury(&tx.entry, grave{tag: []byte(tx.tag), accepted: true}, nil, spanLong, t.now)
	case tx.reliable():
		tx.state("Terminated")
		tx.last = nil
		tx.leave()
		s.dropEntry(&tx.entry)
	default:
		tx.state("Completed")
		tx.last = nil
		tx.leave()
		s.bury(&tx.entry, grave{again: raw}, nil, spanLong, t.now)
	}
}

// begin is the first turn of the transaction.
func (tx *ServerTx) begin(t *Turn) {
	st := tx.strand
	s := st.stack
	if st.closed {
		// The set ended while the request was on its way to it.
		s.refuse(&tx.in, sip.NewStatus(481, ""))
		s.dropEntry(&tx.entry)
		tx.over, tx.lost = true, true
		return
	}
	if tx.tag == "" && st.key.CallID == tx.in.Msg.CallID() {
		tx.tag = st.key.Tag
	}
	tx.next, st.servers = st.servers, tx
	s.stats.serverTx.Add(1)
	if tx.invite {
		tx.inviteTx.Start(t.now, &s.timers, tx.reliable())
		tx.state("Proceeding")
	} else {
		tx.requestTx.Start(t.now, &s.timers, tx.reliable())
		tx.state("Trying")
	}
	st.tu.RecvRequest(t, tx)
}

// again takes a copy of the request.
func (tx *ServerTx) again() {
	if tx.over {
		return
	}
	var act txn.Action
	if tx.invite {
		act = tx.inviteTx.Again()
	} else {
		act = tx.requestTx.Again()
	}
	if act.Has(txn.Resend) {
		tx.resend()
	}
}

// recvAck takes an ACK that has the branch of this INVITE.
func (tx *ServerTx) recvAck(t *Turn, in *Inbound) {
	st := tx.strand
	if tx.over || !tx.answered {
		if tx.answered && !st.closed && tx.inviteTx.State() == txn.AnswerAccepted {
			// A peer that gives the ACK of a 2xx the branch of its INVITE, as those of
			// RFC 2543 do.
			st.tu.RecvAck(t, in)
		}
		return
	}
	// RFC 3261 §17.2.3, for RFC 2543 peers: "and the To tag of the ACK matches the
	// To tag of the response sent by the server transaction". Others are matched
	// by branch alone.
	if tx.entry.key[0] == ancientKind && in.Msg.ToTag() != tx.tag {
		return
	}
	s := st.stack
	act := tx.inviteTx.RecvAck(t.now, &s.timers)
	switch {
	case act.Has(txn.Terminated):
		tx.state("Terminated")
		tx.leave()
		s.dropEntry(&tx.entry)
	case tx.inviteTx.State() == txn.AnswerConfirmed:
		tx.state("Confirmed")
		tx.leave()
		s.bury(&tx.entry, grave{tag: []byte(tx.tag)}, nil, spanT4, t.now)
	}
	tx.last = nil
}

// deadline is when expire wants to be called.
func (tx *ServerTx) deadline() time.Time {
	if tx.invite {
		return tx.inviteTx.Deadline()
	}
	return tx.requestTx.Deadline()
}

func (tx *ServerTx) expire(t *Turn) {
	s := tx.strand.stack
	var act txn.Action
	if tx.invite {
		act = tx.inviteTx.Expire(t.now, &s.timers)
	} else {
		act = tx.requestTx.Expire(t.now, &s.timers)
	}
	if act.Has(txn.SendTrying) {
		// RFC 3261 §17.2.1: the 100 is made "except that the insertion of tags in the
		// To header field of the response (when none was present in the request) is
		// downgraded from MAY to SHOULD NOT."
		tx.send(t, newTrying(&tx.in, t.now))
	}
	if act.Has(txn.Resend) {
		tx.resend()
	}
	if act.Has(txn.Terminated) {
		tx.state("Terminated")
		tx.end()
	}
}

// newTrying makes the 100 that the transaction sends by itself.
//
// RFC 3261 §8.2.6.1: "any Timestamp header field present in the request MUST be
// copied into this 100 (Trying) response. If there is a delay in generating the
// response, the UAS SHOULD add a delay value into the Timestamp value in the
// response. This value MUST contain the difference between the time of sending
// of the response and receipt of the request, measured in seconds."
func newTrying(in *Inbound, now time.Time) *sip.Message {
	resp := sip.NewResponse(in.Msg, 100, "")
	stamp := sip.Named("Timestamp")
	if v, err := stamp.Get(resp); err == nil && !strings.Contains(v, " ") {
		stamp.Set(resp, v+" "+strconv.FormatFloat(now.Sub(in.At).Seconds(), 'f', 3, 64))
	}
	return resp
}

// end forgets the transaction altogether.
func (tx *ServerTx) end() {
	if !tx.over {
		tx.leave()
		tx.last, tx.lost = nil, !tx.answered
		tx.strand.stack.dropEntry(&tx.entry)
	}
}

// leave takes the transaction out of its strand. Its own next stays as it is,
// for whoever is walking the list.
func (tx *ServerTx) leave() {
	tx.over = true
	st := tx.strand
	for p := &st.servers; *p != nil; p = &(*p).next {
		if *p == tx {
			*p = tx.next
			break
		}
	}
	st.stack.stats.serverTx.Add(-1)
}

func (tx *ServerTx) state(name string) {
	if s := tx.strand.stack; s.trace.On() {
		via, _ := sip.Via.Get(tx.in.Msg)
		s.trace.Record(tx.strand.turn.now, trace.TransactionState{
			CallID: tx.in.Msg.CallID(), Branch: via.Branch(), Method: tx.Method(), Kind: "server", State: name,
		})
	}
}
