package dialog_test

import (
	"context"
	"errors"
	"net/netip"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"dum/dialog"
	"dum/resolve"
	"dum/sip"
	"dum/siptest"
)

// A desk answers look-ups when the test says so.
type desk struct {
	asked   atomic.Int32
	stopped record[error]
	answer  chan error // nil: the peer's address
}

func (d *desk) Resolve(ctx context.Context, q resolve.Query) ([]resolve.Target, error) {
	d.asked.Add(1)
	select {
	case err := <-d.answer:
		if err != nil {
			return nil, err
		}
		return []resolve.Target{{Network: "UDP", Addr: netip.MustParseAddrPort(peerIP + ":5060")}}, nil
	case <-ctx.Done():
		d.stopped.add(context.Cause(ctx))
		return nil, context.Cause(ctx)
	}
}

// resolving runs f in a world whose names are looked up at a desk.
func resolving(t *testing.T, f func(w *world, d *desk)) {
	t.Helper()
	var d *desk
	bubble(t, func(cfg *dialog.Config, _ *siptest.Net) {
		d = &desk{answer: make(chan error)}
		cfg.Stack.Resolver = d
	}, func(w *world) { f(w, d) })
}

var bob = uri("sip:bob@bob.example")

// A name is looked up outside of the turn: the set goes on meanwhile, and is
// held.
func TestLookupOutsideOfTheTurn(t *testing.T) {
	resolving(t, func(w *world, d *desk) {
		s := w.send(nil, sip.NewRequest(sip.MESSAGE, bob))
		w.pass(time.Second)
		turns := 0
		s.set.Do(func(*dialog.Turn) { turns++ })
		w.same("turns while the name is looked up", turns, 1)
		w.same("look-ups", d.asked.Load(), 1)
		w.sets(1)
		d.answer <- nil
		got := w.peer.Expect("MESSAGE")
		w.same("Request-URI", got.RawURI(), "sip:bob@bob.example")
		w.peer.Reply(got, 200)
		w.same("outcome", s.codes(), "200")
		w.sets(0)
	})
}

func TestLookupFails(t *testing.T) {
	resolving(t, func(w *world, d *desk) {
		s := w.send(nil, sip.NewRequest(sip.MESSAGE, bob))
		d.answer <- resolve.ErrNotFound
		w.same("outcome", s.codes(), "-503")
		if err := s.got.err(); !errors.Is(err, dialog.ErrNoTarget) || !errors.Is(err, resolve.ErrNotFound) {
			w.Error(err)
		}
		w.sets(0)

		// It takes no longer than a request has.
		s = w.send(nil, sip.NewRequest(sip.MESSAGE, bob))
		w.pass(64*t1 - time.Second)
		w.same("before", s.codes(), "")
		w.pass(time.Second)
		w.same("after", s.codes(), "-408")
		w.sets(0)
	})
}

// Cancel ends the look-up and the request at once.
func TestCancelWhileResolving(t *testing.T) {
	resolving(t, func(w *world, d *desk) {
		for i, method := range []sip.Method{sip.INVITE, sip.MESSAGE} {
			s := w.send(nil, sip.NewRequest(method, bob))
			synctest.Wait()
			inTurn := true
			s.set.Do(func(t *dialog.Turn) {
				s.req.Cancel(t, nil)
				inTurn = len(s.got.list) == 0 // nobody hears of it while he is at it
			})
			synctest.Wait()
			w.same("outcome", s.got.codes(), "-487")
			if !inTurn || !errors.Is(s.got.err(), dialog.ErrCanceled) {
				w.Errorf("in the turn: %v; %v", !inTurn, s.got.err())
			}
			w.same("look-up", d.stopped.all()[i], context.Canceled)
			w.sets(0)
		}
		w.quiet(time.Second)
	})
}

// A manager that closes takes its look-ups along.
func TestCloseWhileResolving(t *testing.T) {
	resolving(t, func(w *world, d *desk) {
		s := w.send(nil, sip.NewRequest(sip.MESSAGE, bob))
		synctest.Wait()
		if err := w.m.Close(); err != nil {
			w.Error(err)
		}
		// No Wait here: Close has seen to it.
		if len(d.stopped.list) == 0 {
			w.Error("the look-up goes on")
		}
		w.same("outcome", s.got.codes(), "-503")
		if err := s.got.err(); !errors.Is(err, dialog.ErrShutdown) {
			w.Error(err)
		}
		// A look-up that would begin now does not.
		s.again(sip.NewRequest(sip.MESSAGE, bob), nil)
		w.same("after Close", s.codes(), "-503 -503")
		w.same("look-ups", d.asked.Load(), 1)
	})
}

// The look-up for an ACK ends with the manager too.
func TestCloseWhileResolvingAnAck(t *testing.T) {
	resolving(t, func(w *world, d *desk) {
		w.dial(nil, w.peer.URI())
		w.peer.Reply(w.peer.Expect("INVITE"), 200, siptest.Set("Contact", "<sip:bob@bob.example>"))
		rest()
		start := time.Now()
		if err := w.m.Close(); err != nil {
			w.Error(err)
		}
		w.same("waited", time.Since(start), time.Duration(0))
		w.same("stopped", d.stopped.all(), []error{context.Canceled})
	})
}

// A resolver is not ours: its panic is a failure of the request.
func TestResolverPanics(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func()
		want []any
	}{
		{"panic", func() { panic("no names today") }, []any{"no names today"}},
		{"Goexit", runtime.Goexit, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(cfg *dialog.Config, _ *siptest.Net) {
				cfg.Stack.Resolver = resolver(func(context.Context, resolve.Query) ([]resolve.Target, error) {
					tt.do()
					return nil, nil
				})
			}, func(w *world) {
				s := w.send(nil, sip.NewRequest(sip.MESSAGE, bob))
				w.same("outcome", s.codes(), "-503")
				w.same("panics", w.panics(), tt.want)
				w.sets(0)
			})
		})
	}
}

// The ACK of a 2xx looks its next hop up as well, and each repetition of the
// 2xx tries again what failed.
func TestAckLookup(t *testing.T) {
	resolving(t, func(w *world, d *desk) {
		l := w.dial(nil, w.peer.URI())
		inv := w.peer.Expect("INVITE")
		ok := w.peer.Response(inv, 200, siptest.Set("Contact", "<sip:bob@bob.example>"))
		w.peer.Send(inv.Flow, ok)
		rest()
		w.same("look-ups", d.asked.Load(), 1)
		w.peer.Send(inv.Flow, ok) // while the first is under way
		rest()
		w.same("look-ups", d.asked.Load(), 1)
		d.answer <- resolve.ErrNotFound
		w.quiet(time.Second)
		w.peer.Send(inv.Flow, ok)
		rest()
		w.same("look-ups", d.asked.Load(), 2)
		d.answer <- nil
		ack := w.peer.Expect("ACK")
		w.same("Request-URI", ack.RawURI(), "sip:bob@bob.example")
		w.same("repetitions", w.peer.Again(), 0)
		w.peer.Send(inv.Flow, ok)
		rest()
		w.same("repetitions", w.peer.Again(), 1)
		w.same("look-ups", d.asked.Load(), 2)
		// A set whose last usage goes while an ACK is on its way waits for it.
		l.set.Do(func(t *dialog.Turn) {
			l.set.SendAck(t, l.d, l.d.NewAck(t, l.invite.Msg))
			l.set.RemoveUsage(t, l)
		})
		w.sets(1)
		d.answer <- nil
		w.peer.Expect("ACK")
		w.sets(0)
	})
}
