package invite

import (
	"time"

	"dum/dialog"
	"dum/internal/machine/lifecycle"
	"dum/internal/machine/oa"
	"dum/sip"
)

// recv takes what comes back to the INVITE: provisional responses, the final
// one, every 2xx of every fork and each repetition, or a local failure.
func (a *Attempt) recv(t *dialog.Turn, r *dialog.Response) {
	stale := a.set.Profile().StaleCallTime()
	switch code := r.Code(); {
	case code <= 100:
		a.life.RecvTrying(t.Now(), stale)
	case code < 200:
		a.recvProvisional(t, r, a.life.RecvProvisional(t.Now(), stale))
	case code < 300:
		a.recv2xx(t, r)
	default:
		a.recvFailure(t, r)
	}
}

func (a *Attempt) recvProvisional(t *dialog.Turn, r *dialog.Response, do lifecycle.Action) {
	p := progressOf(r)
	// RFC 3261 §12.1: a provisional response makes a dialog if it has a To tag
	// and, for it is the target, a Contact; any other is only told about.
	if p.RemoteTag != "" {
		if f := a.fork(t, r); f != nil {
			f.recvProvisional(p.Body)
		}
	}
	if do.Has(lifecycle.Report) {
		a.progress.add(p)
	}
}

func (a *Attempt) recv2xx(t *dialog.Turn, r *dialog.Response) {
	if f := a.find(r.Msg.ToTag()); f != nil && f.session != nil {
		f.again(t)
		return
	}
	f := a.fork(t, r)
	do := a.life.Recv2xx()
	if f == nil {
		// A 2xx without Contact: no ACK can reach its sender, which gives up by
		// itself.
		if do.Has(lifecycle.Keep | lifecycle.Fail) {
			a.end(t, nil, sip.NewStatus(502, "2xx without Contact"))
		}
		return
	}
	if a.linger.IsZero() {
		// RFC 3261 §13.2.2.4: "The UAC core considers the INVITE transaction
		// completed 64*T1 seconds after the reception of the first 2xx response."
		a.linger = t.Now().Add(64 * a.set.Manager().Stack().Timers().T1)
	}
	switch {
	case do.Has(lifecycle.Keep):
		a.chosen = f
		a.progress.add(progressOf(r))
		f.establish(t, r)
	case a.options.Forks.Extra != nil && !do.Has(lifecycle.Fail) && !a.life.Canceled():
		f.establish(t, r)
	default:
		f.release(t)
	}
	if do.Has(lifecycle.Fail) {
		a.finish(t, nil, a.gaveUp())
	}
}

// recvFailure takes the final response of 300 and above, or a local failure;
// it ends all early dialogs with the call.
func (a *Attempt) recvFailure(t *dialog.Turn, r *dialog.Response) {
	if !a.life.RecvFailure().Has(lifecycle.Fail) {
		return
	}
	st := r.Status()
	if a.cause != nil {
		st = a.cause
	}
	a.end(t, nil, st)
}

// cancel gives the call up.
func (a *Attempt) cancel(t *dialog.Turn) {
	if a.over {
		return
	}
	switch do := a.life.Cancel(); {
	case do.Has(lifecycle.SendCancel):
		a.request.Cancel(t, nil)
	case do.Has(lifecycle.Refuse) && a.chosen != nil:
		// Answered already, but the user has yet to answer the peer's offer.
		a.chosen.abandon(t, &Hangup{})
		a.finish(t, nil, a.gaveUp())
	}
}

// gaveUp is the outcome of a call that was answered although we had given up.
func (a *Attempt) gaveUp() error {
	if a.cause != nil {
		return a.cause
	}
	return sip.NewStatus(487, "")
}

// end settles the outcome and lets go of the set, unless sessions are left to
// care for.
func (a *Attempt) end(t *dialog.Turn, s *Session, err error) {
	a.finish(t, s, err)
	a.leave(t)
}

// leave ends what is left of the INVITE: the early dialogs of forks that never
// answered.
func (a *Attempt) leave(t *dialog.Turn) {
	a.linger = time.Time{}
	for _, f := range a.forks {
		if f.session == nil {
			f.dialog.End(t)
		}
	}
	a.set.RemoveUsage(t, (*caller)(a))
}

func progressOf(r *dialog.Response) Progress {
	p := Progress{Code: r.Code(), Reason: r.Msg.Reason(), RemoteTag: r.Msg.ToTag(), Response: r.Msg}
	p.Body, _ = description(r.Msg)
	return p
}

// caller is an Attempt as a usage of its set: it holds the set until no 2xx can
// come any more, and speaks for the early dialogs.
type caller Attempt

// RecvRequest answers a request on an early dialog.
func (c *caller) RecvRequest(t *dialog.Turn, d *dialog.Dialog, tx *dialog.ServerTx) bool {
	if d == nil || d.State() != dialog.Early {
		return false
	}
	switch tx.Request().Method() {
	case sip.BYE:
		// RFC 3261 §15 forbids the callee a BYE on an early dialog. One that comes
		// all the same is answered; the INVITE gets its own final response.
		c.set.Answer(t, tx, sip.NewStatus(200, ""))
	case sip.INVITE:
		// §14.2: ours is in progress.
		c.set.Answer(t, tx, sip.NewStatus(491, ""))
	default:
		return false
	}
	return true
}

// RecvAck has nothing to do: nobody acknowledges a caller.
func (c *caller) RecvAck(*dialog.Turn, *dialog.Dialog, *dialog.Inbound) bool { return false }

// RecvCancel has nothing to do: nobody cancels a caller.
func (c *caller) RecvCancel(*dialog.Turn, *dialog.ServerTx, *dialog.Inbound) bool { return false }

// Deadline is when the call is stale, or the last 2xx of a fork may have come.
func (c *caller) Deadline() time.Time {
	if !c.linger.IsZero() {
		return c.linger
	}
	return c.life.Deadline()
}

// Expire gives a stale call up, or lets the set go.
func (c *caller) Expire(t *dialog.Turn) {
	a := (*Attempt)(c)
	if !a.linger.IsZero() {
		if !t.Now().Before(a.linger) {
			a.leave(t)
		}
		return
	}
	if a.life.Expire(t.Now()).Has(lifecycle.SendCancel) {
		a.cause = sip.NewStatus(408, "No Answer")
		a.request.Cancel(t, nil)
	}
}

// Fault ends the call: its set has died.
func (c *caller) Fault(t *dialog.Turn, err error) { (*Attempt)(c).finish(t, nil, err) }

// Shutdown cancels the call, or lets go of what lingers after it.
func (c *caller) Shutdown(t *dialog.Turn) {
	a := (*Attempt)(c)
	a.cancel(t)
	if a.over {
		a.leave(t)
	}
}

// hasOffer tells whether the INVITE carries our offer.
func (a *Attempt) hasOffer() bool { return a.oa.State() == oa.LocalOffer }
