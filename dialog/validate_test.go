package dialog_test

import (
	"maps"
	"slices"
	"testing"

	"dum/dialog"
	"dum/sip"
	"dum/siptest"
)

// wrong is what can be wrong with a request, and what that is answered with.
// RFC 3261 §8.2 gives the order in which it is looked at: the method, the
// Request-URI, Require, the content.
var wrong = []struct {
	name string
	edit siptest.Edit
	code int
	tell map[string]string // headers of the answer
}{
	{"scheme", func(m *sip.Message) { m.SetURI(uri("urn:service:sos")) }, 416, nil},
	{"Require", siptest.Set("Require", "replaces, 100REL", "x-none"), 420, map[string]string{"Unsupported": "replaces, x-none"}},
	{"bad Require", siptest.Set("Require", "re places"), 400, nil},
	{"type", func(m *sip.Message) { m.SetBody(sip.Body{Type: "text/plain", Data: "x"}) }, 415,
		map[string]string{"Accept": "application/sdp"}},
	{"no type", func(m *sip.Message) { m.SetBody(sip.Body{Data: "x"}) }, 415, map[string]string{"Accept": "application/sdp"}},
	{"encoding", func(m *sip.Message) {
		siptest.SDP("v=0\r\n")(m)
		sip.Named("Content-Encoding").Set(m, "gzip")
	}, 415, map[string]string{"Accept-Encoding": "identity"}},
}

// right is what may look wrong, but is not.
var right = map[string]siptest.Edit{
	"known extension": siptest.Set("Require", "100rel"),
	"tel":             func(m *sip.Message) { m.SetURI(uri("tel:+4930")) },
	"sips":            func(m *sip.Message) { m.SetURI(uri("sips:alice@192.0.2.1")) },
	"parameters":      func(m *sip.Message) { m.SetBody(sip.Body{Type: "Application/SDP ; charset=x", Data: "v=0\r\n"}) },
	"optional type": func(m *sip.Message) {
		m.SetBody(sip.Body{Type: "text/plain", Data: "x"})
		sip.Named("Content-Disposition").Set(m, "icon;handling=Optional")
	},
	"optional encoding": func(m *sip.Message) {
		siptest.SDP("v=0\r\n")(m)
		sip.Named("Content-Encoding").Set(m, "gzip")
		sip.Named("Content-Disposition").Set(m, "session;handling=optional")
	},
	"identity": func(m *sip.Message) {
		siptest.SDP("v=0\r\n")(m)
		sip.Named("Content-Encoding").Set(m, "identity")
	},
	"encoding of nothing": siptest.Set("Content-Encoding", "gzip"),
}

// strict is a manager that takes session descriptions only.
func strict(cfg *dialog.Config, _ *siptest.Net) {
	cfg.Supported = []string{"100rel"}
	cfg.Accept = map[sip.Method][]string{sip.INVITE: {"application/sdp"}, sip.INFO: {"application/sdp"}}
}

func TestValidateOutside(t *testing.T) {
	bubble(t, strict, func(w *world) {
		for _, tt := range wrong {
			inv := w.peer.Request(sip.INVITE, us(), tt.edit)
			got := w.ask(inv, tt.code)
			for name, v := range tt.tell {
				w.same(tt.name+", "+name, value(got.Message, name), v)
			}
			if got.ToTag() == "" {
				w.Errorf("%s: no To tag", tt.name)
			}
			w.peer.Send(w.flow, w.peer.Hop(sip.ACK, inv, got.Message))
		}
		w.sets(0)
		for _, name := range slices.Sorted(maps.Keys(right)) {
			inv := w.peer.Request(sip.INVITE, us(), right[name])
			got := w.ask(inv, 200)
			w.peer.Send(w.flow, w.peer.Ack(inv, got.Message))
			w.ask(w.peer.Within(sip.BYE, inv, got.Message), 200)
		}
		w.sets(0)

		// A body that nobody has to read is nobody's business.
		m := w.peer.Request(sip.MESSAGE, us())
		m.SetBody(sip.Body{Type: "application/x-anything", Data: "x"})
		w.ask(m, 200)
	})
}

// The first fault in the order of RFC 3261 §8.2 is the one that is told.
func TestValidateOrder(t *testing.T) {
	bubble(t, strict, func(w *world) {
		for i := range wrong {
			all := make([]siptest.Edit, 0, len(wrong))
			for _, tt := range wrong[i:] {
				all = append(all, tt.edit)
			}
			slices.Reverse(all) // so that of two that set the same, the first wins
			inv := w.peer.Request(sip.INVITE, us(), all...)
			w.peer.Send(w.flow, w.peer.Hop(sip.ACK, inv, w.ask(inv, wrong[i].code).Message))
			got := w.ask(w.peer.Request("DANCE", us(), all...), 405)
			w.same("Allow", value(got.Message, "Allow"), "ACK, BYE, CANCEL, INFO, INVITE, MESSAGE, OPTIONS")
		}
	})
}

// Within a dialog the same is asked, and a request that is at fault changes
// nothing.
func TestValidateWithin(t *testing.T) {
	bubble(t, strict, func(w *world) {
		inv, ok := w.invite()
		w.peer.Send(w.flow, w.peer.Ack(inv, ok.Message))
		rest()
		asked := 0
		w.legs[0].take = func(t *dialog.Turn, d *dialog.Dialog, tx *dialog.ServerTx) bool {
			if tx.Method() != sip.INFO {
				return false
			}
			asked++
			d.Set().Answer(t, tx, sip.NewStatus(200, ""))
			return true
		}
		for _, tt := range wrong {
			got := w.ask(w.peer.Within(sip.INFO, inv, ok.Message, tt.edit), tt.code)
			for name, v := range tt.tell {
				w.same(tt.name+", "+name, value(got.Message, name), v)
			}
			w.same(tt.name+", To tag", got.ToTag(), ok.ToTag())
		}
		w.same("requests that the usage saw", asked, 0)
		for _, name := range slices.Sorted(maps.Keys(right)) {
			w.ask(w.peer.Within(sip.INFO, inv, ok.Message, right[name]), 200)
		}
		w.same("requests that the usage saw", asked, len(right))
		w.ask(w.peer.Within(sip.BYE, inv, ok.Message), 200)
		w.sets(0)
	})
}
