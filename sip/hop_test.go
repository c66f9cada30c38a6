package sip

import "testing"

func TestParseHop(t *testing.T) {
	for in, want := range map[string]Hop{
		"SIP/2.0/UDP h;branch=z9hG4bK1":              {"SIP/2.0", "UDP", "h", 0, ";branch=z9hG4bK1"},
		"SIP/2.0/TCP h:5070":                         {"SIP/2.0", "TCP", "h", 5070, ""},
		"sip/2.0/tls [2001:db8::9:1]:6050;rport":     {"SIP/2.0", "tls", "[2001:db8::9:1]", 6050, ";rport"},
		"SIP / 2.0  / TCP   s.example.com   ; a = b": {"SIP/2.0", "TCP", "s.example.com", 0, "; a = b"},
		"SIP/2.0/UDP h : 5060 ;a":                    {"SIP/2.0", "UDP", "h", 5060, ";a"},
		"SIP/2.0/UDP [::1] : 5060":                   {"SIP/2.0", "UDP", "[::1]", 5060, ""},
		"SIP/7.0/UDP h":                              {"SIP/7.0", "UDP", "h", 0, ""},
		"SIP/2.0/UNKNOWN h":                          {"SIP/2.0", "UNKNOWN", "h", 0, ""},
	} {
		if got, err := ParseHop(in); err != nil || got != want {
			t.Errorf("ParseHop(%q) = %+v, %v", in, got, err)
		}
	}
	for _, in := range []string{
		"", "SIP", "SIP/2.0", "SIP/2.0/", "SIP/2.0/UDP", "SIP/2.0/UDP ", "SIP/2.0/UDP ;branch=x", "SIP//UDP h", "/2.0/UDP h",
		"SIP/2.0/UDP h:", "SIP/2.0/UDP h:x", "SIP/2.0/UDP h:70000", "SIP/2.0/UDP h i", "SIP/2.0/UDP 192.0.2.15;;",
		`SIP/2.0/UDP h;a="x`, "SIP/2.0/UDP [::1", "SIP/2.0/U DP h", "SIP/2.0/UDP 2001:db8::1",
		"SIP/2.0/UDP h:1:2",
	} {
		if got, err := ParseHop(in); err == nil {
			t.Errorf("ParseHop(%q) = %+v", in, got)
		}
	}
}

func TestHopString(t *testing.T) {
	for _, tt := range []struct {
		hop  Hop
		want string
	}{
		{Hop{Transport: "UDP", Host: "h"}, "SIP/2.0/UDP h"},
		{Hop{Version: "SIP/2.0", Transport: "TCP", Host: "[::1]", Port: 5060, Params: ";rport"}, "SIP/2.0/TCP [::1]:5060;rport"},
		{Hop{Transport: "U\r\nDP", Host: "h\r\nX", Params: ";a\r\nX: y"}, "SIP/2.0/UDP hX;aX: y"},
	} {
		if got := tt.hop.String(); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

func TestHopParams(t *testing.T) {
	for in, want := range map[string]struct {
		branch   string
		cookie   bool
		received string
		port     uint16
		ok, has  bool
	}{
		"SIP/2.0/UDP h":                                      {},
		"SIP/2.0/UDP h;branch=z9hG4bKa;rport":                {"z9hG4bKa", true, "", 0, false, true},
		"SIP/2.0/UDP h;Branch=Z9HG4BKa;RPORT=5066":           {"Z9HG4BKa", true, "", 5066, true, true},
		"SIP/2.0/UDP h;branch=z9hG4bK;rport=0":               {"z9hG4bK", false, "", 0, false, true},
		"SIP/2.0/UDP h;branch=390skdjuw;rport=x":             {"390skdjuw", false, "", 0, false, true},
		"SIP/2.0/UDP h;received=192.0.2.1":                   {"", false, "192.0.2.1", 0, false, false},
		"SIP/2.0/UDP [::1];received=[2001:db8::9:255]":       {"", false, "2001:db8::9:255", 0, false, false},
		"SIP/2.0/UDP [::1];received=2001:db8::9:255;rport=1": {"", false, "2001:db8::9:255", 1, true, true},
	} {
		h, err := ParseHop(in)
		if err != nil {
			t.Errorf("%q: %v", in, err)
			continue
		}
		port, ok, has := h.RPort()
		if h.Branch() != want.branch || h.HasCookie() != want.cookie || h.Received() != want.received ||
			port != want.port || ok != want.ok || has != want.has {
			t.Errorf("%q: branch %q %v, received %q, rport %d %v %v", in, h.Branch(), h.HasCookie(), h.Received(), port, ok, has)
		}
	}
}
