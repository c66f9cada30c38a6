package request

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dum/dialog"
	"dum/sip"
)

// A Reply is the final response to a request.
type Reply struct {
	Code    int    // 200 to 699; zero is 200
	Reason  string // "" is the standard phrase of Code
	Headers []sip.Field
	Body    sip.Body
}

// An Incoming is a request of a peer that waits for its answer. Its methods may
// be called from any goroutine.
type Incoming struct {
	set    *dialog.Set
	tx     *dialog.ServerTx
	outbox dialog.Outbox
	cancel context.CancelCauseFunc

	// Owned by the turn.
	usage *server
	limit time.Time // when it is answered for the handler
	done  bool
}

// ErrForgotten is the cause of a handler's context when its time is over and
// the request was answered for it.
var ErrForgotten = errors.New("request: not answered in time")

// Handle has requests of a method outside of dialogs answered by h, which calls
// [Incoming.Respond] or returns an error: a *[sip.Status] is sent as it is,
// anything else, and a panic, as 500. An h that returns nil without having
// answered may still do so later, from elsewhere. What is not answered after
// 60*T1 (30 seconds) gets a 500, for soon after that the client gives up.
//
// The context ends when the request was answered or can no longer be. Call
// Handle before the manager listens. A nil h is none: 405.
func Handle(m *dialog.Manager, method sip.Method, h func(ctx context.Context, in *Incoming) error) {
	if h == nil {
		return
	}
	m.Handle(method, dialog.OpenerFunc(func(t *dialog.Turn, s *dialog.Set, tx *dialog.ServerTx) {
		ctx, cancel := context.WithCancelCause(context.Background())
		in := &Incoming{set: s, tx: tx, cancel: cancel}
		// RFC 4320 §3: a client gives up after 64*T1, and a later answer is lost.
		in.limit = t.Now().Add(60 * m.Stack().Timers().T1)
		in.usage = &server{Incoming: in}
		s.AddUsage(t, in.usage)
		in.outbox.Post(s, func() { in.run(ctx, h) })
	}))
}

// HandleOptions has OPTIONS answered with a 200 that says what we can do.
//
// RFC 3261 §11.2: "The response to an OPTIONS is constructed using the standard
// rules for a SIP response", with Allow, Accept, Accept-Encoding,
// Accept-Language and Supported.
func HandleOptions(m *dialog.Manager) {
	m.Handle(sip.OPTIONS, dialog.OpenerFunc(func(t *dialog.Turn, s *dialog.Set, tx *dialog.ServerTx) {
		s.Respond(t, tx, m.Capabilities(s.NewResponse(t, tx, 200, "")))
	}))
}

// run calls the user's handler and answers for it where it fails.
func (in *Incoming) run(ctx context.Context, h func(context.Context, *Incoming) error) {
	err := error(sip.NewStatus(500, "")) // should it panic
	defer func() {
		if err == nil {
			return
		}
		st, ok := errors.AsType[*sip.Status](err)
		if !ok || st.Code < 300 || st.Code > 699 {
			st = sip.NewStatus(500, "")
		}
		in.set.Do(func(t *dialog.Turn) { in.refuse(t, st, context.Canceled) })
	}()
	err = h(ctx, in)
}

// Request is the request; read only.
func (in *Incoming) Request() *sip.Message { return in.tx.Request() }

// From is the sender as the request shows it.
func (in *Incoming) From() sip.Addr {
	from, _ := sip.From.Get(in.Request()) // it was checked before the request came here
	return from
}

// Set is the dialog set of the request; [dialog.Set.Value] is the
// application's.
func (in *Incoming) Set() *dialog.Set { return in.set }

// String names the request for people.
func (in *Incoming) String() string {
	return fmt.Sprintf("%s %s from %s", in.Request().Method(), in.set.CallID(), in.From())
}

// Respond sends the final response. It returns [dialog.ErrEnded] when there is
// one already.
func (in *Incoming) Respond(r Reply) error {
	if r.Code == 0 {
		r.Code = 200
	}
	if r.Code < 200 || r.Code > 699 {
		return fmt.Errorf("request: Respond with %d", r.Code)
	}
	err := error(dialog.ErrEnded)
	done := make(chan struct{})
	in.set.Do(func(t *dialog.Turn) {
		defer close(done) // a panic ends the set, not the one who waits
		err = in.respond(t, r)
	})
	<-done
	return err
}

func (in *Incoming) respond(t *dialog.Turn, r Reply) error {
	if in.done {
		return dialog.ErrEnded
	}
	resp := in.set.NewResponse(t, in.tx, r.Code, r.Reason)
	for _, h := range r.Headers {
		sip.Named(h.Name).Add(resp, h.Value)
	}
	if !r.Body.IsZero() {
		resp.SetBody(r.Body)
	}
	err := in.set.Respond(t, in.tx, resp)
	in.leave(t, nil)
	return err
}

// refuse answers for the user, unless there is an answer.
func (in *Incoming) refuse(t *dialog.Turn, st *sip.Status, why error) {
	if in.done {
		return
	}
	in.set.Answer(t, in.tx, st)
	in.leave(t, why)
}

func (in *Incoming) leave(t *dialog.Turn, why error) {
	in.done = true
	in.cancel(why)
	in.set.RemoveUsage(t, in.usage)
}

// none is a usage that takes no message: it has no dialog and no INVITE.
type none struct{}

// RecvRequest takes nothing: there is no dialog.
func (none) RecvRequest(*dialog.Turn, *dialog.Dialog, *dialog.ServerTx) bool { return false }

// RecvAck takes nothing: there is no INVITE.
func (none) RecvAck(*dialog.Turn, *dialog.Dialog, *dialog.Inbound) bool { return false }

// RecvCancel takes nothing.
//
// RFC 3261 §9.2: "A CANCEL request has no impact on the processing of
// transactions with any other method defined in this specification."
func (none) RecvCancel(*dialog.Turn, *dialog.ServerTx, *dialog.Inbound) bool { return false }

// server is an Incoming as a usage of its set.
type server struct {
	none
	*Incoming
}

// Deadline is when the request is answered for its handler.
func (u *server) Deadline() time.Time { return u.limit }

// Expire answers for a handler that takes too long.
func (u *server) Expire(t *dialog.Turn) {
	u.refuse(t, sip.NewStatus(500, ""), ErrForgotten)
}

// Fault ends the request: its set has died.
func (u *server) Fault(t *dialog.Turn, err error) {
	u.done = true
	u.cancel(err)
}

// Shutdown refuses the request.
func (u *server) Shutdown(t *dialog.Turn) {
	u.refuse(t, sip.NewStatus(503, ""), dialog.ErrShutdown)
}
