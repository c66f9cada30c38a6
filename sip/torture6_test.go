package sip

import (
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
)

// The messages of RFC 5118 §4, in its order.
var rfc5118 = []struct {
	name  string
	code  int
	extra int // bytes behind the end that Content-Length gives
	look  func(*testing.T, *Message)
}{
	{"ipv6-good", 0, 0, func(t *testing.T, m *Message) {
		eq(t, "Request-URI", must[URI](t)(m.URI()), URI{Scheme: "sip", Host: "[2001:db8::10]"})
		eq(t, "sent-by", must[Hop](t)(Via.Get(m)).Host, "[2001:db8::9:1]")
		eq(t, "Contact", must[Addr](t)(Contact.Get(m)).URI.Host, "[2001:db8::1]")
	}},
	{"ipv6-bad", 400, 0, nil},
	// "2001:db8::10:5070" is one address, and no port.
	{"port-ambiguous", 0, 0, func(t *testing.T, m *Message) {
		eq(t, "Request-URI", must[URI](t)(m.URI()), URI{Scheme: "sip", Host: "[2001:db8::10:5070]"})
	}},
	{"port-unambiguous", 0, 0, func(t *testing.T, m *Message) {
		eq(t, "Request-URI", must[URI](t)(m.URI()), URI{Scheme: "sip", Host: "[2001:db8::10]", Port: 5070})
	}},
	{"via-received-param-with-delim", 0, 0, lookReceived},
	{"via-received-param-no-delim", 0, 0, lookReceived},
	{"ipv6-in-sdp", 0, 10, func(t *testing.T, m *Message) {
		eq(t, "body", strings.Contains(m.Body().Data, "c=IN IP6 2001:db8::20\r\n"), true)
	}},
	{"mult-ip-in-header", 0, 0, func(t *testing.T, m *Message) {
		hops := must[[]Hop](t)(Via.Values(m))
		eq(t, "hops", len(hops), 3)
		eq(t, "first", hops[0].Host, "[2001:db8::9:1]")
		eq(t, "first", hops[0].Port, 6050)
		eq(t, "second", hops[1].Host, "192.0.2.1")
		eq(t, "third", hops[2].Received(), "192.0.2.200")
	}},
	{"mult-ip-in-sdp", 0, 8, func(t *testing.T, m *Message) {
		eq(t, "body", strings.Contains(m.Body().Data, "c=IN IP6 2001:db8::1\r\n"), true)
	}},
	{"ipv4-mapped-ipv6", 0, 9, func(t *testing.T, m *Message) {
		hops := must[[]Hop](t)(Via.Values(m))
		eq(t, "first", hops[0].Host, "[::ffff:192.0.2.10]")
		eq(t, "first", hops[0].Port, 19823)
		eq(t, "second", hops[1].Host, "[::ffff:192.0.2.2]")
		eq(t, "Contact", must[Addr](t)(Contact.Get(m)).URI.Host, "[::ffff:192.0.2.2]")
	}},
	// §4.10: the grammar of RFC 3261 asks for a third colon by mistake, so
	// peers that follow it to the letter have to be borne with.
	{"ipv6-bug-abnf-3-colons", 0, 0, func(t *testing.T, m *Message) {
		eq(t, "Request-URI", must[URI](t)(m.URI()).Host, "[2001:db8:::192.0.2.1]")
	}},
	{"ipv6-correct-abnf-2-colons", 0, 0, func(t *testing.T, m *Message) {
		eq(t, "Request-URI", must[URI](t)(m.URI()).Host, "[2001:db8::192.0.2.1]")
	}},
}

func lookReceived(t *testing.T, m *Message) {
	addr, err := netip.ParseAddr(must[Hop](t)(Via.Get(m)).Received())
	if err != nil || addr != netip.MustParseAddr("2001:db8::9:255") {
		t.Errorf("received: %v %v", addr, err)
	}
}

func TestRFC5118(t *testing.T) {
	files, err := filepath.Glob("testdata/rfc5118/*.dat")
	if err != nil || len(files) != len(rfc5118) {
		t.Fatalf("%d files for %d rows, %v", len(files), len(rfc5118), err)
	}
	for _, tt := range rfc5118 {
		t.Run(tt.name, func(t *testing.T) {
			raw := vector(t, "rfc5118", tt.name)
			m, err := Parse(raw, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			checkVector(t, m, raw[:len(raw)-tt.extra], tt.code)
			if tt.look != nil {
				tt.look(t, m)
			}
		})
	}
}
