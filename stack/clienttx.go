package stack

import (
	"errors"
	"time"

	"dum/internal/machine/txn"
	"dum/sip"
	"dum/trace"
	"dum/transport"
)

// A ClientTx is a request of ours on its way (RFC 3261 §17.1). Its methods
// belong in turns of its strand, except Request, Method and Flow, which may be
// called from anywhere.
type ClientTx struct {
	req    *sip.Message
	method sip.Method
	strand *Strand
	user   ClientTU
	entry  entry     // in the table
	next   *ClientTx // in the strand's list
	over   bool      // it is no longer in the table as a live one

	inviteTx  txn.ClientInvite
	requestTx txn.ClientRequest

	sentBy hostPort       // what its Via says
	flow   transport.Flow // where it goes
	raw    []byte         // what is repeated; nil over a reliable transport
	ack    []byte         // an INVITE's, of a final response that is no 2xx

	cancel
	onFlow onFlow
}

// Request is the request as it was sent, with our Via. It must not be changed.
func (tx *ClientTx) Request() *sip.Message { return tx.req }

// Method is the method of the request.
func (tx *ClientTx) Method() sip.Method { return tx.method }

// Flow is the flow that the request went out on.
func (tx *ClientTx) Flow() transport.Flow { return tx.flow }

// Send gives req a Via with a fresh branch and sends it on f as a new client
// transaction, whose responses, or failure, u hears. It never blocks. req must
// not be changed afterwards; to send it again, clone it and take the Via off.
//
// An error means that nothing was sent and that u will hear nothing: ErrClosed,
// or what the flow said. ACK has no transaction: see [Stack.Transmit].
func (t *Turn) Send(req *sip.Message, f transport.Flow, u ClientTU) (*ClientTx, error) {
	s := t.strand.stack
	host, port := s.SentBy(f)
	branch := pushVia(req, f, host, port)
	tx := &ClientTx{req: req, method: req.Method(), strand: t.strand, user: u, flow: f, sentBy: hostPort{host, port}}
	if err := tx.start(t, branch); err != nil {
		return nil, err
	}
	return tx, nil
}

// start enters the transaction everywhere and sends the request. It is entered
// first: the answer may be faster than we are.
func (tx *ClientTx) start(t *Turn, branch string) error {
	st := t.strand
	s := st.stack
	if st.closed || s.closing.Load() {
		tx.over = true
		return ErrClosed
	}
	var room [keyRoom]byte
	tx.entry.client, tx.entry.taken = tx, true
	// The branch is fresh, and a CANCEL is made once: nothing can be there.
	s.txs.insert(&tx.entry, appendClientKey(room[:0], branch, tx.method))
	s.flows.add(tx)
	tx.next, st.clients = st.clients, tx
	s.stats.clientTx.Add(1)
	reliable := tx.flow.Network().Reliable
	if tx.invite() {
		tx.inviteTx.Start(t.now, &s.timers, reliable)
		tx.state("Calling")
	} else {
		tx.requestTx.Start(t.now, &s.timers, reliable)
		tx.state("Trying")
	}
	raw, err := s.sendMessage(tx.req, tx.flow, !reliable)
	if err != nil && !errors.Is(err, transport.ErrQueueFull) || err != nil && reliable {
		tx.end()
		return err
	}
	tx.raw = raw
	return nil
}

func (tx *ClientTx) invite() bool { return tx.method == sip.INVITE }

// recv takes a response.
func (tx *ClientTx) recv(t *Turn, in *Inbound) {
	if tx.over {
		return
	}
	s := tx.strand.stack
	code := in.Msg.Code()
	var act txn.Action
	if tx.invite() {
		act = tx.inviteTx.Recv(t.now, &s.timers, code)
	} else {
		act = tx.requestTx.Recv(t.now, &s.timers, code)
	}
	if act.Has(txn.Ack) {
		tx.acknowledge(in.Msg)
	}
	tx.settle(t)
	if !act.Has(txn.Deliver) {
		return
	}
	tx.user.RecvResponse(t, tx, in)
	if code < 200 {
		tx.cancelNow(t) // if that was waiting for a sign of life
	}
}

// settle decides what becomes of the transaction after a response.
func (tx *ClientTx) settle(t *Turn) {
	s := tx.strand.stack
	if tx.invite() {
		switch tx.inviteTx.State() {
		case txn.InviteCompleted:
			tx.state("Completed")
			tx.leave()
			s.bury(&tx.entry, grave{again: tx.ack}, tx.flow, spanD, t.now)
		case txn.InviteEnded:
			tx.state("Terminated")
			tx.leave()
			s.dropEntry(&tx.entry)
		case txn.InviteAccepted:
			tx.raw, tx.giveUp = nil, time.Time{}
		case txn.InviteCalling, txn.InviteProceeding:
		}
		return
	}
	switch tx.requestTx.State() {
	case txn.RequestCompleted:
		tx.state("Completed")
		tx.leave()
		s.bury(&tx.entry, grave{}, nil, spanT4, t.now)
	case txn.RequestEnded:
		tx.state("Terminated")
		tx.leave()
		s.dropEntry(&tx.entry)
	case txn.RequestTrying, txn.RequestProceeding:
	}
}

// acknowledge sends the ACK of a failed INVITE.
//
// RFC 3261 §17.1.1.2: "The ACK MUST be sent to the same address, port, and
// transport to which the original request was sent."
func (tx *ClientTx) acknowledge(resp *sip.Message) {
	s := tx.strand.stack
	tx.ack, _ = s.sendMessage(newHopAck(tx.req, resp), tx.flow, !tx.flow.Network().Reliable)
}

// fail takes the news that the flow has failed.
func (tx *ClientTx) fail(t *Turn, err error) {
	if tx.over {
		return
	}
	var act txn.Action
	if tx.invite() {
		act = tx.inviteTx.Fail()
	} else {
		act = tx.requestTx.Fail()
	}
	if act.Has(txn.Failed) {
		tx.state("Terminated")
		tx.end()
		tx.user.TxFailed(t, tx, err)
	}
}

// waiting tells whether something of ours is unanswered out there, so that an
// ICMP error for the peer's address speaks of this transaction.
func (tx *ClientTx) waiting() bool {
	if tx.invite() {
		return tx.inviteTx.State() == txn.InviteCalling
	}
	return true
}

func (tx *ClientTx) deadline() time.Time {
	if tx.invite() {
		return earlier(tx.inviteTx.Deadline(), tx.giveUp)
	}
	return tx.requestTx.Deadline()
}

func (tx *ClientTx) expire(t *Turn) {
	s := tx.strand.stack
	var act txn.Action
	reason := ErrTimeout
	switch {
	case tx.invite() && tx.gaveUp(t.now):
		tx.giveUp = time.Time{}
		act = tx.inviteTx.Abandon()
		reason = ErrCanceled
	case tx.invite():
		act = tx.inviteTx.Expire(t.now, &s.timers)
	default:
		act = tx.requestTx.Expire(t.now, &s.timers)
	}
	if act.Has(txn.Resend) && len(tx.raw) > 0 {
		if err := s.again(tx.raw, tx.flow); errors.Is(err, transport.ErrClosed) {
			tx.fail(t, err)
			return
		}
	}
	if act.Has(txn.Terminated) {
		tx.state("Terminated")
		tx.end()
	}
	if act.Has(txn.TimedOut) {
		tx.user.TxFailed(t, tx, reason)
	}
}

// end forgets the transaction altogether.
func (tx *ClientTx) end() {
	if !tx.over {
		tx.leave()
		tx.strand.stack.dropEntry(&tx.entry)
	}
}

// leave takes the transaction out of its strand and its flow.
func (tx *ClientTx) leave() {
	s := tx.strand.stack
	tx.over, tx.raw = true, nil
	tx.giveUp = time.Time{}
	for p := &tx.strand.clients; *p != nil; p = &(*p).next {
		if *p == tx {
			*p = tx.next
			break
		}
	}
	s.flows.remove(tx)
	s.stats.clientTx.Add(-1)
}

func (tx *ClientTx) state(name string) {
	if s := tx.strand.stack; s.trace.On() {
		via, _ := sip.Via.Get(tx.req)
		s.trace.Record(tx.strand.turn.now, trace.TransactionState{
			CallID: tx.req.CallID(), Branch: via.Branch(), Method: tx.method, Kind: "client", State: name,
		})
	}
}
