package dialog_test

import (
	"testing"

	"dum/dialog"
	"dum/profile"
	"dum/sip"
	"dum/siptest"
	"dum/trace"
)

// RFC 3261 §8.2.1: a method that nobody takes is answered with 405 and Allow,
// one that lives within dialogs with 481.
func TestAcceptMethods(t *testing.T) {
	const allow = "ACK, BYE, CANCEL, INFO, INVITE, MESSAGE, OPTIONS"
	bubble(t, nil, func(w *world) {
		for _, method := range []sip.Method{"DANCE", "invite", sip.SUBSCRIBE, sip.UPDATE} {
			got := w.ask(w.peer.Request(method, us()), 405)
			w.same(string(method), value(got.Message, "Allow"), allow)
		}
		for _, method := range []sip.Method{sip.BYE, sip.INFO} {
			if got := w.ask(w.peer.Request(method, us()), 481); sip.Allow.Has(got.Message) {
				w.Errorf("%s: an Allow in the 481", method)
			}
		}
		got := w.ask(w.peer.Request(sip.OPTIONS, us()), 200)
		for name, want := range map[string]string{
			"Allow": allow, "Accept": "application/sdp, multipart/mixed, multipart/alternative", "Accept-Encoding": "identity", "Accept-Language": "en",
		} {
			w.same(name, value(got.Message, name), want)
		}
		w.same("Supported", sip.Supported.Has(got.Message), true)
		w.sets(0)
		if opened := len(trace.Of[trace.SetOpened](w.rec)); opened != 1 {
			w.Errorf("%d sets were opened, want that of OPTIONS only", opened)
		}
	})
}

// A manager that takes calls of its own only says so.
func TestAcceptClosedMethod(t *testing.T) {
	bubble(t, nil, func(w *world) {
		m, err := dialog.NewManager(dialog.Config{Stack: stackOn(w.net.Host("closed", "192.0.2.3"))})
		if err != nil {
			w.Fatal(err)
		}
		defer m.Close()
		m.Handle(sip.INVITE, nil, sip.ACK, sip.BYE)
		m.Handle(sip.OPTIONS, dialog.OpenerFunc(func(*dialog.Turn, *dialog.Set, *dialog.ServerTx) {}))
		w.same("Allow", m.Allow(), "ACK, BYE, INVITE, OPTIONS")
		w.same("Allows", [2]bool{m.Allows(sip.INVITE), m.Allows(sip.MESSAGE)}, [2]bool{true, false})
		at, err := m.Listen(w.Context(), "udp://192.0.2.3:5060")
		if err != nil {
			w.Fatal(err)
		}
		w.flow = w.peer.FlowTo(at)
		got := w.ask(w.peer.Request(sip.INVITE, uri("sip:x@192.0.2.3")), 405)
		w.same("Allow", value(got.Message, "Allow"), "ACK, BYE, OPTIONS")
	})
}

// RFC 3261 §8.2.2.2: the second copy of a request that was forked on its way is
// a loop.
func TestAcceptMerged(t *testing.T) {
	bubble(t, nil, func(w *world) {
		m := w.peer.Request(sip.MESSAGE, us())
		w.ask(m, 200)
		other := m.Clone()
		siptest.Set("Via", "SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKother")(other)
		w.ask(other, 482)
		w.sets(0)
	})
}

// The profile of a set that a request opens.
func TestAcceptProfile(t *testing.T) {
	bubble(t, func(cfg *dialog.Config, _ *siptest.Net) {
		cfg.Profile = &profile.Profile{UserAgent: "the manager's"}
		mine := &profile.Profile{UserAgent: "carol's", ContactHost: "carol.example.com"}
		cfg.ProfileFor = func(req *sip.Message) *profile.Profile {
			if u, err := req.URI(); err == nil && u.User == "carol" {
				return mine
			}
			return nil
		}
	}, func(w *world) {
		w.same("Server", value(w.ask(w.peer.Request(sip.MESSAGE, us()), 200).Message, "Server"), "the manager's")
		got := w.ask(w.peer.Request(sip.INVITE, uri("sip:carol@192.0.2.1")), 200)
		w.same("Server", value(got.Message, "Server"), "carol's")
		w.same("Contact", value(got.Message, "Contact"), "<sip:carol@carol.example.com>")
		w.same("Profile", w.m.Profile().UserAgent, "the manager's")
		w.same("Profile", w.legs[0].set.Profile().UserAgent, "carol's")
	})
}

// A panic in ProfileFor costs that request only.
func TestAcceptPanics(t *testing.T) {
	bubble(t, func(cfg *dialog.Config, _ *siptest.Net) {
		cfg.ProfileFor = func(req *sip.Message) *profile.Profile {
			if sip.Named("X-Bad").Has(req) {
				panic("who?")
			}
			return nil
		}
	}, func(w *world) {
		w.ask(w.peer.Request(sip.MESSAGE, us(), siptest.Set("X-Bad", "1")), 500)
		w.ask(w.peer.Request(sip.MESSAGE, us()), 200)
		w.sets(0)
		w.same("strands", w.m.Stack().Stats().Strands, 0)
	})
}
