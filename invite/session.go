package invite

import (
	"context"
	"sync/atomic"

	"dum/dialog"
	"dum/internal/machine/lifecycle"
	"dum/internal/machine/modify"
	"dum/internal/machine/oa"
	"dum/sip"
)

// A Handler is what a session asks and tells its user. Every field may be nil:
// then the session does what the field says. The functions are called one at a
// time and may block.
type Handler struct {
	// Offer answers a re-INVITE of the peer: the body that it returns is the
	// answer, its error the status of the refusal. A zero offer means that the
	// peer wants ours; a zero body then offers again what we have. The context
	// ends when the peer cancels the re-INVITE or the session ends.
	//
	// nil: 488, and the session stays as it is; a re-INVITE that changes nothing,
	// as a refresh does, is accepted.
	Offer func(ctx context.Context, s *Session, offer sip.Body) (sip.Body, error)
	// Answered hears the peer's answer to an offer that went out in a 2xx of
	// ours: it came in the ACK.
	Answered func(s *Session, answer sip.Body)
	// Request answers a request within the dialog that is not about the call
	// itself, such as INFO or MESSAGE: its reply is sent, or its error as the
	// status. The context ends with the session. Up to 64 requests wait for it;
	// beyond that they get 500 with a Retry-After. OPTIONS is answered by itself;
	// UPDATE, PRACK and what belongs to subscriptions (SUBSCRIBE, NOTIFY, REFER)
	// never comes here.
	//
	// nil: 405 for a method that nobody here speaks, 481 for any other.
	Request func(ctx context.Context, s *Session, req *sip.Message) (Reply, error)
	// Ended hears, last and once, why the session ended: a *[Hangup] is the
	// ordinary way.
	Ended func(s *Session, why error)
}

// A Session is a call that has been answered, until it ends. All its methods
// may be called from any goroutine.
type Session struct {
	set     *dialog.Set
	dialog  *dialog.Dialog
	handler Handler
	outbox  dialog.Outbox

	media atomic.Pointer[media]
	live  atomic.Pointer[live] // nil until somebody asks for the context
	why   atomic.Pointer[error]

	// Owned by the turn.
	life   lifecycle.Session
	oa     oa.Machine
	mod    modify.Machine
	caller bool  // we placed the call: the Call-ID is ours
	silent bool  // the user never gets to see it
	work   *work // what is under way; nil at rest, so that a held call is small
}

// media is what was agreed last: each side's description.
type media struct{ local, remote sip.Body }

// live is the context of a session.
type live struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
}

// work is what is under way in a session.
type work struct {
	fork    *fork     // the 2xx that is not acknowledged, for the caller
	twoxx   []twoxx   // 2xx of ours without their ACK
	theirs  *reoffer  // the peer's re-INVITE that is not answered
	ours    []*offer  // our re-INVITEs: the first under way, the others queued
	asked   []asked   // other requests of the peer that are not answered
	asking  []*asking // requests of ours that wait for their answer
	byes    []chan error
	hangup  *hangup // our BYE, while it must wait
	readers []*reader
}

func newSession(set *dialog.Set, d *dialog.Dialog, h Handler) *Session {
	return &Session{set: set, dialog: d, handler: h}
}

// ID names the dialog of the session.
func (s *Session) ID() dialog.ID { return s.dialog.ID() }

// Set is the dialog set of the session.
func (s *Session) Set() *dialog.Set { return s.set }

// String names the session for people.
func (s *Session) String() string { return "session " + s.ID().String() }

// LocalBody is our session description as last agreed; zero when there is none.
func (s *Session) LocalBody() sip.Body {
	if m := s.media.Load(); m != nil {
		return m.local
	}
	return sip.Body{}
}

// RemoteBody is the peer's session description as last agreed; zero when there
// is none.
func (s *Session) RemoteBody() sip.Body {
	if m := s.media.Load(); m != nil {
		return m.remote
	}
	return sip.Body{}
}

// Context ends with the session. [context.Cause] tells why, as Handler.Ended
// does.
func (s *Session) Context() context.Context {
	if l := s.live.Load(); l != nil {
		return l.ctx
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	if !s.live.CompareAndSwap(nil, &live{ctx, cancel}) {
		cancel(nil)
		return s.live.Load().ctx
	}
	// The session may have ended since: over stores why before it looks for the
	// context, so one of the two sees the other.
	if why := s.why.Load(); why != nil {
		cancel(*why)
	}
	return ctx
}

// Ended tells why the session has ended; nil while it has not.
func (s *Session) Ended() error {
	if why := s.why.Load(); why != nil {
		return *why
	}
	return nil
}

// pend returns the session's work, to put something there.
func (s *Session) pend() *work {
	if s.work == nil {
		s.work = new(work)
	}
	return s.work
}

// settle drops the work when nothing is under way any more.
func (s *Session) settle() {
	w := s.work
	if w == nil {
		return
	}
	if w.fork == nil && len(w.twoxx) == 0 && w.theirs == nil && len(w.ours) == 0 && len(w.asked) == 0 &&
		len(w.asking) == 0 && len(w.byes) == 0 && w.hangup == nil && len(w.readers) == 0 {
		s.work = nil
	}
}

// do carries out what the lifecycle asks for, in its order. why is the reason
// of the end, if it is one.
func (s *Session) do(t *dialog.Turn, a lifecycle.Action, why error) {
	if a.Has(lifecycle.SendAck) && s.work != nil && s.work.fork != nil {
		s.work.fork.sendAck(t, sip.Body{})
	}
	if a.Has(lifecycle.SendBye) {
		s.sendBye(t, why)
	}
	if a.Has(lifecycle.Over) {
		s.over(t, why)
	}
	if s.life.State() == lifecycle.Ended {
		s.leave(t, nil)
	}
}

// over tells the user that the session has ended, and ends all that waits for
// it.
func (s *Session) over(t *dialog.Turn, why error) {
	s.why.Store(&why)
	if l := s.live.Load(); l != nil {
		l.cancel(why)
	}
	if w := s.work; w != nil {
		if w.fork != nil {
			if !s.silent {
				w.fork.failed(t, why)
			}
			s.silent = true
			w.fork = nil
		}
		s.refusePending(t)
		for _, o := range w.ours {
			o.end(t, sip.Body{}, dialog.ErrEnded)
		}
		for _, q := range w.asking {
			q.end(nil, dialog.ErrEnded)
		}
		w.ours, w.asking = nil, nil
	}
	if s.silent {
		return
	}
	s.emit(Ended{Why: why})
	if s.handler.Ended != nil {
		s.outbox.Post(s.set, func() { s.handler.Ended(s, why) })
	}
}

// leave takes the session out of its dialog: nothing more can come. Who waits
// for the answer to our BYE gets err.
func (s *Session) leave(t *dialog.Turn, err error) {
	if w := s.work; w != nil {
		for _, done := range w.byes {
			done <- err
		}
		w.byes, w.twoxx, w.hangup = nil, nil, nil
		s.settle()
	}
	s.dialog.RemoveUsage(t, (*usage)(s))
}
