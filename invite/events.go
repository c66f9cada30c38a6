package invite

import (
	"context"
	"iter"

	"dum/dialog"
	"dum/sip"
)

// An Event is something that happened to a session and needs no reply: one of
// [Confirmed], [Answered], [Changed] and [Ended].
type Event interface{ event() }

// Confirmed is the ACK of our 2xx: the caller knows that we have answered.
type Confirmed struct{}

// Answered is the peer's answer, in an ACK, to an offer in a 2xx of ours.
type Answered struct{ Answer sip.Body }

// Changed is a re-INVITE that was agreed upon: what both sides have described
// now, and whether it was the peer who asked.
type Changed struct {
	Local, Remote sip.Body
	ByPeer        bool
}

// Ended is the last event of every session.
type Ended struct{ Why error }

func (Confirmed) event() {}
func (Answered) event()  {}
func (Changed) event()   {}
func (Ended) event()     {}

// maxUnread bounds what a slow reader of events can make us keep.
const maxUnread = 128

// Events yields what happens from now on until the session has ended, or ctx
// has; the session's end is the last event, also of a session that ended
// before. A reader that is more than 128 events behind loses the oldest:
// nothing ever waits for a reader.
func (s *Session) Events(ctx context.Context) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		r := &reader{wake: make(chan struct{}, 1)}
		inTurn(s.set, func(*dialog.Turn) {
			if why := s.Ended(); why != nil {
				r.add(Ended{Why: why})
				return
			}
			s.pend().readers = append(s.pend().readers, r)
		})
		defer inTurn(s.set, func(*dialog.Turn) { s.drop(r) })
		for {
			var events []Event
			inTurn(s.set, func(*dialog.Turn) { events, r.unread = r.unread, nil })
			for _, ev := range events {
				if !yield(ev) {
					return
				}
				if _, last := ev.(Ended); last {
					return
				}
			}
			select {
			case <-r.wake:
			case <-ctx.Done():
				return
			}
		}
	}
}

// A reader is one loop over Events. It is owned by the turn, but for wake.
type reader struct {
	unread []Event
	wake   chan struct{}
}

func (r *reader) add(ev Event) {
	if len(r.unread) == maxUnread {
		r.unread = r.unread[1:]
	}
	r.unread = append(r.unread, ev)
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// emit tells every reader.
func (s *Session) emit(ev Event) {
	if s.work == nil {
		return
	}
	for _, r := range s.work.readers {
		r.add(ev)
	}
}

// drop forgets a reader.
func (s *Session) drop(r *reader) {
	if s.work == nil {
		return
	}
	rest := s.work.readers[:0]
	for _, q := range s.work.readers {
		if q != r {
			rest = append(rest, q)
		}
	}
	clear(s.work.readers[len(rest):])
	s.work.readers = rest
	s.settle()
}
