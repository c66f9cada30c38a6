package invite

import (
	"context"
	"time"

	"dum/dialog"
	"dum/internal/machine/lifecycle"
	"dum/internal/machine/oa"
	"dum/sip"
)

// An Attempt is a call that we place, until it is answered or has failed.
type Attempt struct {
	set     *dialog.Set
	options Options

	// Owned by the turn.
	request  *dialog.Request
	life     lifecycle.Client
	oa       oa.Machine // as the INVITE left it; each fork goes on with a copy
	forks    []*fork
	chosen   *fork       // whose 2xx makes the call
	cause    *sip.Status // why we gave up, when not for the user
	linger   time.Time   // until when the 2xx of a fork may still come
	over     bool        // session or err is final
	progress history

	// Written before done is closed.
	session *Session
	err     error
	done    chan struct{}
}

// Wait waits for the outcome: the session, or why there is none. A refusal is
// a *[sip.Status], with the response in it; so are a call without any answer
// (408), one whose peer cannot be reached (503), and one that was cancelled
// (487). A redirection is a status too: its response has the Contacts.
//
// When ctx ends first the call is cancelled and the cause of ctx is returned;
// should the peer answer all the same, it is thanked and hung up on. Once Wait
// has returned a session, ctx means nothing to it any more.
func (a *Attempt) Wait(ctx context.Context) (*Session, error) {
	select {
	case <-a.done:
		return a.session, a.err
	default:
	}
	select {
	case <-a.done:
	case <-ctx.Done():
		won := false
		inTurn(a.set, func(t *dialog.Turn) {
			if won = a.over; !won {
				a.cancel(t)
			}
		})
		if !won {
			return nil, context.Cause(ctx)
		}
	}
	return a.session, a.err
}

// Cancel gives the call up and returns at once; Wait tells what came of it. A
// call that has been answered is not affected: hang it up with [Session.Bye].
func (a *Attempt) Cancel() {
	if a.set != nil {
		inTurn(a.set, a.cancel)
	}
}

// Set is the dialog set of the call; nil if it could not be placed at all.
func (a *Attempt) Set() *dialog.Set { return a.set }

// String names the call for people.
func (a *Attempt) String() string {
	if a.set == nil {
		return "call that was not placed"
	}
	return "call " + a.set.CallID() + " from " + a.set.LocalTag()
}

// finish settles the outcome, once.
func (a *Attempt) finish(t *dialog.Turn, s *Session, err error) {
	if a.over {
		return
	}
	a.over, a.session, a.err = true, s, err
	close(a.done)
	a.progress.end()
}
