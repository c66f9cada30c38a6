package dialog

import (
	"dum/internal/mailbox"
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
