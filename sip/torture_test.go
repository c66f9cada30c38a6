package sip

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// vector reads one of the messages under testdata.
func vector(tb testing.TB, folder, name string) string {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", folder, name+".dat"))
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

// rfc4475 says what Check owes each message of RFC 4475: 0 is to take it.
var rfc4475 = []struct {
	name    string
	section string
	code    int
	look    func(*testing.T, *Message) // what else must be seen in it
}{
	{"wsinv", "3.1.1.1", 0, lookWsinv},
	{"intmeth", "3.1.1.2", 0, lookIntmeth},
	{"esc01", "3.1.1.3", 0, lookEsc01},
	{"escnull", "3.1.1.4", 0, lookEscnull},
	{"esc02", "3.1.1.5", 0, lookEsc02},
	{"lwsdisp", "3.1.1.6", 0, lookLwsdisp},
	{"longreq", "3.1.1.7", 0, lookLongreq},
	{"dblreq", "3.1.1.8", 0, lookDblreq},
	{"semiuri", "3.1.1.9", 0, lookSemiuri},
	{"transports", "3.1.1.10", 0, lookTransports},
	{"mpart01", "3.1.1.11", 0, lookMpart01},
	{"unreason", "3.1.1.12", 0, lookUnreason},
	{"noreason", "3.1.1.13", 0, lookNoreason},

	{"badinv01", "3.1.2.1", 400, nil},
	{"clerr", "3.1.2.2", 400, nil},
	{"ncl", "3.1.2.3", 400, nil},
	{"scalar02", "3.1.2.4", 400, lookScalar02},
	{"scalarlg", "3.1.2.5", 400, nil},
	{"quotbal", "3.1.2.6", 400, nil},
	{"ltgtruri", "3.1.2.7", 400, nil},
	{"lwsruri", "3.1.2.8", 400, nil},
	{"lwsstart", "3.1.2.9", 400, nil},
	{"trws", "3.1.2.10", 0, nil},
	{"escruri", "3.1.2.11", 0, lookEscruri},
	{"baddate", "3.1.2.12", 0, nil},
	{"regbadct", "3.1.2.13", 0, lookRegbadct},
	{"badaspec", "3.1.2.14", 0, lookBadaspec},
	{"baddn", "3.1.2.15", 0, lookBaddn},
	{"badvers", "3.1.2.16", 505, nil},
	{"mismatch01", "3.1.2.17", 400, nil},
	{"mismatch02", "3.1.2.18", 501, nil},
	{"bigcode", "3.1.2.19", 400, nil},

	{"badbranch", "3.2.1", 0, lookBadbranch},

	{"insuf", "3.3.1", 400, nil},
	{"unkscm", "3.3.2", 416, nil},
	{"novelsc", "3.3.3", 416, nil},
	{"unksm2", "3.3.4", 0, lookUnksm2},
	{"bext01", "3.3.5", 0, nil},
	{"invut", "3.3.6", 0, nil},
	{"regaut01", "3.3.7", 0, nil},
	{"multi01", "3.3.8", 400, nil},
	{"mcl01", "3.3.9", 400, nil},
	{"bcast", "3.3.10", 0, nil},
	{"zeromf", "3.3.11", 0, lookZeromf},
	{"cparam01", "3.3.12", 0, lookCparam01},
	{"cparam02", "3.3.13", 0, lookCparam02},
	{"regescrt", "3.3.14", 0, lookRegescrt},
	{"sdp01", "3.3.15", 0, nil},
	{"inv2543", "3.4.1", 0, lookInv2543},
}

func TestRFC4475(t *testing.T) {
	files, err := filepath.Glob("testdata/rfc4475/*.dat")
	if err != nil || len(files) != len(rfc4475) || len(rfc4475) != 49 {
		t.Fatalf("%d files and %d rows for 49 messages, %v", len(files), len(rfc4475), err)
	}
	for _, tt := range rfc4475 {
		t.Run(tt.name, func(t *testing.T) {
			raw := vector(t, "rfc4475", tt.name)
			m, err := Parse(raw, Limits{})
			if err != nil {
				t.Fatalf("§%s: %v", tt.section, err)
			}
			if tt.name == "dblreq" {
				raw = raw[:strings.Index(raw, "\r\n\r\n")+4]
			}
			checkVector(t, m, raw, tt.code)
			if tt.look != nil {
				tt.look(t, m)
			}
		})
	}
}

// checkVector holds a message against its bytes and the status it is owed, and
// sees that what is touched in it changes nothing else.
func checkVector(t *testing.T, m *Message, raw string, code int) {
	t.Helper()
	if st := m.Check(); st == nil && code != 0 || st != nil && st.Code != code {
		t.Errorf("Check: %v, want %d", st, code)
	}
	if m.String() != raw {
		t.Errorf("it comes out as %q", m)
	}
	if code != 0 {
		return
	}
	c := m.Clone()
	Named("X-Touched").Add(c, "1")
	out := strings.Replace(c.String(), "X-Touched: 1\r\n", "", 1)
	if !Named("l").Has(m) {
		out = strings.Replace(out, "\r\nContent-Length: "+string(appendUint(nil, uint64(len(m.body))))+"\r\n", "\r\n", 1)
	}
	if out != raw {
		t.Errorf("touched elsewhere it comes out as %q", out)
	}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
		return v
	}
}

func eq[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %#v, want %#v", what, got, want)
	}
}

// Of the numbers out of range only CSeq spoils the message.
func lookScalar02(t *testing.T, m *Message) {
	eq(t, "reason", m.Check().Reason, "Bad CSeq")
	if _, err := MaxForwards.Get(m); err == nil {
		t.Error("Max-Forwards: 300 is taken")
	}
}

// Taken with what is wrong overlooked: the headers are there to be ignored.
func lookEscruri(t *testing.T, m *Message) {
	u := must[URI](t)(m.URI())
	eq(t, "headers", u.Headers, "Route=%3Csip:example.com%3E")
	eq(t, "Route", Route.Has(m), false)
}

func lookRegbadct(t *testing.T, m *Message) {
	eq(t, "headers", must[Addr](t)(Contact.Get(m)).URI.Headers, "Route=%3Csip:sip.example.com%3E")
}

func lookBadaspec(t *testing.T, m *Message) {
	eq(t, "To", must[Addr](t)(To.Get(m)),
		Addr{Display: "Watson, Thomas", URI: URI{Scheme: "sip", User: "t.watson", Host: "example.org"}})
}

func lookBaddn(t *testing.T, m *Message) {
	eq(t, "From", must[Addr](t)(From.Get(m)),
		Addr{Display: "Bell, Alexander", URI: URI{Scheme: "sip", User: "a.g.bell", Host: "example.com"}, Params: ";tag=43"})
}

func lookBadbranch(t *testing.T, m *Message) {
	h := must[Hop](t)(Via.Get(m))
	eq(t, "branch", h.Branch(), "z9hG4bK")
	eq(t, "unique", h.HasCookie(), false)
}

func lookUnksm2(t *testing.T, m *Message) {
	eq(t, "To", must[Addr](t)(To.Get(m)).URI, URI{Scheme: "isbn", Opaque: "2983792873"})
	eq(t, "From", must[Addr](t)(From.Get(m)).URI, URI{Scheme: "http", Opaque: "//www.example.com"})
	eq(t, "Contact", must[Addr](t)(Contact.Get(m)).URI, URI{Scheme: "name", Opaque: "John_Smith"})
}

func lookZeromf(t *testing.T, m *Message) {
	eq(t, "Max-Forwards", must[int](t)(MaxForwards.Get(m)), 0)
}

// The parameter is one of the header here and one of the URI there.
func lookCparam01(t *testing.T, m *Message) {
	c := must[Addr](t)(Contact.Get(m))
	eq(t, "header", c.Params, ";unknownparam")
	eq(t, "URI", c.URI, URI{Scheme: "sip", User: "+19725552222", Host: "gw1.example.net"})
}

func lookCparam02(t *testing.T, m *Message) {
	c := must[Addr](t)(Contact.Get(m))
	eq(t, "header", c.Params, "")
	eq(t, "URI", c.URI, URI{Scheme: "sip", User: "+19725552222", Host: "gw1.example.net", Params: ";unknownparam"})
}

func lookRegescrt(t *testing.T, m *Message) {
	eq(t, "headers", must[Addr](t)(Contact.Get(m)).URI.Headers, "Route=%3Csip:sip.example.com%3E")
}

func lookInv2543(t *testing.T, m *Message) {
	eq(t, "From tag", m.FromTag(), "")
	h := must[Hop](t)(Via.Get(m))
	eq(t, "branch", h.Branch(), "")
	eq(t, "To", must[Addr](t)(To.Get(m)).Params, ";user=phone")
	eq(t, "body", strings.HasSuffix(m.Body().Data, "m=audio 49217 RTP/AVP 0\r\n"), true)
}
