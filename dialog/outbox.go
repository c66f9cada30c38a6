package dialog

import (
	"fmt"
	"runtime/debug"
	"time"

	"dum/internal/mailbox"
	"dum/trace"
)

// An Outbox runs code of the application: in order, one function at a time, on
// a goroutine that exists only while there is work. The functions may block
// and may call anything. The zero Outbox is ready. Every usage that calls the
// application back has one, so that a slow callback delays nothing but its own
// successors.
type Outbox struct{ box mailbox.Outbox }

// Post queues f on behalf of a set. A panic in f is caught and traced; what is
// queued behind it still runs.
func (o *Outbox) Post(s *Set, f func()) {
	o.box.Post(func() {
		defer func() {
			if v := recover(); v != nil {
				s.panicked(v)
			}
		}()
		f()
	})
}

func (s *Set) panicked(v any) {
	if tr := s.manager.trace; tr.On() {
		tr.Record(time.Now(), trace.Panic{CallID: s.key.CallID, Value: v, Stack: debug.Stack()})
	}
}

// A PanicError is how a panic reaches the owner of what it ended.
type PanicError struct{ Value any }

// Error shows the panic's value.
func (e *PanicError) Error() string { return fmt.Sprintf("dialog: panic: %v", e.Value) }
