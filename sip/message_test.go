package sip

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"unsafe"
)

// The Message must fill a size class of the runtime and not spill into the
// next: 768 bytes, of which 8 are the runtime's.
func TestMessageSize(t *testing.T) {
	if size := unsafe.Sizeof(Message{}); size > 760 || size <= 736 {
		t.Errorf("a Message has %d bytes", size)
	}
}

func TestRequestFields(t *testing.T) {
	m := mustParse(t, invite1296(t))
	if !m.IsRequest() || m.Method() != INVITE || m.RawURI() != "sip:bob@192.0.2.4:5061;transport=udp" ||
		m.Version() != "SIP/2.0" || m.Code() != 0 || m.Reason() != "" {
		t.Errorf("start line: %v %v %v", m.Method(), m.RawURI(), m.Version())
	}
	if u, err := m.URI(); err != nil || u.Port != 5061 {
		t.Errorf("URI: %v %v", u, err)
	}
	if m.CallID() != "a84b4c76e66710@pc33.atlanta.example.com" || m.FromTag() != "1928301774" || m.ToTag() != "" {
		t.Errorf("ids: %q %q %q", m.CallID(), m.FromTag(), m.ToTag())
	}
	if b := m.Body(); b.Type != "application/sdp" || len(b.Data) != 173 || b.IsZero() {
		t.Errorf("body: %+v", b)
	}
}

func TestResponseFields(t *testing.T) {
	m := mustParse(t, "SIP/2.0 486 Busy  Here\r\nCSeq: 7 INVITE\r\nt: <sip:a>;TAG = x\r\n\r\n")
	if m.IsRequest() || m.Code() != 486 || m.Reason() != "Busy  Here" || m.Method() != INVITE || m.RawURI() != "" || m.ToTag() != "x" {
		t.Errorf("got %v %v %v %q", m.Code(), m.Reason(), m.Method(), m.ToTag())
	}
	if _, err := m.URI(); err == nil {
		t.Error("a response has no URI")
	}
	m.SetURI(URI{Scheme: "sip", Host: "h"})
	if m.Reason() != "Busy  Here" || m.CallID() != "" || !m.Body().IsZero() {
		t.Error("a response has a URI, a Call-ID or a body")
	}
	if mustParse(t, "SIP/2.0 200 OK\r\n\r\n").Method() != "" {
		t.Error("a method out of nothing")
	}
}

func TestTags(t *testing.T) {
	for in, want := range map[string]string{
		`"a;tag=no" <sip:a;tag=no>;x="tag=no";tag=yes`: "yes",
		`sip:a@b;tag=yes`:        "yes",
		`<sip:a@b;tag=no>`:       "",
		`"broken <sip:a>;tag=no`: "",
		`<sip:a>;tag`:            "",
	} {
		if got := head(t, "From: "+in+"|To: "+in); got.FromTag() != want || got.ToTag() != want {
			t.Errorf("%q: %q %q", in, got.FromTag(), got.ToTag())
		}
	}
}

func TestSetToTag(t *testing.T) {
	for in, want := range map[string]string{
		"t:  Bob  <sip:b@h> ":           "t:  Bob  <sip:b@h>;tag=9 ",
		"To: sip:b@h;x=1":               "To: sip:b@h;x=1;tag=9",
		"To: <sip:b@h>;tag=1":           "To: <sip:b@h>;tag=9",
		"TO:\r\n <sip:b@h>\r\n ;x\r\n ": "TO:\r\n <sip:b@h>\r\n ;x;tag=9\r\n ",
		"To: \"bad":                     "To: \"bad;tag=9",
		"A: 1":                          "A: 1",
	} {
		m := head(t, in)
		m.SetToTag("9")
		if got := headLines(m); got != strings.ReplaceAll(want, "\r\n", "|") {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	m := head(t, "To: <sip:b@h>")
	m.SetToTag("a b\r\nX: y;z")
	if got := headLines(m); got != "To: <sip:b@h>;tag=abXyz" {
		t.Errorf("got %q", got)
	}
}

func TestSetBody(t *testing.T) {
	m := mustParse(t, "INFO sip:h SIP/2.0\r\nc: text/old\r\nContent-Disposition: render\r\nl: 3\r\nA: 1\r\n\r\nabc")
	m.SetBody(Body{Type: "application/sdp", Data: "v=0\r\n"})
	want := "INFO sip:h SIP/2.0\r\nContent-Type: application/sdp\r\nContent-Disposition: render\r\nContent-Length: 5\r\nA: 1\r\n\r\nv=0\r\n"
	if got := m.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	m.SetBody(Body{})
	want = "INFO sip:h SIP/2.0\r\nContent-Disposition: render\r\nContent-Length: 0\r\nA: 1\r\n\r\n"
	if got := m.String(); got != want || !m.Body().IsZero() {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFields(t *testing.T) {
	m := head(t, "A:1|b : two\r\n lines|A:|C:  x ")
	var got []string
	for name, value := range m.Fields() {
		got = append(got, name+"="+value)
	}
	if want := []string{"A=1", "b=two lines", "A=", "C=x"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for range m.Fields() {
		break // must not go on
	}
}

func TestClone(t *testing.T) {
	many := strings.Repeat("A: 1|", 3*inlineLines)
	for _, in := range []string{"Route: <sip:a>|B: 2", many + "Route: <sip:a>|B: 2"} {
		m := head(t, in)
		before := m.String()
		c := m.Clone()
		if c.String() != before {
			t.Errorf("the clone is %q", c)
		}
		Route.Set(c, Addr{Star: true})
		Via.Prepend(c, Hop{Transport: "UDP", Host: "h"})
		c.SetURI(URI{Scheme: "sip", Host: "other"})
		c.SetBody(Body{Type: "a/b", Data: "x"})
		if m.String() != before || headLines(m) != in {
			t.Errorf("the original became %q", m)
		}
		if c2 := c.Clone(); c2.String() != c.String() {
			t.Errorf("%q is not %q", c2, c)
		}
		Named("B").Remove(m)
		if !Named("B").Has(c) {
			t.Error("the clone lost a line of the original")
		}
	}
}

// Reading must not write, not even a cache: the race detector watches.
func TestConcurrentReading(t *testing.T) {
	m := mustParse(t, invite1296(t))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				readRouting(m)
				for range m.Fields() {
				}
				if st := m.Check(); st != nil {
					t.Error(st)
				}
				if NewResponse(m, 200, "").Clone().String() == m.String() {
					t.Error("a response equals its request")
				}
			}
		})
	}
	wg.Wait()
}
