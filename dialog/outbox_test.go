package dialog_test

import (
	"testing"
	"testing/synctest"

	"dum/dialog"
	"dum/trace"
)

// What is posted runs in order, outside of any turn, and a panic in it is traced
// and keeps nothing from running.
func TestOutbox(t *testing.T) {
	bubble(t, nil, func(w *world) {
		_, _, l := w.established()
		var ran record[string]
		wait := make(chan struct{})
		l.set.Do(func(t *dialog.Turn) {
			l.set.Post(func() {
				<-wait // it may block
				ran.add("one")
			})
			l.set.Post(func() { panic("two") })
			l.set.Post(func() {
				done := false
				l.set.Do(func(*dialog.Turn) { done = true }) // it may call anything
				if done {
					ran.add("three")
				}
			})
			ran.add("turn")
		})
		synctest.Wait()
		// The set goes on while its outbox is busy.
		l.set.Do(func(*dialog.Turn) { ran.add("another turn") })
		close(wait)
		w.same("order", ran.all(), []string{"turn", "another turn", "one", "three"})
		panics := trace.Of[trace.Panic](w.rec)
		if len(panics) != 1 || panics[0].Value != "two" || panics[0].CallID != l.set.CallID() || len(panics[0].Stack) == 0 {
			w.Errorf("panics %v", panics)
		}
		w.sets(1) // the call goes on
		w.same("faults", len(l.faults.all()), 0)
	})
}

// An outbox of a usage's own waits for nobody else's.
func TestOutboxesAreIndependent(t *testing.T) {
	bubble(t, nil, func(w *world) {
		_, _, l := w.established()
		var a, b dialog.Outbox
		var ran record[string]
		wait := make(chan struct{})
		a.Post(l.set, func() { <-wait; ran.add("a") })
		b.Post(l.set, func() { ran.add("b") })
		w.same("while a waits", ran.all(), []string{"b"})
		close(wait)
		w.same("order", ran.all(), []string{"b", "a"})
	})
}
