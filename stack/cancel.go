package stack

import (
	"time"

	"dum/internal/machine/txn"
	"dum/sip"
)

// cancel is what a client INVITE knows of its CANCEL.
type cancel struct {
	wanted   bool
	sent     bool
	decorate func(*sip.Message)
	giveUp   time.Time // when to wait no longer for a final response
}

// Cancel cancels an INVITE: at once when the peer has shown a sign of life,
// else with its first provisional response. decorate, which may be nil, adds
// headers such as Reason to the CANCEL. The final response, a 487 if all goes
// well, still arrives at the user; if there is none 64*T1 after the CANCEL,
// TxFailed tells ErrCanceled. Cancelling twice, after a final response, or a
// request that is no INVITE, does nothing.
//
// RFC 3261 §9.1: "If no provisional response has been received, the CANCEL
// request MUST NOT be sent; rather, the client MUST wait for the arrival of a
// provisional response before sending the request. If the original request has
// generated a final response, the CANCEL SHOULD NOT be sent, as it is an
// effective no-op".
func (tx *ClientTx) Cancel(t *Turn, decorate func(*sip.Message)) {
	if tx.over || !tx.invite() || tx.wanted {
		return
	}
	tx.wanted, tx.decorate = true, decorate
	tx.cancelNow(t)
}

// cancelNow sends the CANCEL if it is wanted and its time has come.
func (tx *ClientTx) cancelNow(t *Turn) {
	if !tx.wanted || tx.sent || tx.over || tx.inviteTx.State() != txn.InviteProceeding {
		return
	}
	tx.sent = true
	// RFC 3261 §9.1: "If there is no final response for the original request in
	// 64*T1 seconds […], the client SHOULD then consider the original transaction
	// cancelled and SHOULD destroy the client transaction handling the original
	// request."
	s := tx.strand.stack
	tx.giveUp = t.now.Add(s.timers.Long())
	req := newCancel(tx.req)
	if tx.decorate != nil {
		tx.decorate(req)
		tx.decorate = nil
	}
	via, _ := sip.Via.Get(req)
	// RFC 3261 §9.1: "The destination address, port, and transport for the CANCEL
	// MUST be identical to those used to send the original request." Its own outcome
	// tells nothing: the INVITE's final response does, or giveUp.
	c := &ClientTx{req: req, method: sip.CANCEL, strand: tx.strand, user: nobody{}, flow: tx.flow, sentBy: tx.sentBy}
	_ = c.start(t, via.Branch())
}

func (tx *ClientTx) gaveUp(now time.Time) bool {
	return !tx.giveUp.IsZero() && !now.Before(tx.giveUp)
}

// nobody listens to the responses to a CANCEL.
type nobody struct{}

func (nobody) RecvResponse(*Turn, *ClientTx, *Inbound) {}
func (nobody) TxFailed(*Turn, *ClientTx, error)        {}

// newCancel makes the CANCEL of a request of ours.
//
// RFC 3261 §9.1: "The Request-URI, Call-ID, To, the numeric part of CSeq, and
// From header fields in the CANCEL request MUST be identical to those in the
// request being cancelled, including tags. A CANCEL constructed by a client MUST
// have only a single Via header field value matching the top Via value in the
// request being cancelled. […] If the request being cancelled contains a Route
// header field, the CANCEL request MUST include that Route header field's
// values. […] The CANCEL request MUST NOT contain any Require or Proxy-Require
// header fields."
func newCancel(req *sip.Message) *sip.Message { return newShadow(req, req, sip.CANCEL) }

// newHopAck makes the ACK that belongs to the transaction of a failed INVITE.
//
// RFC 3261 §17.1.1.3: "The ACK request constructed by the client transaction
// MUST contain values for the Call-ID, From, and Request-URI that are equal to
// the values of those header fields in the request passed to the transport by
// the client transaction […]. The To header field in the ACK MUST equal the To
// header field in the response being acknowledged […]. The ACK MUST contain a
// single Via header field, and this MUST be equal to the top Via header field of
// the original request. […] If the INVITE request whose response is being
// acknowledged had Route header fields, those header fields MUST appear in the
// ACK."
func newHopAck(req, resp *sip.Message) *sip.Message { return newShadow(req, resp, sip.ACK) }

// newShadow makes the request of another method that follows an INVITE of ours
// on its way. To comes from the message to.
func newShadow(req, to *sip.Message, method sip.Method) *sip.Message {
	uri, _ := req.URI()
	m := sip.NewRequest(method, uri)
	if via, err := sip.Via.Get(req); err == nil {
		sip.Via.Set(m, via)
	}
	copyLines(m, req, "Route")
	copyLines(m, req, "From")
	copyLines(m, to, "To")
	copyLines(m, req, "Call-ID")
	seq, _ := sip.CSeq.Get(req)
	sip.CSeq.Set(m, sip.Seq{Number: seq.Number, Method: method})
	sip.MaxForwards.Set(m, 70)
	return m
}

// copyLines copies all lines of a header as they are.
func copyLines(dst, src *sip.Message, name string) {
	h := sip.Named(name)
	for v := range h.All(src) {
		h.Add(dst, v)
	}
}
