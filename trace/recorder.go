package trace

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"
)

// A Recorded is an event and its time.
type Recorded struct {
	At    time.Time
	Event Event
}

// A Recorder keeps every event, for tests. What a sink may not keep it copies:
// messages and raw bytes. The zero value is ready; it must not be copied.
type Recorder struct {
	mu     sync.Mutex
	events []Recorded
	more   chan struct{} // closed when an event comes; nil while nobody waits
}

// Record keeps a copy of the event.
func (r *Recorder) Record(at time.Time, ev Event) {
	ev = keep(ev)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, Recorded{at, ev})
	if r.more != nil {
		close(r.more)
		r.more = nil
	}
}

// keep copies what is only lent during Record.
func keep(ev Event) Event {
	switch ev := ev.(type) {
	case MessageIn:
		if ev.Msg != nil {
			ev.Msg = ev.Msg.Clone()
		}
		return ev
	case MessageOut:
		ev.Raw = bytes.Clone(ev.Raw)
		return ev
	case MessageDropped:
		ev.Raw = bytes.Clone(ev.Raw)
		return ev
	}
	return ev
}

// Events returns what came so far, in the order in which it was recorded.
func (r *Recorder) Events() []Recorded {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events)
}

// Reset forgets what came so far.
func (r *Recorder) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = nil
}

// Of returns the events of one type: Of[trace.MessageIn](r).
func Of[T Event](r *Recorder) []T {
	var found []T
	for _, e := range r.Events() {
		if ev, ok := e.Event.(T); ok {
			found = append(found, ev)
		}
	}
	return found
}

// Await waits for an event of one type that match takes, among those that came
// already too; a nil match takes any. The error is that of ctx.
func Await[T Event](ctx context.Context, r *Recorder, match func(T) bool) (T, error) {
	for seen := 0; ; {
		r.mu.Lock()
		if r.more == nil {
			r.more = make(chan struct{})
		}
		more, events := r.more, r.events
		r.mu.Unlock()
		seen = min(seen, len(events)) // a Reset may have come between
		for _, e := range events[seen:] {
			if ev, ok := e.Event.(T); ok && (match == nil || match(ev)) {
				return ev, nil
			}
		}
		seen = len(events)
		select {
		case <-more:
		case <-ctx.Done():
			var none T
			return none, context.Cause(ctx)
		}
	}
}
