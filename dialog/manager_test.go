package dialog_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"dum/dialog"
	"dum/sip"
	"dum/siptest"
	"dum/trace"
)

// A manager that cannot be made says so, and its defaults are there.
func TestNewManager(t *testing.T) {
	bubble(t, nil, func(w *world) {
		host := w.net.Host("twice", "192.0.2.5")
		cfg := dialog.Config{Stack: stackOn(host)}
		cfg.Stack.Transports = append(cfg.Stack.Transports, host.UDP())
		if m, err := dialog.NewManager(cfg); m != nil || err == nil {
			w.Errorf("two transports for one network: %v, %v", m, err)
		}
		m, err := dialog.NewManager(dialog.Config{Stack: stackOn(host), Supported: []string{"a"}})
		if err != nil {
			w.Fatal(err)
		}
		m.Support("b", "a", "b")
		w.same("defaults", [4]any{m.Allow(), m.Sets(), m.Profile() != nil, m.Trace() == nil}, [4]any{"", 0, true, true})
		if _, err := m.Listen(w.Context(), "nonsense"); err == nil {
			w.Error("listens at nonsense")
		}
		req := w.peer.Request(sip.OPTIONS, us())
		resp := m.Capabilities(sip.NewResponse(req, 200, ""))
		w.same("Supported", value(resp, "Supported"), "a, b")
		w.same("Allow", sip.Allow.Has(resp), false)
		w.same("Close", m.Close(), nil)
	})
}

// What we can do goes into INVITE and OPTIONS, unless the caller says it.
func TestCapabilitiesOfRequests(t *testing.T) {
	bubble(t, func(cfg *dialog.Config, _ *siptest.Net) { cfg.Supported = []string{"timer"} }, func(w *world) {
		m := w.to(sip.OPTIONS)
		sip.Named("Allow").Set(m, "MINE")
		w.send(nil, m)
		got := w.peer.Expect("OPTIONS")
		w.same("Allow", value(got.Message, "Allow"), "MINE")
		w.same("Supported", value(got.Message, "Supported"), "timer")
		w.peer.Reply(got, 200)
		m = w.to(sip.OPTIONS)
		sip.Named("Supported").Set(m, "gruu")
		w.send(nil, m)
		got = w.peer.Expect("OPTIONS")
		w.same("Allow", value(got.Message, "Allow"), w.m.Allow())
		w.same("Supported", value(got.Message, "Supported"), "gruu")
		w.peer.Reply(got, 200)
	})
}

// Every set has its two events, and its own strand and no more.
func TestSetEvents(t *testing.T) {
	bubble(t, nil, func(w *world) {
		for range 10 {
			w.ask(w.peer.Request(sip.MESSAGE, us()), 200)
		}
		inv, ok, _ := w.established()
		w.ask(w.peer.Within(sip.BYE, inv, ok), 200)
		w.sets(0)
		opened, ended := trace.Of[trace.SetOpened](w.rec), trace.Of[trace.SetEnded](w.rec)
		w.same("events", [2]int{len(opened), len(ended)}, [2]int{11, 11})
		seen := make(map[dialog.Key]int)
		for i := range opened {
			seen[dialog.Key{CallID: opened[i].CallID, Tag: opened[i].LocalTag}]++
			seen[dialog.Key{CallID: ended[i].CallID, Tag: ended[i].LocalTag}]++
		}
		for k, n := range seen {
			if n != 2 {
				w.Errorf("%v has %d events", k, n)
			}
		}
		w.same("strands", w.m.Stack().Stats().Strands, 0)
	})
}

// All of a manager may be used from many goroutines at once, while messages come
// and the manager goes.
func TestConcurrentUse(t *testing.T) {
	bubble(t, func(cfg *dialog.Config, _ *siptest.Net) {
		cfg.NewValue = func(s *dialog.Set) any { return s.CallID() }
	}, func(w *world) {
		inv, ok, l := w.established()
		id := l.d.ID()
		l.take = func(t *dialog.Turn, _ *dialog.Dialog, tx *dialog.ServerTx) bool {
			if tx.Method() == sip.INFO {
				l.set.Answer(t, tx, sip.NewStatus(200, ""))
			}
			return tx.Method() == sip.INFO
		}
		l.onShutdown = func(t *dialog.Turn) { l.set.RemoveUsage(t, l) }
		var all sync.WaitGroup
		var sentBy [4]responses
		for i := range sentBy {
			all.Go(func() {
				for n := range 50 {
					w.m.Find(id)
					w.m.FindSet(l.set.Key())
					dialog.FindUsage[*leg](w.m, id)
					l.set.Value()
					l.set.SetValue(n)
					l.set.Do(func(t *dialog.Turn) { l.set.Dialogs(t) })
					l.set.Post(func() { w.m.Sets() })
					set, err := w.m.NewSet(nil)
					if errors.Is(err, dialog.ErrShutdown) {
						return
					}
					set.Do(func(t *dialog.Turn) {
						r := &dialog.Request{Msg: sip.NewRequest(sip.MESSAGE, uri(fmt.Sprintf("sip:x@nobody%d.example", n))), OnResponse: sentBy[i].recv}
						set.Send(t, r)
						if n%2 == 0 {
							r.Cancel(t, nil)
						}
					})
				}
			})
		}
		for range 50 {
			w.ask(w.peer.Within(sip.INFO, inv, ok), 200)
			w.peer.Send(w.flow, w.peer.Request(sip.MESSAGE, us()))
			w.peer.Expect("200 MESSAGE")
		}
		all.Go(func() {
			if err := w.m.Shutdown(w.Context()); err != nil {
				w.Error(err)
			}
		})
		all.Wait()
		for i := range sentBy {
			for _, r := range sentBy[i].all() {
				if c := r.Code(); c != 503 && c != 487 {
					w.Errorf("a message to nobody got %d", c)
				}
			}
		}
		w.sets(0)
	})
}
