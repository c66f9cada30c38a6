package sip

import (
	"strings"
	"testing"
)

// Lines that nobody touched go out as they came: folds, case, spaces.
func TestEncodeTouched(t *testing.T) {
	raw := "oPtIoNs  sip:h SIP/2.0  \r\nv :  SIP/2.0/UDP h\r\nX:a\r\n\tb  \r\nMAX-forwards:007\r\nl :  3\r\n\r\nabc"
	m := mustParse(t, raw)
	if m.String() != raw || string(m.AppendTo([]byte("x"))) != "x"+raw {
		t.Errorf("untouched: %q", m)
	}
	MaxForwards.Set(m, 6)
	if got, want := m.String(), strings.Replace(raw, "MAX-forwards:007", "Max-Forwards: 6", 1); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	m.SetURI(URI{Scheme: "sip", Host: "i"})
	if got := m.String(); !strings.HasPrefix(got, "oPtIoNs sip:i SIP/2.0\r\nv :") {
		t.Errorf("got %q", got)
	}
}

func TestEncodeContentLength(t *testing.T) {
	for name, tt := range map[string]struct{ head, body, want string }{
		"right stays":    {"l:  0003|A: 1", "abc", "l:  0003|A: 1|Z: 2"},
		"missing":        {"A: 1", "abc", "A: 1|Z: 2|Content-Length: 3"},
		"too small":      {"Content-Length: 2|A: 1", "abc", "Content-Length: 2|A: 1|Z: 2"}, // the surplus is not part of it
		"too big":        {"l: 9|A: 1", "abc", "Content-Length: 3|A: 1|Z: 2"},
		"negative":       {"l: -9|A: 1", "abc", "Content-Length: 3|A: 1|Z: 2"},
		"twice the same": {"l: 3|A: 1|Content-Length: 3", "abc", "l: 3|A: 1|Z: 2"},
		"conflicting":    {"l: 3|A: 1|Content-Length: 2", "abc", "l: 3|A: 1|Z: 2"},
	} {
		m := mustParse(t, "OPTIONS sip:h SIP/2.0\r\n"+strings.ReplaceAll(tt.head, "|", "\r\n")+"\r\n\r\n"+tt.body)
		Named("Z").Add(m, "2")
		out := m.String()
		head, body, _ := strings.Cut(out, "\r\n\r\n")
		_, head, _ = strings.Cut(head, "\r\n")
		if got := strings.ReplaceAll(head, "\r\n", "|"); got != tt.want || body != m.Body().Data && m.body != body {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
		if again := mustParse(t, out); again.flags != 0 || again.body != m.body {
			t.Errorf("%s: %q is not right yet", name, out)
		}
	}
}

// A bare line feed, which we take from lenient peers, does not go on to peers
// that see something else in it.
func TestEncodeBareLF(t *testing.T) {
	raw := "OPTIONS sip:h SIP/2.0\nA: 1\n folded\nB: 2\r\n\nbody\n"
	m := mustParse(t, raw)
	if m.String() != raw {
		t.Errorf("untouched: %q", m)
	}
	Named("Z").Add(m, "3")
	want := "OPTIONS sip:h SIP/2.0\r\nA: 1\r\n folded\r\nB: 2\r\nZ: 3\r\nContent-Length: 5\r\n\r\nbody\n"
	if got := m.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
