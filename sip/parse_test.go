package sip

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// What Parse itself refuses, with the status to answer and whether a message
// comes along to answer it with.
func TestParseErrors(t *testing.T) {
	const start = "OPTIONS sip:h SIP/2.0\r\n"
	for name, tt := range map[string]struct {
		raw    string
		lim    Limits
		status int
		offset int
		lines  string // of the message that comes along; "-" means none
	}{
		"nothing":             {"", Limits{}, 400, 0, "-"},
		"line ends only":      {"\r\n\r\n\n", Limits{}, 400, 5, "-"},
		"no line end":         {"OPTIONS sip:h SIP/2.0", Limits{}, 400, 0, "-"},
		"junk":                {"hello\r\n\r\n", Limits{}, 400, 0, "-"},
		"HTTP":                {"GET / HTTP/1.1\r\n\r\n", Limits{}, 400, 0, "-"},
		"no version":          {"OPTIONS sip:h\r\n\r\n", Limits{}, 400, 0, "-"},
		"CR in start line":    {"OPTIONS\rX sip:h SIP/2.0\r\n\r\n", Limits{}, 400, 0, "-"},
		"long start line":     {"OPTIONS sip:" + strings.Repeat("x", 100) + " SIP/2.0\r\n\r\n", Limits{MaxLine: 100}, 400, 0, "-"},
		"no empty line":       {start + "A: 1\r\n", Limits{}, 400, 29, "A: 1"},
		"cut in a header":     {start + "A: 1\r\nB: 2", Limits{}, 400, 33, "A: 1"},
		"no colon":            {start + "A: 1\r\nfoo\r\nB: 2\r\n\r\n", Limits{}, 400, 29, "A: 1|B: 2"},
		"no name":             {start + ": 1\r\nB: 2\r\n\r\n", Limits{}, 400, 23, "B: 2"},
		"space in name":       {start + "A B: 1\r\nB: 2\r\n\r\n", Limits{}, 400, 23, "B: 2"},
		"fold after start":    {start + " A: 1\r\nB: 2\r\n\r\n", Limits{}, 400, 23, "B: 2"},
		"CR in header":        {start + "A: 1\rB: 2\r\nC: 3\r\n\r\n", Limits{}, 400, 23, "C: 3"},
		"CRCRLF":              {start + "A: 1\r\r\nC: 3\r\n\r\n", Limits{}, 400, 23, "C: 3"},
		"too many headers":    {start + "A: 1\r\nB: 2\r\nC: 3\r\n\r\n", Limits{MaxHeaders: 2}, 400, 35, "A: 1|B: 2"},
		"long header":         {start + "A: 1\r\nB: " + strings.Repeat("2", 40) + "\r\nC: 3\r\n\r\n", Limits{MaxLine: 30}, 400, 29, "A: 1|C: 3"},
		"long folded header":  {start + "B: 2\r\n" + strings.Repeat(" 2\r\n", 20) + "C: 3\r\n\r\n", Limits{MaxLine: 30}, 400, 23, "C: 3"},
		"large head":          {start + "A: 1\r\n" + strings.Repeat("B: 2\r\n", 20) + "\r\n", Limits{MaxHead: 36}, 513, 36, "A: 1|B: 2"},
		"large message":       {start + "l: 80\r\n\r\n" + strings.Repeat("x", 80), Limits{MaxMessage: 100}, 513, 0, "l: 80"},
		"default of MaxLine":  {start + "A: " + strings.Repeat("x", 16<<10) + "\r\nB: 2\r\n\r\n", Limits{}, 400, 23, "B: 2"},
		"default of MaxHead":  {start + "A: 1\r\n" + strings.Repeat("B: "+strings.Repeat("2", 1019)+"\r\n", 70) + "\r\n", Limits{}, 513, 64 << 10, ""},
		"default of MaxHeads": {start + strings.Repeat("A: 1\r\n", 257) + "\r\n", Limits{}, 400, 23 + 256*6, ""},
	} {
		m, err := Parse(tt.raw, tt.lim)
		pe, ok := errors.AsType[*ParseError](err)
		if !ok || pe.Status != tt.status || pe.Offset != tt.offset || pe.Reason == "" {
			t.Errorf("%s: %v, want %d at %d", name, err, tt.status, tt.offset)
			continue
		}
		if (m == nil) != (tt.lines == "-") {
			t.Errorf("%s: message %v", name, m)
		}
		if m == nil || tt.lines == "" {
			continue
		}
		var got []string
		for n, v := range m.Fields() {
			got = append(got, n+": "+v)
		}
		if s := strings.Join(got, "|"); s != tt.lines {
			t.Errorf("%s: %q, want %q", name, s, tt.lines)
		}
		if strings.Contains(m.String(), "foo") {
			t.Errorf("%s: the bad line goes on: %q", name, m)
		}
	}
}

// A negative limit is none.
func TestParseWithoutLimits(t *testing.T) {
	off := Limits{MaxMessage: -1, MaxHead: -1, MaxHeaders: -1, MaxLine: -1}
	raw := "OPTIONS sip:h SIP/2.0\r\n" + strings.Repeat("A: "+strings.Repeat("x", 20<<10)+"\r\n", 300) + "\r\n"
	if m, err := Parse(raw, off); err != nil || m.String() != raw || len(m.lines) != 300 {
		t.Errorf("%v", err)
	}
	// A name that does not fit its field is no header.
	if _, err := Parse("OPTIONS sip:h SIP/2.0\r\n"+strings.Repeat("x", 70000)+": 1\r\n\r\n", off); err == nil {
		t.Error("a name of 70,000 bytes is taken")
	}
}

// Body and end of a datagram: RFC 3261 §18.3.
func TestParseBody(t *testing.T) {
	for _, tt := range []struct {
		lines, rest, body string
		used              int // bytes of rest that belong to the message
		ok                bool
	}{
		{"l: 3", "abc", "abc", 3, true},
		{"l: 3", "abcdef", "abc", 3, true},
		{"l: 0", "abc", "", 0, true},
		{"A: 1", "abc", "abc", 3, true},
		{"CONTENT-length\t:\r\n 3", "abcdef", "abc", 3, true},
		{"l: 4", "abc", "abc", 3, false},
		{"l: -1", "abc", "abc", 3, false},
		{"l: 1\r\nl: 2", "abc", "abc", 3, false},
		{"l: 2\r\nContent-Length: 02", "abc", "ab", 2, true},
		{"l: 99999999999999999999", "abc", "abc", 3, false},
		{"l:", "abc", "abc", 3, false},
	} {
		head := "OPTIONS sip:h SIP/2.0\r\n" + tt.lines + "\r\n\r\n"
		m := mustParse(t, "\r\n\r\n"+head+tt.rest)
		if m.Body().Data != tt.body || m.String() != head+tt.rest[:tt.used] {
			t.Errorf("%q: body %q of %q", tt.lines, m.Body().Data, m)
		}
		if st := m.Check(); st == nil || (st.Reason != "Bad Content-Length") != tt.ok {
			t.Errorf("%q: %v", tt.lines, st)
		}
	}
}

func TestParseStartLine(t *testing.T) {
	for in, want := range map[string]string{
		"INVITE sip:a SIP/2.0":     "INVITE|sip:a|SIP/2.0|true",
		"invite sip:a sip/2.0":     "invite|sip:a|sip/2.0|true",
		"INVITE sip:a SIP/2.0 \t ": "INVITE|sip:a|SIP/2.0|true",
		"INVITE sip:a SIP/7.0":     "INVITE|sip:a|SIP/7.0|true",
		"INVITE  sip:a  SIP/2.0":   "INVITE| sip:a |SIP/2.0|true",
		"IN(VITE sip:a SIP/2.0":    "IN(VITE|sip:a|SIP/2.0|false",
		" sip:a SIP/2.0":           "|sip:a|SIP/2.0|false",
		"INVITE SIP/2.0":           "INVITE||SIP/2.0|false",
	} {
		m := mustParse(t, in+"\r\n\r\n")
		ok := "true"
		if m.flags&badStart != 0 {
			ok = "false"
		}
		got := string(m.Method()) + "|" + m.RawURI() + "|" + m.Version() + "|" + ok
		if got != want || !m.IsRequest() {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
	for in, want := range map[string]int{
		"SIP/2.0 200 OK": 200, "sip/2.0 100 ": 100, "SIP/2.0 100": 100, "SIP/2.0 699 x": 699,
		"SIP/2.0 4294967301 x": 0, "SIP/2.0 99 x": 0, "SIP/2.0 099 x": 0, "SIP/2.0 700 x": 0, "SIP/2.0 2x0 x": 0, "SIP/2.0  200 x": 0,
	} {
		m := mustParse(t, in+"\r\n\r\n")
		if m.IsRequest() || m.Code() != want || (m.flags&badStart != 0) != (want == 0) {
			t.Errorf("%q: %d", in, m.Code())
		}
	}
}

// Header lines beyond those that a Message holds inline.
func TestParseManyHeaders(t *testing.T) {
	raw := "OPTIONS sip:h SIP/2.0\r\n" + strings.Repeat("Via: SIP/2.0/UDP a, SIP/2.0/UDP b\r\n", 100) + "\r\n"
	m := mustParse(t, raw)
	if vs, err := Via.Values(m); err != nil || len(vs) != 200 || m.String() != raw {
		t.Errorf("%d values, %v", len(vs), err)
	}
	Via.RemoveFirst(m)
	if vs, _ := Via.Values(m); len(vs) != 199 {
		t.Errorf("%d values", len(vs))
	}
}

// Lines may end in a bare LF and folds may be anywhere.
func TestParseLenientLines(t *testing.T) {
	m := mustParse(t, "OPTIONS sip:h SIP/2.0\nA:\n 1\n\t2\r\nSubject : \r\n\r\nbody")
	var got []string
	for n, v := range m.Fields() {
		got = append(got, n+"="+v)
	}
	if want := []string{"A=1 2", "Subject="}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if m.body != "body" {
		t.Errorf("body %q", m.body)
	}
}
