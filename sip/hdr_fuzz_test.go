package sip

import (
	"strings"
	"testing"
)

// FuzzHeaders reads any text as the value of every header. Nothing panics;
// what is read can be written, never with CR, LF or NUL in it; and what was
// written is in canonical form: it is read again and written the same.
func FuzzHeaders(f *testing.F) {
	for _, p := range allHeaders() {
		for _, s := range p.samples {
			f.Add(s)
		}
	}
	for _, s := range []string{
		"", ",", ";", "\"", "<", "(", "=", "\\", "\"\\", "a;b=\"c", "a;b=<c", "1 (", "Digest qop=auth,auth-int,nc=1",
		"x\r\n y", "x\x00y", "99999999999999999999", "<sip:a@b>;x=\"\\\"", "a=b=c", "*;+a=\"<b>\"", "Digest ,,,a=b c=\"d\"e=f",
	} {
		f.Add(s)
	}
	probes := allHeaders()
	f.Fuzz(func(t *testing.T, value string) {
		m := NewRequest(OPTIONS, URI{Host: "a"})
		for _, p := range probes {
			m, _ := Parse("OPTIONS sip:a SIP/2.0\r\n"+p.name+": "+value+"\r\n\r\n", Limits{})
			if m != nil {
				p.values(m)
				_, _ = p.get(m)
			}
		}
		for _, p := range probes {
			if p.name == "Content-Length" {
				continue
			}
			Named(p.name).Set(m, value)
			vs, errs := p.values(m)
			for i, v := range vs {
				if errs[i] != nil {
					continue
				}
				p.set(m, v)
				once := lastLine(m)
				if strings.ContainsAny(once, "\r\n\x00") {
					t.Fatalf("%s: %q is written as %q", p.name, value, once)
				}
				again, errs := p.values(m)
				if len(again) != 1 || errs[0] != nil {
					t.Fatalf("%s: %q is written as %q, which gives %#v, %v", p.name, value, once, again, errs)
				}
				if p.set(m, again[0]); lastLine(m) != once {
					t.Fatalf("%s: %q is written as %q, then as %q", p.name, value, once, lastLine(m))
				}
			}
			p.remove(m)
		}
	})
}

// lastLine returns the text of the last header of m that is not Content-Length,
// without its line end.
func lastLine(m *Message) string {
	lines := strings.Split(strings.TrimSuffix(m.String(), "\r\n\r\n"), "\r\n")
	for i := len(lines) - 1; i > 0; i-- {
		if !strings.HasPrefix(lines[i], "Content-Length") {
			return strings.Join(lines[1:i+1], "\r\n")
		}
	}
	return ""
}
