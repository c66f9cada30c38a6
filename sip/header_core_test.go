package sip

import "testing"

// What the core headers refuse, each by itself.
func TestCoreHeaderErrors(t *testing.T) {
	for in, read := range map[string]func(*Message) error{
		"From: *":               func(m *Message) error { return second(From.Get(m)) },
		"To: <sip:a@b":          func(m *Message) error { return second(To.Get(m)) },
		"Route: *":              func(m *Message) error { return second(Route.Get(m)) },
		"Call-ID:":              func(m *Message) error { return second(CallIDHeader.Get(m)) },
		"Call-ID: a b":          func(m *Message) error { return second(CallIDHeader.Get(m)) },
		"Max-Forwards: 256":     func(m *Message) error { return second(MaxForwards.Get(m)) },
		"Max-Forwards: -1":      func(m *Message) error { return second(MaxForwards.Get(m)) },
		"Content-Type:":         func(m *Message) error { return second(ContentType.Get(m)) },
		"X: 1|CSeq: 1":          func(m *Message) error { return second(CSeq.Get(m)) },
		"Via: SIP/2.0/UDP h;;":  func(m *Message) error { return second(Via.Get(m)) },
		"Record-Route: sip:a b": func(m *Message) error { return second(RecordRoute.Get(m)) },
	} {
		if err := read(head(t, in)); err == nil {
			t.Errorf("%q is taken", in)
		}
	}
	for _, in := range []string{"-999", "x", "4294967296", "2147483648", ""} {
		if _, err := parseLength(in); err == nil {
			t.Errorf("Content-Length %q is taken", in)
		}
	}
}

func TestCoreHeaderWrite(t *testing.T) {
	m := NewRequest(INVITE, URI{Scheme: "sip", Host: "h"})
	bob := Addr{Display: "Bob", URI: URI{Scheme: "sip", User: "bob", Host: "h"}}
	Via.Set(m, Hop{Transport: "UDP", Host: "h", Port: 5060, Params: ";branch=z9hG4bK1"})
	From.Set(m, bob.WithTag("1"))
	To.Set(m, bob)
	CallIDHeader.Set(m, "abc@h")
	CSeq.Set(m, Seq{1, INVITE})
	MaxForwards.Set(m, -5)
	Contact.Set(m, bob)
	Route.Set(m, bob)
	RecordRoute.Set(m, bob)
	ContentType.Set(m, "text/plain")
	ContentLength.Set(m, 99)
	want := `Via: SIP/2.0/UDP h:5060;branch=z9hG4bK1|From: "Bob" <sip:bob@h>;tag=1|To: "Bob" <sip:bob@h>|` +
		`Call-ID: abc@h|CSeq: 1 INVITE|Max-Forwards: 0|Contact: "Bob" <sip:bob@h>|Route: "Bob" <sip:bob@h>|` +
		`Record-Route: "Bob" <sip:bob@h>|Content-Type: text/plain|`
	if got := headLines(m); got != want[:len(want)-1] {
		t.Errorf("got %q, want %q", got, want)
	}
}
