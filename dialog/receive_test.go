package dialog_test

import (
	"fmt"
	"testing"
	"time"

	"dum/dialog"
	"dum/sip"
	"dum/siptest"
)

// established has the peer call us, and acknowledges.
func (w *world) established(edits ...siptest.Edit) (inv, ok *sip.Message, l *leg) {
	w.Helper()
	inv, got := w.invite(edits...)
	w.peer.Send(w.flow, w.peer.Ack(inv, got.Message))
	rest()
	return inv, got.Message, w.legs[len(w.legs)-1]
}

// seq gives a request a CSeq number of the test's choice.
func seq(n uint32) siptest.Edit {
	return func(m *sip.Message) { sip.CSeq.Set(m, sip.Seq{Number: n, Method: m.Method()}) }
}

// RFC 3261 §12.2.2: a request of no dialog is answered with 481.
func TestReceiveUnknownDialog(t *testing.T) {
	bubble(t, nil, func(w *world) {
		inv, ok, _ := w.established()
		for name, edit := range map[string]siptest.Edit{
			"our tag":       siptest.Set("To", "<sip:alice@192.0.2.1>;tag=nobody"),
			"their tag":     siptest.Set("From", "<sip:peer@192.0.2.2>;tag=nobody"),
			"no tag at all": siptest.Set("From", "<sip:peer@192.0.2.2>"),
			"Call-ID":       siptest.Set("Call-ID", "nobody"),
		} {
			for _, method := range []sip.Method{sip.BYE, sip.INFO, sip.OPTIONS, "DANCE"} {
				got := w.ask(w.peer.Within(method, inv, ok, edit), 481)
				if name == "their tag" {
					w.same("To tag", got.ToTag(), ok.ToTag())
				}
			}
			// An ACK of nothing is dropped.
			w.peer.Send(w.flow, w.peer.Within(sip.ACK, inv, ok, edit))
			w.quiet(t1)
		}
		w.ask(w.peer.Within(sip.BYE, inv, ok), 200)
		w.sets(0)
		w.ask(w.peer.Within(sip.BYE, inv, ok), 481)
	})
}

// RFC 3261 §12.2.2: the CSeq of the peer must not fall, whatever became of the
// request that it was on. What follows in order goes on.
func TestReceiveSeq(t *testing.T) {
	bubble(t, nil, func(w *world) {
		inv, ok, l := w.established(seq(10))
		w.ask(w.peer.Within(sip.OPTIONS, inv, ok, seq(9)), 500)
		w.ask(w.peer.Within(sip.OPTIONS, inv, ok, seq(12)), 200) // gaps are fine
		w.ask(w.peer.Within(sip.BYE, inv, ok, seq(11)), 500)
		w.ask(w.peer.Within(sip.OPTIONS, inv, ok, seq(20), siptest.Set("Require", "x")), 420)
		w.ask(w.peer.Within(sip.OPTIONS, inv, ok, seq(19)), 500)
		w.ask(w.peer.Within("DANCE", inv, ok, seq(1<<31-1)), 405)
		w.ask(w.peer.Within(sip.BYE, inv, ok, seq(21)), 500)
		w.sets(1)
		w.same("faults", len(l.faults.all()), 0)
		w.ask(w.peer.Within(sip.BYE, inv, ok, seq(1<<31-1)), 200)
		w.sets(0)
	})
	// A UAC does not know the peer's CSeq before the first request (§12.1.2).
	bubble(t, nil, func(w *world) {
		w.dial(nil, w.peer.URI())
		inv := w.peer.Expect("INVITE")
		ok := w.peer.Reply(inv, 200)
		w.peer.Expect("ACK")
		w.ask(w.peer.Within(sip.OPTIONS, inv.Message, ok, seq(7)), 200)
		w.ask(w.peer.Within(sip.OPTIONS, inv.Message, ok, seq(6)), 500)
		w.ask(w.peer.Within(sip.BYE, inv.Message, ok, seq(8)), 200)
		w.pass(64 * t1)
		w.sets(0)
	})
}

// What no usage takes within a dialog is answered for it.
func TestReceiveUnclaimed(t *testing.T) {
	bubble(t, nil, func(w *world) {
		inv, ok, _ := w.established()
		got := w.ask(w.peer.Within(sip.OPTIONS, inv, ok), 200)
		w.same("Allow", value(got.Message, "Allow"), w.m.Allow())
		w.same("Accept", has(got.Message, "Accept", "application/sdp"), true)
		w.same("To tag", got.ToTag(), ok.ToTag())
		w.ask(w.peer.Within(sip.INFO, inv, ok), 481)
		got = w.ask(w.peer.Within("DANCE", inv, ok), 405)
		w.same("Allow", value(got.Message, "Allow"), w.m.Allow())
		w.sets(1)
		// The usages come first.
		w.legs[0].take = func(t *dialog.Turn, d *dialog.Dialog, tx *dialog.ServerTx) bool {
			if tx.Method() == sip.BYE {
				return false
			}
			d.Set().Answer(t, tx, sip.NewStatus(299, "Mine"))
			return true
		}
		for _, method := range []sip.Method{sip.OPTIONS, sip.INFO, "DANCE"} {
			w.ask(w.peer.Within(method, inv, ok), 299)
		}
		w.ask(w.peer.Within(sip.BYE, inv, ok), 200)
	})
}

// A request with our tag that belongs to no dialog is offered to the usages of
// the set as a whole: the NOTIFY that comes before the 2xx makes the dialog.
func TestReceiveStray(t *testing.T) {
	bubble(t, nil, func(w *world) {
		l := w.dial(nil, w.peer.URI())
		inv := w.peer.Expect("INVITE")
		notify := func(method sip.Method, edits ...siptest.Edit) *sip.Message {
			to, _ := sip.Named("From").Get(inv.Message)
			return w.peer.Request(method, us(), append([]siptest.Edit{
				siptest.Set("Call-ID", inv.CallID()), siptest.Set("To", to)}, edits...)...)
		}
		l.take = func(t *dialog.Turn, d *dialog.Dialog, tx *dialog.ServerTx) bool {
			if tx.Method() != sip.NOTIFY || d != nil {
				return false
			}
			var st *sip.Status
			if l.d, st = l.set.UASDialog(t, tx, dialog.Confirmed); st != nil {
				w.Error(st)
			}
			l.set.Respond(t, tx, l.set.NewResponse(t, tx, 200, ""))
			return true
		}
		w.ask(notify(sip.NOTIFY, siptest.Set("Require", "x")), 481)
		w.ask(notify(sip.INFO), 481)
		first := notify(sip.NOTIFY, seq(5))
		got := w.ask(first, 200)
		w.same("Contact", sip.Contact.Has(got.Message), true)
		w.same("To tag", got.ToTag(), inv.FromTag())
		w.same("dialog", l.d.ID(), dialog.ID{CallID: inv.CallID(), LocalTag: inv.FromTag(), RemoteTag: first.FromTag()})
		// It is a dialog like any other, and goes on where our request was.
		l.within(sip.INFO)
		info := w.peer.Expect("INFO")
		w.same("CSeq", value(info.Message, "CSeq"), "2 INFO")
		w.peer.Reply(info, 200)
		w.peer.Reply(inv, 486)
		w.peer.Expect("ACK")
		w.sets(0)
	})
}

// RFC 3261 §12.1.1 and §12.2.2: peers of RFC 2543 have no tags.
func TestReceiveWithoutTags(t *testing.T) {
	bubble(t, nil, func(w *world) {
		ancient := func(method sip.Method, to string, n uint32) *sip.Message {
			return w.peer.Request(method, us(), seq(n), siptest.Set("Call-ID", "old"),
				siptest.Set("From", "<sip:old@192.0.2.2>"), siptest.Set("To", to),
				siptest.Set("Via", fmt.Sprintf("SIP/2.0/UDP 192.0.2.2:5060;branch=%d", n)))
		}
		ok := w.ask(ancient(sip.INVITE, "<sip:alice@192.0.2.1>", 1), 200)
		to := value(ok.Message, "To")
		w.peer.Send(w.flow, ancient(sip.ACK, to, 1))
		rest()
		l := w.legs[0]
		w.same("dialog", l.d.ID().RemoteTag, "")
		w.same("ACK", l.heard.all(), "[ack]")
		l.within(sip.INFO)
		info := w.peer.Expect("INFO")
		w.same("To", value(info.Message, "To"), "<sip:old@192.0.2.2>")
		w.peer.Reply(info, 200)
		w.ask(ancient(sip.BYE, to, 2), 200)
		w.sets(0)

		// The other way round: a 200 without a To tag.
		l = w.dial(nil, w.peer.URI())
		old := w.peer.Expect("INVITE")
		w.peer.Send(old.Flow, w.peer.Response(old, 200, siptest.Set("To", "<sip:old@192.0.2.2>")))
		ack := w.peer.Expect("ACK")
		w.same("To of the ACK", value(ack.Message, "To"), "<sip:old@192.0.2.2>")
		l.bye()
		bye := w.peer.Expect("BYE")
		w.same("To of the BYE", value(bye.Message, "To"), "<sip:old@192.0.2.2>")
		w.peer.Reply(bye, 200)
		w.pass(64 * t1)
		w.sets(0)
	})
}

// An ACK goes to the usage of its dialog, and to no other.
func TestReceiveAck(t *testing.T) {
	bubble(t, nil, func(w *world) {
		inv, got := w.invite()
		l, whole := w.legs[0], &leg{}
		whole.set = l.set
		l.set.Do(func(t *dialog.Turn) { l.set.AddUsage(t, whole) })
		w.peer.Send(w.flow, w.peer.Ack(inv, got.Message, siptest.Set("From", "<sip:x@192.0.2.2>;tag=forged")))
		rest()
		w.same("forged", len(l.heard.all())+len(whole.heard.all()), 0)
		w.peer.Send(w.flow, w.peer.Ack(inv, got.Message))
		rest()
		w.same("its own", l.heard.all(), "[ack]")
		w.same("its own, to another", len(whole.heard.all()), 0)
		l.set.Do(func(t *dialog.Turn) { l.set.RemoveUsage(t, whole) })
		w.ask(w.peer.Within(sip.BYE, inv, got.Message), 200)
	})
}

// A CANCEL that no usage cares for ends the INVITE with 487; RFC 3261 §9.2 wants
// one To tag on all of it.
func TestReceiveCancel(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.open = func(t *dialog.Turn, s *dialog.Set, tx *dialog.ServerTx) {
			if sip.Named("X-Ring").Has(tx.Request()) {
				s.Respond(t, tx, s.NewResponse(t, tx, 180, ""))
			}
		}
		for _, ring := range []bool{false, true} {
			inv := w.peer.Request(sip.INVITE, us())
			tag := ""
			if ring {
				siptest.Set("X-Ring", "1")(inv)
				w.peer.Send(w.flow, inv)
				tag = w.peer.Expect("180").ToTag()
			} else {
				w.peer.Send(w.flow, inv)
				w.pass(100 * time.Millisecond)
			}
			w.sets(1)
			cancel := w.peer.Hop(sip.CANCEL, inv, inv)
			w.peer.Send(w.flow, cancel)
			ok, refused := w.peer.Expect("200 CANCEL"), w.peer.Expect("487 INVITE")
			w.same("To tags", ok.ToTag() != "" && ok.ToTag() == refused.ToTag() && (tag == "" || tag == ok.ToTag()), true)
			again := w.peer.Again()
			w.peer.Send(w.flow, inv) // a retransmission gets the same once more
			rest()
			w.same("repeated", w.peer.Again() > again, true)
			w.peer.Send(w.flow, w.peer.Hop(sip.ACK, inv, refused.Message))
			w.sets(0)
		}
	})
}
