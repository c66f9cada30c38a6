package sip

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// seedVectors adds the torture messages to a fuzz corpus.
func seedVectors(f *testing.F, add func(string)) {
	f.Helper()
	for _, folder := range []string{"rfc4475", "rfc5118"} {
		files, err := filepath.Glob(filepath.Join("testdata", folder, "*.dat"))
		if err != nil || len(files) == 0 {
			f.Fatal(files, err)
		}
		for _, file := range files {
			add(vector(f, folder, strings.TrimSuffix(filepath.Base(file), ".dat")))
		}
	}
	add(invite1296(f))
	add("\r\n\nOPTIONS sip:h SIP/2.0\nTo:\n \n\t\nl : 0\r\nX: a\r\n b\n\nrest")
	add("SIP/2.0 200 \r\nTo: \"\\\r\nContact: *,<>\r\n\r\n")
}

type fieldPair struct{ name, value string }

// fieldsOf lists what a message says, but for Content-Length, which writing
// makes right.
func fieldsOf(m *Message) (fs []fieldPair) {
	for n, v := range m.Fields() {
		if lookupHeader(n) != hidContentLength {
			fs = append(fs, fieldPair{n, v})
		}
	}
	return fs
}

// readCore reads everything that this file of the package can read.
func readCore(m *Message) {
	for range Via.All(m) {
	}
	for _, h := range []Header[Addr]{From, To, Contact, Route, RecordRoute} {
		for a, err := range h.All(m) {
			if err == nil {
				a.Tag()
				a.Q()
				a.URI.UserUnescaped()
				a.URI.Equal(a.URI)
			}
		}
	}
	readRouting(m)
	m.Check()
	m.Body()
	m.Reason()
}

func FuzzParse(f *testing.F) {
	seedVectors(f, func(s string) { f.Add(s) })
	f.Fuzz(func(t *testing.T, raw string) {
		m, err := Parse(raw, Limits{})
		if m == nil {
			if err == nil {
				t.Fatal("neither a message nor an error")
			}
			return
		}
		readCore(m)
		if err == nil && !strings.HasPrefix(strings.TrimLeft(raw, "\r\n"), m.String()) {
			t.Fatalf("%q comes out as %q", raw, m)
		}
		c := m.Clone()
		c.SetToTag("a")
		Named("X-Touched").Set(c, "1")
		Via.RemoveFirst(c)
		out := c.String()
		again, err := Parse(out, Limits{MaxMessage: -1, MaxHead: -1, MaxHeaders: -1, MaxLine: -1})
		if err != nil {
			t.Fatalf("%q became %q: %v", raw, out, err)
		}
		if again.String() != out || again.body != m.body || again.flags&^badStart != m.flags&response {
			t.Fatalf("%q comes out as %q", out, again)
		}
		if got, want := fieldsOf(again), fieldsOf(c); !slices.Equal(got, want) {
			t.Fatalf("%q says %q, want %q", out, got, want)
		}
		if r := NewResponse(m, 400, ""); strings.Contains(r.String(), "\n\n") {
			t.Fatalf("response %q", r)
		}
	})
}

func FuzzURI(f *testing.F) {
	for _, s := range []string{
		"sip:bob@biloxi.com", "SIPS:a:b@[::1]:5061;lr;x=%41?Subject=x&y=z", "tel:+1-2;ext=3", "urn:uuid:F-1?+a?=b#c",
		"sip:a;b?c@h?d@e", "sip:%@h;=;", "sip:é@h", "x:é", "sip:[fe80::1%25e]:1",
	} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, s, other string) {
		u, err := ParseURI(s)
		if err != nil {
			if u != (URI{}) {
				t.Fatalf("%q: %+v with %v", s, u, err)
			}
			return
		}
		out := u.String()
		if strings.ContainsAny(out, "\r\n\x00 <>\"") {
			t.Fatalf("%q is written as %q", s, out)
		}
		again, err := ParseURI(out)
		if err != nil || again.String() != out {
			t.Fatalf("%q is written as %q, which is %q, %v", s, out, again, err)
		}
		if !u.Equal(u) || u.IsSIP() && !u.Equal(again) {
			t.Fatalf("%q does not equal itself", s)
		}
		if v, err := ParseURI(other); err == nil && u.Equal(v) != v.Equal(u) {
			t.Fatalf("%q and %q are equal one way round", s, other)
		}
		back, err := ParseURI("sip:" + EscapeUser(s) + "@h")
		if err != nil || back.UserUnescaped() != s {
			t.Fatalf("%q as a user: %v %v", s, back, err)
		}
	})
}

func FuzzAddr(f *testing.F) {
	for _, s := range []string{
		`"A \"B\"" <sip:a@b;lr>;tag=1;q=0.5`, "sip:a@b;tag=1", "*", "Bell, A. <sip:a@b>", `a "b" c<tel:1>`, "<sip:a@b> ; x = \"y;z\"",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		tagOf(s)
		a, err := ParseAddr(s)
		if err != nil {
			return
		}
		for n, v := range a.Params.All() {
			if a.Params.With(n, v).Has(n) != isToken(n) && isToken(n) {
				t.Fatalf("%q: %q is lost", a.Params, n)
			}
			a.Params.Without(n)
		}
		out := a.String()
		if strings.ContainsAny(out, "\r\n\x00") {
			t.Fatalf("%q is written as %q", s, out)
		}
		again, err := ParseAddr(out)
		if err != nil || again.String() != out {
			t.Fatalf("%q is written as %q, which is %q, %v", s, out, again, err)
		}
		if again.Display != clean(a.Display) || again.Star != a.Star {
			t.Fatalf("%q is written as %q", s, out)
		}
	})
}

// The framing of a stream and the parser must see the same message.
func FuzzHead(f *testing.F) {
	seedVectors(f, func(s string) { f.Add([]byte(s)) })
	f.Fuzz(func(t *testing.T, b []byte) {
		n := HeadLength(b)
		if n > len(b) || n < -1 || n == 0 {
			t.Fatalf("HeadLength(%q) = %d", b, n)
		}
		size, found, scanErr := ScanContentLength(b[:max(n, 0)])
		m, err := Parse(string(b), Limits{MaxMessage: -1, MaxHead: -1, MaxHeaders: -1, MaxLine: -1})
		if err != nil || b[0] == '\r' || b[0] == '\n' {
			return
		}
		if n < 0 || n+len(m.body) != len(m.raw) {
			t.Fatalf("%q: a head of %d and a body of %d in %d", b, n, len(m.body), len(m.raw))
		}
		if (scanErr != nil) != (m.flags&badLength != 0) || found != ContentLength.Has(m) {
			t.Fatalf("%q: %d %v %v", b, size, found, scanErr)
		}
		if found && scanErr == nil && size != len(m.body) && m.flags&shortBody == 0 {
			t.Fatalf("%q: Content-Length %d and a body of %d", b, size, len(m.body))
		}
	})
}
