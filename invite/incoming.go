package invite

import (
	"context"
	"time"

	"dum/dialog"
	"dum/internal/machine/lifecycle"
	"dum/internal/machine/oa"
	"dum/sip"
	"dum/trace"
)

// An Incoming is a call of a peer that waits for our answer: [Incoming.Accept],
// [Incoming.Reject] or [Incoming.Redirect], once. Its methods may be called
// from any goroutine.
type Incoming struct {
	set    *dialog.Set
	tx     *dialog.ServerTx
	offer  sip.Body
	outbox dialog.Outbox
	cancel context.CancelCauseFunc

	// Owned by the turn.
	life   lifecycle.Server
	oa     oa.Machine
	dialog *dialog.Dialog // nil before the first ringing
	ring   *sip.Message   // what is repeated while it rings
	early  sip.Body       // the answer that went out ahead of the 2xx
}

// NewServer has calls answered by h: it is called for each INVITE that begins
// one, with a context that ends when the caller gives up, when the time is over
// that the INVITE was given, or when h returns. What h returns as an error is
// the final response, if there is none yet: a *[sip.Status] as it is, anything
// else, and a panic, as 500. A call that is neither answered nor refused when h
// returns nil is refused with 480. A nil h refuses every call with 405.
//
// Call NewServer before the manager listens. h is called on a goroutine that
// the call has to itself while h runs.
func NewServer(m *dialog.Manager, h func(ctx context.Context, in *Incoming) error) {
	var opener dialog.Opener // nil: calls of ours only, and what happens within them
	if h != nil {
		opener = dialog.OpenerFunc(func(t *dialog.Turn, s *dialog.Set, tx *dialog.ServerTx) { open(t, s, tx, h) })
	}
	m.Handle(sip.INVITE, opener, sip.ACK, sip.CANCEL, sip.BYE)
}

func open(t *dialog.Turn, s *dialog.Set, tx *dialog.ServerTx, h func(context.Context, *Incoming) error) {
	ctx, cancel := context.WithCancelCause(context.Background())
	in := &Incoming{set: s, tx: tx, cancel: cancel}
	req := tx.Request()
	body, has := description(req)
	in.oa.Recv(oa.Invite, has)
	if has {
		in.offer = keep(body)
	}
	if d, err := sip.Expires.Get(req); err == nil && d > 0 {
		in.life.Limit(t.Now().Add(d))
	}
	s.AddUsage(t, (*callee)(in))
	in.outbox.Post(s, func() { in.run(ctx, h) })
}

// run calls the user's handler and answers for it where it does not.
func (in *Incoming) run(ctx context.Context, h func(context.Context, *Incoming) error) {
	err := error(sip.NewStatus(500, "")) // should it panic
	defer func() {
		inTurn(in.set, func(t *dialog.Turn) {
			if err != nil {
				in.reject(t, statusOf(err))
			} else if in.reject(t, sip.NewStatus(480, "")) == nil {
				in.trace(t)
			}
		})
		in.cancel(nil)
	}()
	err = h(ctx, in)
}

// Unanswered is the trace event of a handler that returned nil and had not
// answered its call; the caller was told 480.
type Unanswered struct{ CallID string }

// EventName is "call-unanswered".
func (Unanswered) EventName() string { return "call-unanswered" }

var _ trace.Event = Unanswered{}

func (in *Incoming) trace(t *dialog.Turn) {
	if tr := in.set.Manager().Trace(); tr.On() {
		tr.Record(t.Now(), Unanswered{CallID: in.set.CallID()})
	}
}

// Request is the INVITE; read only.
func (in *Incoming) Request() *sip.Message { return in.tx.Request() }

// Offer is the caller's session description; zero when it wants ours, which
// then goes into [Incoming.Accept].
func (in *Incoming) Offer() sip.Body { return in.offer }

// From is the caller as the INVITE shows it.
func (in *Incoming) From() sip.Addr {
	from, _ := sip.From.Get(in.Request()) // it was checked before the call came here
	return from
}

// Set is the dialog set of the call; [dialog.Set.Value] is the application's.
func (in *Incoming) Set() *dialog.Set { return in.set }

// String names the call for people.
func (in *Incoming) String() string {
	return "call " + in.set.CallID() + " to " + in.set.LocalTag()
}

// callee is an Incoming as a usage, of its set and then of its early dialog.
type callee Incoming

// RecvRequest takes a request on the early dialog.
func (c *callee) RecvRequest(t *dialog.Turn, d *dialog.Dialog, tx *dialog.ServerTx) bool {
	in := (*Incoming)(c)
	switch tx.Request().Method() {
	case sip.BYE:
		do := in.life.RecvBye()
		in.end(t, do, sip.NewStatus(487, ""), &Hangup{Peer: true, Request: tx.Request()})
		in.set.Answer(t, tx, sip.NewStatus(200, ""))
	case sip.INVITE:
		in.set.Answer(t, tx, busy())
	default:
		return false
	}
	return true
}

// RecvAck has nothing to do: the ACK of a 2xx is the session's.
func (c *callee) RecvAck(*dialog.Turn, *dialog.Dialog, *dialog.Inbound) bool { return false }

// RecvCancel takes the caller's CANCEL.
func (c *callee) RecvCancel(t *dialog.Turn, tx *dialog.ServerTx, cancel *dialog.Inbound) bool {
	in := (*Incoming)(c)
	if tx != in.tx {
		return false
	}
	in.end(t, in.life.RecvCancel(), sip.NewStatus(487, ""), ErrCanceled)
	return true
}

// Deadline is when to ring again, or when the invitation expires.
func (c *callee) Deadline() time.Time { return c.life.Deadline() }

// Expire rings again, or ends an invitation that has expired.
func (c *callee) Expire(t *dialog.Turn) {
	in := (*Incoming)(c)
	do := in.life.Expire(t.Now())
	if do.Has(lifecycle.SendRing) {
		in.set.Respond(t, in.tx, in.ring)
	}
	in.end(t, do, sip.NewStatus(487, ""), ErrExpired)
}

// Fault ends the call: its set has died.
func (c *callee) Fault(t *dialog.Turn, err error) {
	c.life.Reject() // what the handler still asks for is refused
	c.cancel(err)
}

// Shutdown refuses the call.
func (c *callee) Shutdown(t *dialog.Turn) {
	in := (*Incoming)(c)
	in.end(t, in.life.Reject()|lifecycle.Over, sip.NewStatus(480, ""), dialog.ErrShutdown)
}

// end carries out what ends the call without a session: the final response, and
// the end of the handler's context.
func (in *Incoming) end(t *dialog.Turn, do lifecycle.Action, st *sip.Status, why error) {
	if do.Has(lifecycle.SendFinal) {
		in.set.Answer(t, in.tx, st)
		in.leave(t)
	}
	if do.Has(lifecycle.Over) {
		in.cancel(why)
	}
}

func (in *Incoming) leave(t *dialog.Turn) {
	if in.dialog != nil {
		in.dialog.RemoveUsage(t, (*callee)(in))
		return
	}
	in.set.RemoveUsage(t, (*callee)(in))
}
