package dialog_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"dum/dialog"
	"dum/sip"
	"dum/trace"
)

// asked is a usage that notes when it is asked, and may take what it is asked
// about.
func asked(l *leg, name string, order *record[string], take bool) *leg {
	l.take = func(t *dialog.Turn, d *dialog.Dialog, tx *dialog.ServerTx) bool {
		if tx.Method() != sip.INFO {
			return false
		}
		order.add(name)
		if take {
			l.set.Answer(t, tx, sip.NewStatus(200, ""))
		}
		return take
	}
	return l
}

// The usages of the dialog are asked first, then those of the set, each in the
// order in which they were added.
func TestUsageOrder(t *testing.T) {
	bubble(t, nil, func(w *world) {
		inv, ok, first := w.established()
		var order record[string]
		asked(first, "d1", &order, false)
		s1, s2 := asked(&leg{set: first.set}, "s1", &order, false), asked(&leg{set: first.set}, "s2", &order, true)
		d2 := asked(&leg{set: first.set}, "d2", &order, false)
		s3 := asked(&leg{set: first.set}, "s3", &order, false)
		first.set.Do(func(t *dialog.Turn) {
			for _, u := range []*leg{s1, s2} {
				first.set.AddUsage(t, u)
			}
			first.d.AddUsage(t, d2)
			first.set.AddUsage(t, s3)
		})
		w.ask(w.peer.Within(sip.INFO, inv, ok), 200)
		w.same("order", strings.Join(order.all(), " "), "d1 d2 s1 s2")

		// Who goes while others are asked is not asked any more.
		first.take = func(t *dialog.Turn, _ *dialog.Dialog, tx *dialog.ServerTx) bool {
			order.add("d1")
			first.set.RemoveUsage(t, d2)
			first.set.RemoveUsage(t, s2)
			return false
		}
		w.ask(w.peer.Within(sip.INFO, inv, ok), 481)
		w.same("order", strings.Join(order.all()[4:], " "), "d1 s1 s3")
	})
}

// Deadlines: the earliest arms the timer, those that are due are called, and
// nobody else.
func TestUsageDeadlines(t *testing.T) {
	bubble(t, nil, func(w *world) {
		_, _, a := w.established()
		b := &leg{set: a.set}
		start := time.Now()
		clear := func(l *leg) {
			l.onExpire = func(*dialog.Turn) {
				l.heard.add(time.Since(start).String())
				l.at = time.Time{}
			}
		}
		clear(a)
		clear(b)
		a.set.Do(func(t *dialog.Turn) {
			a.set.AddUsage(t, b)
			a.at, b.at = start.Add(3*time.Second), start.Add(2*time.Second)
		})
		w.pass(2500 * time.Millisecond)
		w.same("b", b.heard.all(), "[expire 2s]")
		w.same("a", a.heard.all(), "[ack]")
		w.pass(2 * time.Second)
		w.same("a", a.heard.all(), "[ack expire 3s]")

		// A later turn may put a deadline off, or take it away.
		a.set.Do(func(*dialog.Turn) { a.at, b.at = start.Add(10*time.Second), start.Add(10*time.Second) })
		a.set.Do(func(*dialog.Turn) { a.at, b.at = start.Add(20*time.Second), time.Time{} })
		w.pass(10 * time.Second)
		w.same("b", len(b.heard.all()), 2)
		w.same("a", len(a.heard.all()), 3)
		w.pass(10 * time.Second)
		w.same("a", a.heard.all(), "[ack expire 3s expire 20s]")

		// One that has passed already is due at once.
		a.set.Do(func(*dialog.Turn) { a.at = start.Add(-time.Hour) })
		w.pass(time.Millisecond)
		w.same("a", len(a.heard.all()), 7)

		// Usages leave when their time has come, also each other.
		a.set.Do(func(*dialog.Turn) {
			a.at, b.at = time.Now().Add(time.Second), time.Now().Add(time.Second)
			a.onExpire = func(t *dialog.Turn) { a.set.RemoveUsage(t, b); a.set.RemoveUsage(t, a) }
		})
		w.pass(time.Second)
		w.same("b", len(b.heard.all()), 2)
		w.sets(0)
	})
}

// A deadline that stands still costs a turn now and then, and not the
// processor.
func TestUsageStuckDeadline(t *testing.T) {
	bubble(t, nil, func(w *world) {
		_, _, l := w.established()
		l.set.Do(func(*dialog.Turn) { l.at = time.Now().Add(-time.Second) })
		w.pass(time.Second)
		if n := len(l.heard.all()); n < 10 || n > 1000 {
			w.Errorf("called %d times in a second", n)
		}
		l.set.Do(func(*dialog.Turn) { l.at = time.Time{} })
	})
}

// A panic in a turn ends its set: 500 for what was not answered, a Fault for
// each usage, a failure for each request under way. Others run on.
func TestPanicInTurn(t *testing.T) {
	bubble(t, nil, func(w *world) {
		inv, ok, l := w.established()
		_, _, other := w.established()
		more := &leg{set: l.set}
		more.onFault = func(t *dialog.Turn) {
			if !l.set.Ended(t) {
				w.Error("Fault in a set that lives")
			}
			l.set.AddUsage(t, &leg{}) // nobody hears of that one
			panic("in Fault too")
		}
		l.set.Do(func(t *dialog.Turn) {
			l.set.AddUsage(t, more)
			l.d.AddUsage(t, more) // twice, but told once
			l.set.AddUsage(t, l)
		})
		info := l.within(sip.INFO)
		w.peer.Expect("INFO")
		l.take = func(*dialog.Turn, *dialog.Dialog, *dialog.ServerTx) bool { panic("in RecvRequest") }
		w.ask(w.peer.Within(sip.OPTIONS, inv, ok), 500)
		w.sets(1)
		for _, u := range []*leg{l, more} {
			faults := u.faults.all()
			if len(faults) != 1 {
				t.Fatalf("faults %v", faults)
			}
			if p, is := errors.AsType[*dialog.PanicError](faults[0]); !is || p.Value != "in RecvRequest" {
				w.Errorf("fault %v", faults[0])
			}
		}
		w.same("request", info.got.codes(), "-503")
		w.same("panics", w.panics(), []any{"in RecvRequest", "in Fault too"})
		ends := trace.Of[trace.SetEnded](w.rec)
		if len(ends) != 1 || ends[0].CallID != l.set.CallID() || ends[0].Err == nil {
			w.Errorf("ends %v", ends)
		}
		w.ask(w.peer.Within(sip.BYE, inv, ok), 481)
		w.same("the other", len(other.faults.all()), 0)
		got := other.within(sip.INFO)
		w.peer.Reply(w.peer.Expect("INFO"), 200)
		w.same("the other", got.codes(), "200")
	})
}

// The same wherever the panic comes from.
func TestPanicAnywhere(t *testing.T) {
	for name, do := range map[string]func(w *world, l *leg){
		"Do": func(w *world, l *leg) { l.set.Do(func(*dialog.Turn) { panic(1) }) },
		"Expire": func(w *world, l *leg) {
			l.onExpire = func(*dialog.Turn) { panic(1) }
			l.set.Do(func(*dialog.Turn) { l.at = time.Now() })
		},
		"response": func(w *world, l *leg) {
			l.set.Do(func(t *dialog.Turn) {
				l.set.Send(t, &dialog.Request{Msg: l.d.NewRequest(t, sip.INFO), Dialog: l.d, OnResponse: func(*dialog.Turn, *dialog.Response) { panic(1) }})
			})
			w.peer.Reply(w.peer.Expect("INFO"), 200)
		},
		"local failure": func(w *world, l *leg) {
			l.set.Do(func(t *dialog.Turn) {
				l.set.Send(t, &dialog.Request{Msg: sip.NewRequest(sip.INFO, uri("tel:1")), OnResponse: func(*dialog.Turn, *dialog.Response) { panic(1) }})
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, nil, func(w *world) {
				_, _, l := w.established()
				do(w, l)
				w.sets(0)
				w.same("faults", len(l.faults.all()), 1)
				w.same("panics", w.panics(), []any{1})
				w.same("strands", w.m.Stack().Stats().Strands, 0)
			})
		})
	}
	t.Run("Open", func(t *testing.T) {
		bubble(t, nil, func(w *world) {
			w.open = func(*dialog.Turn, *dialog.Set, *dialog.ServerTx) { panic(1) }
			inv := w.peer.Request(sip.INVITE, us())
			w.peer.Send(w.flow, w.peer.Hop(sip.ACK, inv, w.ask(inv, 500).Message))
			w.sets(0)
		})
	})
}
