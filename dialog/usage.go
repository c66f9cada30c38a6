package dialog

import (
	"time"

	"dum/stack"
)

// The stack's words, so that a usage imports one package less.
type (
	// Turn is the right to touch one set; see [stack.Turn].
	Turn = stack.Turn
	// ServerTx is a request to answer; see [stack.ServerTx].
	ServerTx = stack.ServerTx
	// Inbound is a message with the flow it came over; see [stack.Inbound].
	Inbound = stack.Inbound
	// Key names a set: Call-ID and our tag; see [stack.Key].
	Key = stack.Key
)

// A Usage is one use of a set or of a dialog in it (RFC 5057): a call, a
// subscription. All its methods are called in turns of the set.
//
// The three Recv methods answer whether the message was theirs. The usages of
// the dialog are asked first, then those of the set as a whole, each in the
// order in which they were added, until one takes the message. d is nil for
// what belongs to no dialog, of which only the usages of the set are asked:
// the NOTIFY that makes a dialog (RFC 6665 §4.4.1), for one.
type Usage interface {
	// RecvRequest takes a request. It owes it a final response, in this turn or a
	// later one: one that is forgotten is answered with 500 after 62*T1, an INVITE
	// when in addition no usage is left for three minutes.
	RecvRequest(t *Turn, d *Dialog, tx *ServerTx) bool
	// RecvAck takes the ACK of a 2xx.
	RecvAck(t *Turn, d *Dialog, in *Inbound) bool
	// RecvCancel is told that the peer cancels tx, an INVITE without a final
	// response. The CANCEL itself has been answered; tx gets 487 when nobody takes
	// it.
	RecvCancel(t *Turn, tx *ServerTx, cancel *Inbound) bool
	// Deadline is when Expire wants to be called; the zero time is never. It is
	// asked for after every turn.
	Deadline() time.Time
	Expire(t *Turn)
	// Fault tells that the set is over before its time: a *[PanicError] when one
	// of its turns panicked, ErrShutdown when the manager was closed, ErrEnded when
	// the usage came too late. It is the last call, and nothing can be sent any
	// more.
	Fault(t *Turn, err error)
	// Shutdown asks the usage to say goodbye: BYE, CANCEL, a final response. It
	// removes itself when that is done. It is called once, also when the usage is
	// added to a manager that is shutting down already.
	Shutdown(t *Turn)
}

// An Opener is asked when a request without a To tag opens a set. It must see
// to it that tx gets a final response, now or later, as a usage must that takes
// a request. The set stays alive while that is due, or a usage is there.
type Opener interface {
	Open(t *Turn, s *Set, tx *ServerTx)
}

// OpenerFunc is a function as an [Opener].
type OpenerFunc func(t *Turn, s *Set, tx *ServerTx)

// Open calls f.
func (f OpenerFunc) Open(t *Turn, s *Set, tx *ServerTx) { f(t, s, tx) }

// attached is a usage and the dialog it uses; nil for the set as a whole.
type attached struct {
	usage  Usage
	dialog *Dialog
	asked  bool // to say goodbye
}
