package dialog_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"dum/dialog"
	"dum/sip"
	"dum/siptest"
)

// dialogs are the remote tags of a set's dialogs, with their states.
func (l *leg) dialogs() (out []string) {
	done := make(chan struct{})
	l.set.Do(func(t *dialog.Turn) {
		defer close(done)
		for _, d := range l.set.Dialogs(t) {
			out = append(out, d.ID().RemoteTag+" "+d.State().String())
		}
	})
	<-done
	slices.Sort(out)
	return out
}

// fork answers an INVITE of ours as one of several would.
func (w *world) fork(inv *siptest.Received, code int, tag string, edits ...siptest.Edit) {
	w.Helper()
	w.peer.Reply(inv, code, append([]siptest.Edit{siptest.Set("To", "<sip:bob@192.0.2.2>;tag="+tag),
		siptest.Set("Contact", "<sip:"+tag+"@192.0.2.2>")}, edits...)...)
	rest()
}

// RFC 3261 §12.1: each To tag is a dialog of its own, early with a provisional
// response, confirmed with a 2xx that gives it its route set anew.
func TestForks(t *testing.T) {
	bubble(t, nil, func(w *world) {
		l := w.dial(nil, w.peer.URI())
		inv := w.peer.Expect("INVITE")
		w.peer.Reply(inv, 100)
		w.fork(inv, 180, "a", siptest.Set("Record-Route", "<sip:203.0.113.1;lr>"))
		w.fork(inv, 183, "b")
		w.fork(inv, 180, "a")
		w.same("early", l.dialogs(), []string{"a early", "b early"})
		w.fork(inv, 200, "a") // no Record-Route now
		w.same("ACK", w.peer.Expect("ACK").RawURI(), "sip:a@192.0.2.2")
		w.same("answered", l.dialogs(), []string{"a confirmed", "b early"})
		w.fork(inv, 200, "c") // one that never rang
		w.fork(inv, 200, "b")
		w.same("all answered", l.dialogs(), []string{"a confirmed", "b confirmed", "c confirmed"})
		w.fork(inv, 200, "a") // again: the same ACK
		w.same("repeated", w.peer.Again(), 1)
		w.same("responses", l.got.codes(), "100 180 183 180 200 200 200 200")
		w.same("ID", l.d.ID().String(), inv.CallID()+";local="+inv.FromTag()+";remote=a")
		w.same("String", l.d.String(), "dialog "+l.d.ID().String())
		l.bye()
		w.peer.Reply(w.peer.Expect("BYE"), 200)
		rest()
		w.sets(0)
		w.fork(inv, 200, "late") // nobody is there
		w.quiet(t1)
	})
}

// A response that makes no dialog.
func TestNoDialog(t *testing.T) {
	bubble(t, nil, func(w *world) {
		l := w.dial(nil, w.peer.URI())
		inv := w.peer.Expect("INVITE")
		w.peer.Reply(inv, 180, siptest.Set("Contact"))
		w.peer.Reply(inv, 180, siptest.Set("Contact", "<tel:+49>"))
		rest()
		w.same("dialogs", len(l.dialogs()), 0)
		w.same("errors", len(l.heard.all()), 2)
		var errs record[error]
		l.invite.OnResponse = func(t *dialog.Turn, r *dialog.Response) {
			_, err := l.set.UACDialog(t, r.Request.Msg, r.Inbound)
			errs.add(err)
			l.recv(t, r)
		}
		w.peer.Reply(inv, 100)
		w.peer.Reply(inv, 486)
		w.peer.Expect("ACK")
		rest()
		for i, err := range errs.all() {
			if st, ok := errors.AsType[*sip.Status](err); !ok || st.Code != []int{100, 486}[i] {
				w.Errorf("%v", err)
			}
		}
		w.sets(0)

		// RFC 3261 §8.1.1.8: an INVITE without a Contact can make none either.
		for _, contact := range [][]string{nil, {"<tel:+49>"}, {"*"}, {"<<"}} {
			inv := w.peer.Request(sip.INVITE, us(), siptest.Set("Contact", contact...))
			w.peer.Send(w.flow, w.peer.Hop(sip.ACK, inv, w.ask(inv, 400).Message))
		}
		w.sets(0)
	})
}

// A fork that rang for the first INVITE and answers the one with credentials
// is one dialog, whose CSeq goes on from there.
func TestForkAcrossChallenge(t *testing.T) {
	bubble(t, nil, func(w *world) {
		l := w.dial(alice(), w.peer.URI())
		inv := w.peer.Expect("INVITE")
		w.fork(inv, 180, "a")
		w.challenged(inv, 407, challenge("example.com", "n1", qopAuth))
		inv = w.peer.Expect("INVITE")
		w.fork(inv, 200, "a")
		w.same("ACK", value(w.peer.Expect("ACK").Message, "CSeq"), "2 ACK")
		w.same("dialogs", l.dialogs(), []string{"a confirmed"})
		l.bye()
		bye := w.peer.Expect("BYE")
		w.same("BYE", value(bye.Message, "CSeq"), "3 BYE")
		w.peer.Reply(bye, 200)
		w.sets(0)
	})
}

// The dialogs of a set are bounded, but an answer is let in as long as there is
// a fork that only rang.
func TestMaxForks(t *testing.T) {
	for _, max := range []int{0, 3, -1} {
		t.Run(fmt.Sprint(max), func(t *testing.T) {
			bubble(t, func(cfg *dialog.Config, _ *siptest.Net) { cfg.MaxForks = max }, func(w *world) {
				l := w.dial(nil, w.peer.URI())
				inv := w.peer.Expect("INVITE")
				for i := range 100 {
					w.fork(inv, 180, fmt.Sprintf("t%02d", i))
				}
				want := map[int]int{0: 64, 3: 3, -1: 100}[max]
				have := l.dialogs()
				w.same("dialogs", len(have), want)
				w.same("the last", have[want-1], fmt.Sprintf("t%02d early", want-1))
				w.same("refused", len(l.heard.all()), 100-want)
				if max < 0 {
					return
				}
				if e := l.heard.all()[0]; e != dialog.ErrTooManyForks.Error() {
					w.Error(e)
				}
				for i := range want {
					w.fork(inv, 200, fmt.Sprintf("u%02d", i))
				}
				w.peer.Expect("ACK")
				have = l.dialogs()
				w.same("answered", len(have), want)
				w.same("the first", have[0], "u00 confirmed")
				w.fork(inv, 200, "one too many")
				w.same("answered", l.dialogs(), have)
				// The early ones that had to go are over, for the peer too.
				w.ask(w.peer.Request(sip.INFO, us(), siptest.Set("Call-ID", inv.CallID()),
					siptest.Set("From", "<sip:bob@192.0.2.2>;tag=t00"), siptest.Set("To", value(inv.Message, "From"))), 481)
				// Those that have ended make room too.
				l.set.Do(func(t *dialog.Turn) {
					d, _ := l.set.UACDialog(t, inv.Message, &dialog.Inbound{Msg: w.peer.Response(inv, 200, siptest.Set("To", "<sip:b>;tag=u01"))})
					d.End(t)
				})
				w.fork(inv, 200, "after")
				w.same("after an end", l.dialogs()[0], "after confirmed")
			})
		})
	}
}

// The dialog of a UAS is early until its 2xx goes out, and there is one only.
func TestUASDialog(t *testing.T) {
	bubble(t, nil, func(w *world) {
		l := &leg{}
		var tx *dialog.ServerTx
		w.open = func(t *dialog.Turn, s *dialog.Set, x *dialog.ServerTx) {
			l.set, tx = s, x
			d, st := s.UASDialog(t, x, dialog.Early)
			if st != nil {
				w.Error(st)
			}
			l.d = d
			s.AddUsage(t, l)
			s.Respond(t, x, s.NewResponse(t, x, 180, ""))
		}
		inv := w.peer.Request(sip.INVITE, us())
		w.peer.Send(w.flow, inv)
		ring := w.peer.Expect("180")
		rest()
		w.same("early", l.dialogs(), []string{inv.FromTag() + " early"})
		// RFC 3261 §12.1: requests may come on the early dialog.
		w.ask(w.peer.Within(sip.OPTIONS, inv, ring.Message), 200)
		l.set.Do(func(t *dialog.Turn) {
			if d, st := l.set.UASDialog(t, tx, dialog.Early); d != l.d || st != nil {
				w.Errorf("another dialog %v, %v", d, st)
			}
			if d, st := l.set.UASDialog(t, tx, dialog.Confirmed); d != l.d || st != nil || d.State() != dialog.Confirmed {
				w.Errorf("another dialog %v, %v", d, st)
			}
			l.d.Confirm(t)
			l.set.Respond(t, tx, l.set.NewResponse(t, tx, 200, ""))
		})
		ok := w.peer.Expect("200")
		w.peer.Send(w.flow, w.peer.Ack(inv, ok.Message))
		rest()
		w.same("confirmed", l.dialogs(), []string{inv.FromTag() + " confirmed"})
		w.ask(w.peer.Within(sip.BYE, inv, ok.Message), 200)
		w.sets(0)
	})
}
