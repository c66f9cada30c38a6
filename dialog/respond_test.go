package dialog_test

import (
	"errors"
	"testing"

	"dum/dialog"
	"dum/profile"
	"dum/sip"
	"dum/siptest"
	"dum/stack"
)

// opens answers the peer's INVITE with these codes.
func opens(codes ...int) func(t *dialog.Turn, s *dialog.Set, tx *dialog.ServerTx) {
	return func(t *dialog.Turn, s *dialog.Set, tx *dialog.ServerTx) {
		for _, code := range codes {
			s.Respond(t, tx, s.NewResponse(t, tx, code, ""))
		}
	}
}

// RFC 3261 §8.2.6.2 and §12.1.1: what a response takes over and what it adds.
func TestNewResponse(t *testing.T) {
	bubble(t, func(cfg *dialog.Config, _ *siptest.Net) {
		cfg.Profile = &profile.Profile{UserAgent: "dum/1"}
		cfg.Supported = []string{"timer", "replaces"}
	}, func(w *world) {
		w.open = opens(180, 200)
		inv := w.peer.Request(sip.INVITE, us(), siptest.Set("Record-Route",
			"<sip:p3.example.com;lr>, <sip:p2.example.com;lr;x=%41>", "<sip:p1.example.com;lr>;y=z"))
		w.peer.Send(w.flow, inv)
		ring, ok := w.peer.Expect("180"), w.peer.Expect("200")
		for _, r := range []*siptest.Received{ring, ok} {
			for _, name := range []string{"From", "Call-ID", "CSeq", "Via"} {
				w.same(name, value(r.Message, name), value(inv, name))
			}
			w.same("Record-Route", value(r.Message, "Record-Route"), value(inv, "Record-Route"))
			w.same("Contact", value(r.Message, "Contact"), "<sip:alice@192.0.2.1:5060>")
			w.same("Allow", value(r.Message, "Allow"), w.m.Allow())
			w.same("Supported", value(r.Message, "Supported"), "timer, replaces")
			w.same("Server", value(r.Message, "Server"), "dum/1")
		}
		w.same("To tag", ok.ToTag() != "" && ok.ToTag() == ring.ToTag(), true)

		w.open = opens(486)
		inv = w.peer.Request(sip.INVITE, us(), siptest.Set("Record-Route", "<sip:p1.example.com;lr>"))
		busy := w.ask(inv, 486)
		for _, name := range []string{"Contact", "Record-Route", "Allow"} {
			if sip.Named(name).Has(busy.Message) {
				w.Errorf("a refusal has %s", name)
			}
		}
		w.peer.Send(w.flow, w.peer.Hop(sip.ACK, inv, busy.Message))
		got := w.ask(w.peer.Request(sip.MESSAGE, us(), siptest.Set("Record-Route", "<sip:p1.example.com;lr>")), 200)
		if sip.Contact.Has(got.Message) || sip.RecordRoute.Has(got.Message) {
			w.Error("a response to MESSAGE makes a dialog")
		}
		w.sets(0)
	})
}

// RFC 3261 §8.2.6.2: the tag is the same on all responses to a request, which
// the stack's own 100 has none of.
func TestOneTag(t *testing.T) {
	bubble(t, nil, func(w *world) {
		var set *dialog.Set
		var tx *dialog.ServerTx
		w.open = func(t *dialog.Turn, s *dialog.Set, x *dialog.ServerTx) { set, tx = s, x }
		inv := w.peer.Request(sip.INVITE, us())
		w.peer.Send(w.flow, inv)
		w.same("100", w.peer.Expect("100").ToTag(), "")
		set.Do(func(t *dialog.Turn) {
			if resp := set.NewResponse(t, tx, 100, ""); resp.ToTag() != "" {
				w.Errorf("100 with the tag %q", resp.ToTag())
			}
			opens(180, 183, 404)(t, set, tx)
		})
		for _, what := range []string{"180", "183", "404"} {
			w.same(what, w.peer.Expect(what).ToTag(), set.LocalTag())
		}
		w.pass(0)
		w.sets(0)
	})
}

// RFC 3261 §12.1.1: when our Contact is a sips URI.
func TestSecureContact(t *testing.T) {
	for _, tt := range []struct {
		name string
		edit siptest.Edit
		want string
	}{
		{"Request-URI", func(m *sip.Message) { m.SetURI(uri("sips:alice@192.0.2.1")) }, "sips:alice@192.0.2.1:5060"},
		{"top Record-Route", siptest.Set("Record-Route", "<sips:p2.example.com;lr>", "<sip:p1.example.com;lr>"), "sips:alice@192.0.2.1:5060"},
		{"another Record-Route", siptest.Set("Record-Route", "<sip:p2.example.com;lr>", "<sips:p1.example.com;lr>"), "sip:alice@192.0.2.1:5060"},
		{"Contact", siptest.Set("Contact", "<sips:peer@192.0.2.2>"), "sips:alice@192.0.2.1:5060"},
		{"Contact behind a Record-Route", func(m *sip.Message) {
			siptest.Set("Contact", "<sips:peer@192.0.2.2>")(m)
			siptest.Set("Record-Route", "<sip:p2.example.com;lr>")(m)
		}, "sip:alice@192.0.2.1:5060"},
		{"none", func(*sip.Message) {}, "sip:alice@192.0.2.1:5060"},
		{"tel, the user of To", func(m *sip.Message) {
			m.SetURI(uri("tel:+4930"))
			sip.Named("To").Set(m, "<sip:+4930@example.com>")
		}, "sip:+4930@192.0.2.1:5060"},
		{"no user at all", func(m *sip.Message) {
			m.SetURI(uri("sip:192.0.2.1"))
			sip.Named("To").Set(m, "<tel:+4930>")
		}, "sip:192.0.2.1:5060"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, nil, func(w *world) {
				_, ok := w.invite(tt.edit)
				w.same("Contact", value(ok.Message, "Contact"), "<"+tt.want+">")
			})
		})
	}
}

// A final response is given once.
func TestRespondTwice(t *testing.T) {
	bubble(t, nil, func(w *world) {
		var errs []error
		w.open = func(t *dialog.Turn, s *dialog.Set, tx *dialog.ServerTx) {
			for _, code := range []int{180, 486, 200, 180} {
				errs = append(errs, s.Respond(t, tx, s.NewResponse(t, tx, code, "")))
			}
			s.Answer(t, tx, sip.NewStatus(500, ""))
		}
		inv := w.peer.Request(sip.INVITE, us())
		w.peer.Send(w.flow, inv)
		w.peer.Expect("180")
		busy := w.peer.Expect("486")
		w.peer.Send(w.flow, w.peer.Hop(sip.ACK, inv, busy.Message))
		w.quiet(t1)
		if errs[0] != nil || errs[1] != nil || !errors.Is(errs[2], stack.ErrAnswered) || errs[3] == nil {
			w.Errorf("errors %v", errs)
		}
		w.sets(0)
	})
}

// Answer sends what a status says, and what can go out.
func TestAnswer(t *testing.T) {
	bubble(t, nil, func(w *world) {
		var st *sip.Status
		answer := func(t *dialog.Turn, s *dialog.Set, tx *dialog.ServerTx) { s.Answer(t, tx, st) }
		w.open = answer
		for _, tt := range []struct {
			st     *sip.Status
			code   int
			reason string
		}{
			{sip.NewStatus(404, ""), 404, "Not Found"},
			{sip.NewStatus(486, "Out to Lunch"), 486, "Out to Lunch"},
			{sip.NewStatus(408, "Too Late"), 408, "Too Late"},
			{sip.NewStatus(180, "Ringing"), 500, "Server Internal Error"},
			{sip.NewStatus(0, ""), 500, "Server Internal Error"},
			{sip.NewStatus(700, ""), 500, "Server Internal Error"},
			{sip.NewStatus(302, "").With("Contact", "<sip:a@192.0.2.9>").With("Contact", "<sip:b@192.0.2.9>"), 302, "Moved Temporarily"},
		} {
			st = tt.st
			inv := w.peer.Request(sip.INVITE, us())
			got := w.ask(inv, tt.code)
			w.same("reason", got.Reason(), tt.reason)
			if tt.code == 302 {
				w.same("Contact", value(got.Message, "Contact"), "<sip:a@192.0.2.9> | <sip:b@192.0.2.9>")
			}
			w.peer.Send(w.flow, w.peer.Hop(sip.ACK, inv, got.Message))
		}
		w.sets(0)

		// RFC 4320 §4.2: no 408 to anything but an INVITE.
		w.open = nil
		inv, ok, l := w.established()
		l.take = func(t *dialog.Turn, d *dialog.Dialog, tx *dialog.ServerTx) bool {
			if tx.Method() == sip.INFO {
				d.Set().Answer(t, tx, sip.NewStatus(408, "from elsewhere"))
			}
			return tx.Method() == sip.INFO
		}
		w.ask(w.peer.Within(sip.INFO, inv, ok), 504)
		w.ask(w.peer.Within(sip.BYE, inv, ok), 200)
		w.sets(0)
	})
}
