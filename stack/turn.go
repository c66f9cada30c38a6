package stack

import (
	"time"

	"dum/sip"
	"dum/transport"
)

// A Turn is the right to touch one strand and everything that belongs to it.
// It is passed to each callback of a [TU] and must not be kept beyond it.
type Turn struct {
	strand *Strand
	now    time.Time
}

// Now is the time of this turn. It does not change within it and never runs
// backwards from one turn of a strand to the next.
func (t *Turn) Now() time.Time { return t.now }

// Strand is whose turn it is.
func (t *Turn) Strand() *Strand { return t.strand }

// SetDeadline tells when the TU's Expire wants to be called. It replaces what
// was set before; the zero time means never. A closed strand has none.
func (t *Turn) SetDeadline(at time.Time) {
	if !t.strand.closed {
		t.strand.due = at
	}
}

// A TU is the layer above, the transaction user of RFC 3261 §5, as one strand
// sees it. Its methods are called in turns of that strand only; they must not
// block.
type TU interface {
	// RecvRequest gets the first copy of a request, other than ACK and CANCEL.
	// The TU owes tx a final response, in this turn or a later one.
	RecvRequest(t *Turn, tx *ServerTx)
	// RecvAck gets an ACK that belongs to no transaction: that of a 2xx.
	RecvAck(t *Turn, in *Inbound)
	// RecvCancel tells that tx, an INVITE without a final response, is being
	// cancelled. The CANCEL has been answered; tx has yet to be, with a 487 or
	// with what the TU was about to say. It is called once for each tx.
	RecvCancel(t *Turn, tx *ServerTx, cancel *Inbound)
	// Expire is called when the time given to SetDeadline has come; the deadline
	// is cleared before.
	Expire(t *Turn)
	// Fault tells that the strand is lost: a turn of it panicked (a
	// [*PanicError]; requests that had no final response got a 500), or the stack
	// was closed (ErrClosed). The strand is closed after this call.
	Fault(t *Turn, err error)
}

// A ClientTU is the user of one client transaction. Its methods are called in
// turns of the strand that sent the request.
type ClientTU interface {
	// RecvResponse gets each provisional response and the final one; for an
	// INVITE every 2xx, of this and of other forks, repetitions included, until
	// 64*T1 after the first. The transaction acknowledges other final responses
	// to an INVITE itself.
	RecvResponse(t *Turn, tx *ClientTx, resp *Inbound)
	// TxFailed tells that there will be no final response: ErrTimeout,
	// ErrCanceled, or what the transport says. It is called at most once, and not
	// after a final response.
	TxFailed(t *Turn, tx *ClientTx, err error)
}

// An Inbound is a message that arrived.
type Inbound struct {
	Msg  *sip.Message
	Flow transport.Flow
	At   time.Time
}

// An Acceptor is the layer above as the stack sees it: it makes strands for
// requests that open something new.
type Acceptor interface {
	// Accept is called for a request without a To tag that no transaction knows.
	// It returns the strand that will get the request, or the status to refuse it
	// with; a refusal is answered statelessly, with a To tag. It is called on the
	// goroutine of a socket's reader, of several at once, so it must be quick and
	// must not block.
	Accept(in *Inbound) (*Strand, *sip.Status)
}
