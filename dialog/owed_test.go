package dialog_test

import (
	"errors"
	"testing"
	"time"

	"dum/dialog"
	"dum/sip"
	"dum/stack"
)

// A request that its usage forgets is answered before the peer gives up, and
// holds nothing any longer.
func TestForgotten(t *testing.T) {
	bubble(t, nil, func(w *world) {
		inv, ok, l := w.established()
		var tx *dialog.ServerTx
		l.take = func(_ *dialog.Turn, _ *dialog.Dialog, x *dialog.ServerTx) bool {
			tx = x
			return x.Method() == sip.INFO
		}
		start := time.Now()
		w.ask(w.peer.Within(sip.INFO, inv, ok), 500)
		if d := time.Since(start); d < 60*t1 || d >= 64*t1 {
			w.Errorf("answered after %v", d)
		}
		// What comes too late is refused.
		var late record[error]
		l.set.Do(func(t *dialog.Turn) { late.add(l.set.Respond(t, tx, l.set.NewResponse(t, tx, 200, ""))) })
		if err := late.all()[0]; !errors.Is(err, stack.ErrAnswered) {
			w.Errorf("late: %v", err)
		}
		w.sets(1)
		w.ask(w.peer.Within(sip.BYE, inv, ok), 200)
		w.sets(0)
	})
}

// An opener may forget too. An INVITE rings for as long as somebody cares for
// it, and three minutes when nobody does.
func TestForgottenByOpener(t *testing.T) {
	bubble(t, nil, func(w *world) {
		l := &leg{}
		w.open = func(t *dialog.Turn, s *dialog.Set, tx *dialog.ServerTx) {
			l.set = s
			if sip.Named("X-Keep").Has(tx.Request()) {
				s.AddUsage(t, l)
			}
		}
		inv := w.peer.Request(sip.INVITE, us())
		w.peer.Send(w.flow, inv)
		w.pass(3*time.Minute - time.Second)
		w.sets(1)
		refused := w.peer.Expect("500")
		w.peer.Send(w.flow, w.peer.Hop(sip.ACK, inv, refused.Message))
		w.sets(0)

		inv = w.peer.Request(sip.INVITE, us())
		sip.Named("X-Keep").Set(inv, "1")
		w.peer.Send(w.flow, inv)
		w.pass(time.Hour)
		w.quiet(time.Second)
		w.sets(1)
		// When the usage goes without an answer, the INVITE is over-ripe.
		l.set.Do(func(t *dialog.Turn) { l.set.RemoveUsage(t, l) })
		refused = w.peer.Expect("500")
		w.peer.Send(w.flow, w.peer.Hop(sip.ACK, inv, refused.Message))
		w.sets(0)
	})
}

// The peer cannot make a set keep requests without bound.
func TestTooManyUnanswered(t *testing.T) {
	bubble(t, nil, func(w *world) {
		inv, ok, l := w.established()
		var kept []*dialog.ServerTx
		l.take = func(_ *dialog.Turn, _ *dialog.Dialog, x *dialog.ServerTx) bool {
			if x.Method() != sip.INFO {
				return false
			}
			kept = append(kept, x)
			return true
		}
		const most = 128
		for range most {
			w.peer.Send(w.flow, w.peer.Within(sip.INFO, inv, ok))
		}
		rest()
		w.same("kept", len(kept), most)
		busy := w.ask(w.peer.Within(sip.INFO, inv, ok), 500)
		w.same("Retry-After", value(busy.Message, "Retry-After"), "5")
		// Once some are answered there is room, and the dialog has missed nothing.
		l.set.Do(func(t *dialog.Turn) {
			for _, tx := range kept[:10] {
				l.set.Answer(t, tx, sip.NewStatus(200, ""))
			}
		})
		for range 10 {
			w.peer.Expect("200 INFO")
		}
		w.ask(w.peer.Within(sip.BYE, inv, ok), 200)
		w.sets(1) // for what is unanswered
		for range most - 10 {
			w.peer.Expect("500 INFO")
		}
		w.sets(0)
	})
}

// When the connection of a request is gone its transaction holds the set no
// longer than its time.
func TestUnansweredOverTCP(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.overTCP()
		inv, ok, l := w.established()
		l.take = func(_ *dialog.Turn, _ *dialog.Dialog, x *dialog.ServerTx) bool { return x.Method() == sip.INFO }
		w.peer.Send(w.flow, w.peer.Within(sip.INFO, inv, ok))
		rest()
		l.set.Do(func(t *dialog.Turn) { l.set.RemoveUsage(t, l) })
		w.sets(1)
		w.peer.Close()
		w.pass(64 * t1)
		w.sets(0)
		w.same("transactions", w.m.Stack().Stats().ServerTx, 0)
	})
}
