package dialog_test

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dum/dialog"
	"dum/sip"
	"dum/siptest"
	"dum/trace"
)

// The application's value: made at the first call, kept, replaced.
func TestSetValue(t *testing.T) {
	made := 0
	bubble(t, func(cfg *dialog.Config, _ *siptest.Net) {
		made = 0
		cfg.NewValue = func(s *dialog.Set) any {
			made++
			return "value of " + s.CallID()
		}
	}, func(w *world) {
		_, _, l := w.established()
		w.same("made before anybody asks", made, 0)
		for range 2 {
			w.same("Value", l.set.Value(), "value of "+l.set.CallID())
		}
		w.same("made", made, 1)
		l.set.SetValue(7)
		w.same("Value", l.set.Value(), 7)
		l.set.SetValue(nil)
		w.same("Value", l.set.Value(), nil)

		set, err := w.m.NewSet(nil)
		if err != nil {
			w.Fatal(err)
		}
		set.SetValue("mine")
		w.same("Value", set.Value(), "mine")
		w.same("made", made, 1)
		w.same("String", set.String(), "set "+set.CallID()+" tag "+set.LocalTag())
		w.same("Manager", set.Manager() == w.m, true)
		set.Do(func(*dialog.Turn) {})
	})
	bubble(t, nil, func(w *world) {
		_, _, l := w.established()
		w.same("without a factory", l.set.Value(), nil)
	})
}

// Calls that race for the first value get one and the same.
func TestSetValueRace(t *testing.T) {
	bubble(t, func(cfg *dialog.Config, _ *siptest.Net) {
		cfg.NewValue = func(s *dialog.Set) any { return new(int) }
	}, func(w *world) {
		_, _, l := w.established()
		var got record[any]
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() { got.add(l.set.Value()) })
		}
		all.Wait()
		for _, v := range got.all() {
			if v != l.set.Value() {
				w.Error("two values")
			}
		}
	})
}

// A set ends with the turn that takes the last thing that holds it, once.
func TestSetEnds(t *testing.T) {
	bubble(t, nil, func(w *world) {
		set, err := w.m.NewSet(nil)
		if err != nil {
			w.Fatal(err)
		}
		w.sets(1)
		var ended record[bool]
		a, b := &leg{set: set}, &leg{set: set}
		set.Do(func(t *dialog.Turn) {
			set.AddUsage(t, a)
			set.AddUsage(t, b)
		})
		w.sets(1)
		set.Do(func(t *dialog.Turn) { set.RemoveUsage(t, a) })
		w.sets(1)
		set.Do(func(t *dialog.Turn) {
			set.RemoveUsage(t, b)
			ended.add(set.Ended(t)) // not before the turn is over
			set.AddUsage(t, a)
			set.RemoveUsage(t, a)
			set.RemoveUsage(t, a) // twice is once
		})
		w.sets(0)
		set.Do(func(t *dialog.Turn) { ended.add(set.Ended(t)) })
		w.same("ended", ended.all(), []bool{false, true})
		w.same("events", w.ends(), []error{nil})

		// A turn that leaves nothing behind is the end.
		if set, err = w.m.NewSet(nil); err != nil {
			w.Fatal(err)
		}
		set.Do(func(*dialog.Turn) {})
		w.sets(0)
		w.same("strands", w.m.Stack().Stats().Strands, 0)
	})
}

// What holds a set beside usages: a request of ours, from Send to its final
// response, and one of the peer, until that is answered.
func TestSetHeld(t *testing.T) {
	bubble(t, nil, func(w *world) {
		s := w.send(nil, w.to(sip.MESSAGE))
		got := w.peer.Expect("MESSAGE")
		w.sets(1)
		w.peer.Reply(got, 100)
		w.sets(1)
		w.peer.Reply(got, 404)
		w.sets(0)
		w.same("outcome", s.codes(), "100 404")

		inv := w.to(sip.INVITE)
		s = w.send(nil, inv)
		r := w.peer.Expect("INVITE")
		w.peer.Reply(r, 180)
		w.pass(10 * time.Minute) // there is no end to ringing
		w.sets(1)
		w.peer.Reply(r, 200)
		w.sets(0) // nobody wanted more
		w.same("outcome", s.codes(), "180 200")

		var set *dialog.Set
		var tx *dialog.ServerTx
		w.open = func(t *dialog.Turn, s *dialog.Set, x *dialog.ServerTx) { set, tx = s, x }
		req := w.peer.Request(sip.INVITE, us())
		w.peer.Send(w.flow, req)
		w.pass(time.Minute)
		w.sets(1)
		set.Do(func(t *dialog.Turn) { set.Respond(t, tx, set.NewResponse(t, tx, 180, "")) })
		w.sets(1)
		// It does not matter who answers.
		set.Do(func(t *dialog.Turn) { tx.Respond(t, sip.NewResponse(tx.Request(), 404, "")) })
		w.sets(0)
	})
}

// After its end a set still runs what is asked of it, and says no to all that
// it is given.
func TestSetAfterItsEnd(t *testing.T) {
	bubble(t, nil, func(w *world) {
		s := w.send(nil, w.to(sip.MESSAGE))
		w.peer.Reply(w.peer.Expect("MESSAGE"), 200)
		w.sets(0)
		ran := false
		s.set.Do(func(*dialog.Turn) { ran = true })
		w.same("ran", ran, true)
		s.again(w.to(sip.MESSAGE), nil)
		w.same("outcome", s.codes(), "200 -503")
		if err := s.got.err(); !errors.Is(err, dialog.ErrEnded) {
			w.Error(err)
		}
		late, gone := &leg{set: s.set}, &leg{set: s.set}
		s.set.Do(func(t *dialog.Turn) {
			s.set.AddUsage(t, late)
			s.set.AddUsage(t, gone)
			s.set.RemoveUsage(t, gone)
		})
		w.same("faults", late.faults.all(), []error{dialog.ErrEnded})
		w.same("faults", len(gone.faults.all()), 0)
		s.set.Do(func(*dialog.Turn) {})
		w.same("faults", len(late.faults.all()), 1)
		w.quiet(t1)
		w.sets(0)
		w.same("ends", len(trace.Of[trace.SetEnded](w.rec)), 1)
	})
}

// A dialog ends with its last usage, whichever way that is taken out.
func TestDialogEndsWithItsUsages(t *testing.T) {
	bubble(t, nil, func(w *world) {
		for _, whole := range []bool{false, true} {
			inv, ok, l := w.established()
			more, keep := &leg{set: l.set}, &leg{set: l.set}
			l.set.Do(func(t *dialog.Turn) {
				l.d.AddUsage(t, more)
				l.set.AddUsage(t, keep)
				l.d.RemoveUsage(t, l)
				if l.d.State() != dialog.Confirmed {
					w.Error("the dialog ended before its last usage")
				}
				if whole {
					l.set.RemoveUsage(t, more)
				} else {
					l.d.RemoveUsage(t, more)
				}
				if l.d.State() != dialog.Ended {
					w.Error("the dialog has no usage, and lives")
				}
			})
			w.ask(w.peer.Within(sip.OPTIONS, inv, ok), 481)
			w.sets(1)
			l.set.Do(func(t *dialog.Turn) { l.set.RemoveUsage(t, keep) })
			w.sets(0)
		}
	})
}

// Turns of one set never overlap, whoever asks for them, and come in the order
// of the asking.
func TestSetTurnsAreSerial(t *testing.T) {
	bubble(t, nil, func(w *world) {
		_, _, l := w.established()
		n, nested := 0, false
		var order []int
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range 250 {
					l.set.Do(func(t *dialog.Turn) {
						before := n
						l.set.Do(func(*dialog.Turn) { nested = nested || n == before })
						n++ // not atomic: the race detector would tell
					})
				}
			})
		}
		all.Wait()
		synctest.Wait()
		for i := range 100 {
			l.set.Do(func(*dialog.Turn) { order = append(order, i) })
		}
		synctest.Wait()
		if n != 1000 || nested || len(order) != 100 {
			w.Errorf("%d turns, nested: %v, %d in order", n, nested, len(order))
		}
		for i, v := range order {
			if v != i {
				w.Fatalf("order %v", order)
			}
		}
	})
}
