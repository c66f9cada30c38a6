package dialog_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dum/dialog"
	"dum/sip"
	"dum/trace"
)

// down runs Shutdown on a goroutine of its own.
func (w *world) down(ctx context.Context) *record[error] {
	out := &record[error]{}
	go func() { out.add(w.m.Shutdown(ctx)) }()
	synctest.Wait()
	return out
}

// Shutdown lets everybody say goodbye, takes nothing new, and returns with the
// end of the last set.
func TestShutdown(t *testing.T) {
	bubble(t, nil, func(w *world) {
		inv, ok, l := w.established()
		caller := w.dial(nil, w.peer.URI())
		ringing := w.peer.Expect("INVITE")
		w.peer.Reply(ringing, 180)
		rest()
		message := w.send(nil, w.to(sip.MESSAGE)) // held by nothing but itself
		pending := w.peer.Expect("MESSAGE")

		down := w.down(w.Context())
		w.peer.Loose = true // the sets are asked in any order
		bye, cancel := w.peer.Expect("BYE"), w.peer.Expect("CANCEL")
		w.same("asked", [2]any{l.heard.all(), caller.heard.all()}, [2]any{"[ack shutdown]", "[shutdown]"})
		// What is new is refused, what is there goes on.
		refused := w.ask(w.peer.Request(sip.MESSAGE, us()), 503)
		w.same("To tag", refused.ToTag() != "", true)
		w.ask(w.peer.Within(sip.OPTIONS, inv, ok), 200)
		if set, err := w.m.NewSet(nil); set != nil || !errors.Is(err, dialog.ErrShutdown) {
			w.Errorf("NewSet: %v, %v", set, err)
		}
		w.peer.Reply(bye, 200)
		w.sets(2)
		w.peer.Reply(cancel, 200)
		w.peer.Reply(ringing, 487)
		w.peer.Expect("ACK")
		w.sets(1)
		w.pass(time.Second)
		w.same("not down yet", len(down.all()), 0)
		w.peer.Reply(pending, 200)
		rest()
		w.same("down", down.all(), []error{nil})
		w.same("outcomes", message.got.codes()+", "+caller.got.codes(), "200, 180 487")
		w.same("asked once", [2]any{l.heard.all(), caller.heard.all()}, [2]any{"[ack shutdown]", "[shutdown]"})
		w.same("faults", len(l.faults.all())+len(caller.faults.all()), 0)

		// Once more, and afterwards: nothing to do.
		w.same("again", w.down(w.Context()).all(), []error{nil})
		w.same("Close", w.m.Close(), nil)
		if _, err := w.m.NewSet(nil); !errors.Is(err, dialog.ErrShutdown) {
			w.Error(err)
		}
		w.peer.Send(w.flow, w.peer.Request(sip.MESSAGE, us()))
		w.quiet(time.Second)
	})
}

// When the context ends first the rest is cut off.
func TestShutdownForced(t *testing.T) {
	bubble(t, nil, func(w *world) {
		_, _, l := w.established()
		info := l.within(sip.INFO)
		w.peer.Expect("INFO")
		why := errors.New("enough")
		ctx, cancel := context.WithTimeoutCause(w.Context(), 3*time.Second, why)
		defer cancel()
		down := w.down(ctx)
		w.peer.Expect("BYE")
		w.pass(2 * time.Second)
		w.same("not down yet", len(down.all()), 0)
		w.pass(time.Second)
		w.same("down", down.all(), []error{why})
		w.same("faults", l.faults.all(), []error{dialog.ErrShutdown})
		w.same("BYE and INFO", l.byes.codes()+" "+info.got.codes(), "-503 -503")
		if !errors.Is(info.got.err(), dialog.ErrShutdown) {
			w.Error(info.got.err())
		}
		w.sets(0)
		w.same("ends", w.ends(), []error{dialog.ErrShutdown})
	})
	// A context that has ended already still lets the goodbyes out.
	bubble(t, nil, func(w *world) {
		w.established()
		ctx, cancel := context.WithCancel(w.Context())
		cancel()
		w.same("down", w.down(ctx).all(), []error{context.Canceled})
		w.peer.Expect("BYE")
	})
	// One that has ended when there is nothing to wait for changes nothing.
	bubble(t, nil, func(w *world) {
		ctx, cancel := context.WithCancel(w.Context())
		cancel()
		w.same("down", w.down(ctx).all(), []error{nil})
	})
}

// Close says nothing to any peer.
func TestClose(t *testing.T) {
	bubble(t, nil, func(w *world) {
		_, _, l := w.established()
		caller := w.dial(nil, w.peer.URI())
		w.peer.Reply(w.peer.Expect("INVITE"), 180)
		rest()
		for range 2 {
			w.same("Close", w.m.Close(), nil)
		}
		w.quiet(time.Minute)
		w.same("faults", [2]any{l.faults.all(), caller.faults.all()}, [2]any{[]error{dialog.ErrShutdown}, []error{dialog.ErrShutdown}})
		w.same("outcome", caller.got.codes(), "180 -503")
		w.sets(0)
		if _, err := w.m.NewSet(nil); !errors.Is(err, dialog.ErrShutdown) {
			w.Error(err)
		}
	})
}

// All who wait in Shutdown return, and Close ends them.
func TestShutdownTwice(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.established()
		one, two := w.down(w.Context()), w.down(w.Context())
		w.pass(time.Second)
		w.same("waiting", len(one.all())+len(two.all()), 0)
		w.peer.Reply(w.peer.Expect("BYE"), 200)
		rest()
		w.same("both", [2]any{one.all(), two.all()}, [2]any{[]error{nil}, []error{nil}})
	})
	bubble(t, nil, func(w *world) {
		w.established()
		one, two := w.down(w.Context()), w.down(w.Context())
		w.m.Close()
		w.same("both", [2]any{one.all(), two.all()}, [2]any{[]error{nil}, []error{nil}})
	})
}

// A usage that appears while the manager shuts down is asked too, whatever
// brought it: another usage's goodbye, or a response that came meanwhile.
func TestShutdownAsksLateUsages(t *testing.T) {
	bubble(t, nil, func(w *world) {
		_, _, l := w.established()
		var late, later leg
		late.set, later.set = l.set, l.set
		l.onShutdown = func(t *dialog.Turn) {
			l.d.AddUsage(t, &late)
			l.d.RemoveUsage(t, l)
		}
		late.onShutdown = func(*dialog.Turn) {}
		later.onShutdown = func(t *dialog.Turn) { l.set.RemoveUsage(t, &later) }
		down := w.down(w.Context())
		w.same("asked", [2]any{l.heard.all(), late.heard.all()}, [2]any{"[ack shutdown]", "[shutdown]"})
		l.set.Do(func(t *dialog.Turn) {
			l.set.AddUsage(t, &later)
			l.d.AddUsage(t, &later)
			l.d.RemoveUsage(t, &late)
		})
		w.same("asked once", later.heard.all(), "[shutdown]")
		w.same("down", down.all(), []error{nil})
	})
	// One that adds another each time it is asked is let be after a while.
	bubble(t, nil, func(w *world) {
		_, _, l := w.established()
		n := 0
		var grow func(t *dialog.Turn)
		grow = func(t *dialog.Turn) {
			n++
			l.set.AddUsage(t, &leg{set: l.set, onShutdown: grow})
		}
		l.onShutdown = grow
		down := w.down(w.Context())
		w.same("not down", len(down.all()), 0)
		if n == 0 || n > 100 {
			w.Errorf("asked %d times", n)
		}
	})
}

// A set that opens at the very moment at which the manager begins to shut down
// is refused, and nobody waits for it.
func TestShutdownAsSetOpens(t *testing.T) {
	for _, ours := range []bool{true, false} {
		bubble(t, nil, func(w *world) {
			w.established() // keeps the manager up until the test has seen all
			down := &record[error]{}
			w.on = func(ev trace.Event) {
				if _, ok := ev.(trace.SetOpened); ok {
					// The set has asked whether the manager drains and is counted, but
					// cannot be found yet.
					w.on = nil
					go func() { down.add(w.m.Shutdown(w.Context())) }()
					time.Sleep(time.Microsecond) // until that has looked for sets
				}
			}
			if ours {
				if set, err := w.m.NewSet(nil); set != nil || !errors.Is(err, dialog.ErrShutdown) {
					w.Errorf("NewSet: %v, %v", set, err)
				}
			} else {
				w.peer.Loose = true
				w.ask(w.peer.Request(sip.MESSAGE, us()), 503)
			}
			w.sets(1)
			w.same("ends", w.ends(), []error{dialog.ErrShutdown})
			w.peer.Reply(w.peer.Expect("BYE"), 200)
			rest()
			w.same("down", down.all(), []error{nil})
			w.same("strands", w.m.Stack().Stats().Strands, 0)
		})
	}
}

// A set whose first turn comes after the manager has begun to shut down.
func TestShutdownBeforeFirstTurn(t *testing.T) {
	bubble(t, nil, func(w *world) {
		set, err := w.m.NewSet(nil)
		if err != nil {
			w.Fatal(err)
		}
		w.same("down", w.down(w.Context()).all(), []error{nil})
		s, l := &sent{set: set}, &leg{set: set}
		s.again(w.to(sip.MESSAGE), nil)
		set.Do(func(t *dialog.Turn) { set.AddUsage(t, l) })
		w.same("outcome", s.codes(), "-503")
		if err := s.got.err(); !errors.Is(err, dialog.ErrShutdown) {
			w.Error(err)
		}
		w.same("faults", l.faults.all(), []error{dialog.ErrEnded})
	})
}

// A set that opens while the manager begins to shut down is either refused or
// asked to say goodbye: nobody waits for one that was missed.
func TestShutdownRace(t *testing.T) {
	for range 50 {
		bubble(t, nil, func(w *world) {
			w.open = func(t *dialog.Turn, s *dialog.Set, tx *dialog.ServerTx) {
				l := &leg{set: s}
				l.onShutdown = func(t *dialog.Turn) {
					s.Answer(t, tx, sip.NewStatus(503, ""))
					s.RemoveUsage(t, l)
				}
				s.AddUsage(t, l)
			}
			var all sync.WaitGroup
			var errs record[error]
			for range 3 {
				all.Go(func() {
					set, err := w.m.NewSet(nil)
					if err != nil {
						errs.add(err)
						return
					}
					set.Do(func(t *dialog.Turn) {
						l := &leg{set: set}
						l.onShutdown = func(t *dialog.Turn) { set.RemoveUsage(t, l) }
						l.onFault = func(*dialog.Turn) { errs.add(dialog.ErrShutdown) }
						set.AddUsage(t, l)
					})
				})
			}
			inv := w.peer.Request(sip.INVITE, us())
			w.peer.Send(w.flow, inv)
			ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
			defer cancel()
			all.Go(func() {
				if err := w.m.Shutdown(ctx); err != nil {
					w.Errorf("Shutdown waited for a set that was not asked: %v", err)
				}
			})
			all.Wait()
			for _, err := range errs.all() {
				if !errors.Is(err, dialog.ErrShutdown) {
					w.Error(err)
				}
			}
			w.peer.Drain()
			w.sets(0)
		})
	}
}

// Whoever opens a set while the manager closes is refused, or hears of the end:
// nobody waits for ever.
func TestCloseRace(t *testing.T) {
	for i := range 100 {
		bubble(t, nil, func(w *world) {
			w.on = func(ev trace.Event) {
				if _, ok := ev.(trace.SetOpened); ok && i%4 == 0 {
					w.m.Close() // between the first look at the manager and the last
				}
			}
			var all sync.WaitGroup
			var told record[string]
			const many = 4
			for range many {
				all.Go(func() {
					set, err := w.m.NewSet(nil)
					if err != nil {
						told.add("refused")
						return
					}
					set.Do(func(t *dialog.Turn) {
						set.AddUsage(t, &leg{set: set, onFault: func(*dialog.Turn) { told.add("usage") }})
						set.Send(t, &dialog.Request{Msg: w.to(sip.MESSAGE), OnResponse: func(*dialog.Turn, *dialog.Response) { told.add("request") }})
					})
				})
			}
			all.Go(func() { w.m.Close() })
			all.Wait()
			count := make(map[string]int)
			for _, what := range told.all() {
				count[what]++
			}
			if count["usage"] != count["request"] || count["refused"]+count["usage"] != many {
				w.Errorf("told %v", count)
			}
			w.peer.Drain()
			w.sets(0)
			w.same("strands", w.m.Stack().Stats().Strands, 0)
		})
	}
}
