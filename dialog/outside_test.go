package dialog_test

import (
	"strings"
	"testing"

	"dum/profile"
	"dum/sip"
	"dum/siptest"
)

// RFC 3261 §8.1.1: what every request outside of dialogs has.
func TestOutsideHeaders(t *testing.T) {
	bubble(t, nil, func(w *world) {
		p := &profile.Profile{
			AOR: "sip:alice@example.com", Display: "Alice",
			UserAgent: "dum/1",
			Headers: []sip.Field{
				{Name: "X-Site", Value: "one"}, {Name: "X-Site", Value: "two"}, {Name: "Subject", Value: "the profile's"},
			},
		}
		req := w.to(sip.OPTIONS)
		sip.Named("Subject").Set(req, "the caller's")
		s := w.send(p, req)
		got := w.peer.Expect("OPTIONS")
		w.same("Request-URI", got.RawURI(), "sip:peer@192.0.2.2:5060")
		w.same("From", value(got.Message, "From"), `"Alice" <sip:alice@example.com>;tag=`+s.set.LocalTag())
		w.same("To", value(got.Message, "To"), "<sip:peer@192.0.2.2>")
		w.same("Call-ID", got.CallID(), s.set.CallID())
		w.same("CSeq", value(got.Message, "CSeq"), "1 OPTIONS")
		w.same("Max-Forwards", value(got.Message, "Max-Forwards"), "70")
		w.same("User-Agent", value(got.Message, "User-Agent"), "dum/1")
		w.same("X-Site", value(got.Message, "X-Site"), "one | two")
		w.same("Subject", value(got.Message, "Subject"), "the caller's")
		w.same("Allow", value(got.Message, "Allow"), w.m.Allow())
		if via, err := sip.Via.Get(got.Message); err != nil || !via.HasCookie() || via.Host != ourIP || via.Transport != "UDP" {
			w.Errorf("Via %v, %v", via, err)
		}
		if sip.Contact.Has(got.Message) {
			w.Error("OPTIONS makes no dialog, but has a Contact")
		}
		w.peer.Reply(got, 200)
		w.same("outcome", s.codes(), "200")
		w.sets(0)

		// What the caller sets stays, but for what names the set.
		req = w.to(sip.MESSAGE)
		for name, v := range map[string]string{
			"From": `"Bob" <sip:bob@example.com>;tag=forged`, "To": `"You" <sip:you@example.com>`,
			"Call-ID": "forged", "CSeq": "99 INVITE", "Max-Forwards": "5", "User-Agent": "mine",
		} {
			sip.Named(name).Set(req, v)
		}
		s = w.send(p, req)
		got = w.peer.Expect("MESSAGE")
		w.same("From", value(got.Message, "From"), `"Bob" <sip:bob@example.com>;tag=`+s.set.LocalTag())
		w.same("To", value(got.Message, "To"), `"You" <sip:you@example.com>`)
		w.same("Call-ID", got.CallID(), s.set.CallID())
		w.same("CSeq", value(got.Message, "CSeq"), "1 MESSAGE")
		w.same("Max-Forwards", value(got.Message, "Max-Forwards"), "5")
		w.same("User-Agent", value(got.Message, "User-Agent"), "mine")
		if sip.Allow.Has(got.Message) {
			w.Error("MESSAGE has an Allow")
		}
		w.peer.Reply(got, 202)

		w.same("outcome", s.codes(), "202")
	})
}

func TestOutsideSeqRises(t *testing.T) {
	bubble(t, nil, func(w *world) {
		s := w.send(nil, w.to(sip.MESSAGE))
		s.again(w.to(sip.MESSAGE), nil)
		one, two := w.peer.Expect("MESSAGE"), w.peer.Expect("MESSAGE")
		w.same("CSeq", value(one.Message, "CSeq")+", "+value(two.Message, "CSeq"), "1 MESSAGE, 2 MESSAGE")
		w.same("Call-ID", one.CallID(), two.CallID())
		w.same("From", value(one.Message, "From"), value(two.Message, "From"))
		w.same("anonymous", strings.HasPrefix(value(one.Message, "From"), `"Anonymous" <sip:anonymous@anonymous.invalid>`), true)
		w.peer.Reply(one, 200)
		w.sets(1)
		w.peer.Reply(two, 200)
		w.pass(t1)
		w.sets(0)
	})
}

// The Request-URI and To leave out what RFC 3261 table 1 forbids there.
func TestOutsideURIs(t *testing.T) {
	bubble(t, nil, func(w *world) {
		for in, want := range map[string][2]string{
			"sip:bob@192.0.2.2:5060;transport=udp;method=INVITE?Subject=x": {
				"sip:bob@192.0.2.2:5060;transport=udp", "<sip:bob@192.0.2.2>"},
			"sip:+49;phone-context=x@192.0.2.2;user=phone": {
				"sip:+49;phone-context=x@192.0.2.2;user=phone", "<sip:+49;phone-context=x@192.0.2.2;user=phone>"},
			"sip:bob@example.com;maddr=192.0.2.2;ttl=1;lr": {
				"sip:bob@example.com;maddr=192.0.2.2;ttl=1;lr", "<sip:bob@example.com>"},
		} {
			w.send(nil, sip.NewRequest(sip.MESSAGE, uri(in)))
			got := w.peer.Expect("MESSAGE")
			w.same(in, [2]string{got.RawURI(), value(got.Message, "To")}, want)
			w.peer.Reply(got, 200)
		}
	})
}

// RFC 3261 §8.1.2: an outbound proxy is a loose route; §8.1.1.1: a Route that
// the caller brings is one too, unless its first hop is a strict router.
func TestOutsideRoute(t *testing.T) {
	for _, tt := range []struct {
		name, proxy string
		route       []string
		uri, want   string
	}{
		{name: "outbound proxy", proxy: "sip:192.0.2.2", uri: "sip:bob@203.0.113.9", want: "<sip:192.0.2.2;lr>"},
		{name: "a Route wins over the proxy", proxy: "sip:203.0.113.8", route: []string{"<sip:192.0.2.2;lr>", "<sip:203.0.113.7;lr>"},
			uri: "sip:bob@203.0.113.9", want: "<sip:192.0.2.2;lr> | <sip:203.0.113.7;lr>"},
		{name: "strict router", route: []string{"<sip:192.0.2.2;method=INVITE>", "<sip:203.0.113.7;lr>"},
			uri: "sip:192.0.2.2", want: "<sip:203.0.113.7;lr> | <sip:bob@203.0.113.9>"},
		{name: "strict router alone", route: []string{"<sip:192.0.2.2>"}, uri: "sip:192.0.2.2", want: "<sip:bob@203.0.113.9>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, nil, func(w *world) {
				m := sip.NewRequest(sip.MESSAGE, uri("sip:bob@203.0.113.9"))
				siptest.Set("Route", tt.route...)(m)
				s := w.send(&profile.Profile{OutboundProxy: tt.proxy}, m)
				got := w.peer.Expect("MESSAGE")
				w.same("Request-URI", got.RawURI(), tt.uri)
				w.same("Route", value(got.Message, "Route"), tt.want)
				w.same("To", value(got.Message, "To"), "<sip:bob@203.0.113.9>")
				w.peer.Reply(got, 200)
				w.same("outcome", s.codes(), "200")
			})
		})
	}
}

// Contact names the flow that the request takes, and is a sips URI where RFC
// 3261 §8.1.1.8 asks for it.
func TestContactOfRequests(t *testing.T) {
	bubble(t, nil, func(w *world) {
		tcp := siptest.NewPeer(w.T, w.net.Host("peer", peerIP).TCP(), peerIP+":5060")
		alice := &profile.Profile{AOR: "sip:alice@example.com"}
		w.dial(alice, w.peer.URI())
		inv := w.peer.Expect("INVITE")
		w.same("over UDP", value(inv.Message, "Contact"), "<sip:alice@192.0.2.1:5060>")
		w.peer.Reply(inv, 486)
		w.peer.Expect("ACK")

		w.dial(alice, tcp.URI())
		inv = tcp.Expect("INVITE")
		w.same("over TCP", value(inv.Message, "Contact"), "<sip:alice@192.0.2.1:5060;transport=tcp>")
		tcp.Reply(inv, 486)
		tcp.Expect("ACK")

		hidden := alice.Clone()
		hidden.ContactHost, hidden.ContactPort = "nat.example.com", 6060
		w.dial(hidden, w.peer.URI())
		inv = w.peer.Expect("INVITE")
		w.same("behind a NAT", value(inv.Message, "Contact"), "<sip:alice@nat.example.com:6060>")
		w.peer.Reply(inv, 486)
		w.peer.Expect("ACK")

		w.dial(alice, w.peer.URI(), siptest.Set("Contact", "<sip:mine@example.com>"))
		inv = w.peer.Expect("INVITE")
		w.same("the caller's", value(inv.Message, "Contact"), "<sip:mine@example.com>")
		w.peer.Reply(inv, 486)
		w.peer.Expect("ACK")

		// The call goes to a sips URI over a proxy that is no secure one: a fault
		// of somebody's settings, but the Contact has to be right.
		w.dial(alice, uri("sips:bob@example.com"), siptest.Set("Route", "<sip:192.0.2.2;lr>"))
		inv = w.peer.Expect("INVITE")
		w.same("sips", strings.HasPrefix(value(inv.Message, "Contact"), "<sips:alice@192.0.2.1"), true)
		w.peer.Reply(inv, 486)
		w.peer.Expect("ACK")
		w.pass(t1)
		w.sets(0)
	})
}
