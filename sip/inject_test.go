package sip

import (
	"strings"
	"testing"
)

const evil = "x\r\nEvil: 1\r\n\r\nINVITE sip:evil SIP/2.0\r\n\x00"

// Whatever text is put into whatever field, what goes out is one message with
// the lines that were meant, and no other.
func TestNoInjection(t *testing.T) {
	uri := URI{Scheme: "sip", Host: "h"}
	evilURI := URI{Scheme: evil, User: evil, Password: evil, Host: evil, Params: Params(";" + evil), Headers: evil, Opaque: evil}
	evilSIP := evilURI
	evilSIP.Scheme = "sip"
	for name, spoil := range map[string]func(m *Message) *Message{
		"method":         func(*Message) *Message { return NewRequest(Method("A B"+evil), uri) },
		"Request-URI":    func(*Message) *Message { return NewRequest(OPTIONS, evilURI) },
		"SetURI":         func(m *Message) *Message { m.SetURI(evilSIP); return m },
		"reason":         func(m *Message) *Message { return NewResponse(m, 200, evil) },
		"status":         func(m *Message) *Message { return NewStatus(400, evil).With(evil, evil).Answer(m) },
		"To tag":         func(m *Message) *Message { To.Set(m, Addr{URI: uri}); m.SetToTag(evil); return m },
		"body type":      func(m *Message) *Message { m.SetBody(Body{Type: evil, Data: "x"}); return m },
		"raw value":      func(m *Message) *Message { Named("Subject").Set(m, evil); return m },
		"added value":    func(m *Message) *Message { Named("X-Y").Add(m, evil); return m },
		"header name":    func(m *Message) *Message { Named(evil).Prepend(m, "1"); return m },
		"display name":   func(m *Message) *Message { From.Set(m, Addr{Display: evil, URI: uri}); return m },
		"address URI":    func(m *Message) *Message { Contact.Set(m, Addr{URI: evilSIP}, Addr{URI: evilURI}); return m },
		"address params": func(m *Message) *Message { Contact.Set(m, Addr{URI: uri, Params: evil}); return m },
		"parameter": func(m *Message) *Message {
			Contact.Set(m, Addr{URI: uri, Params: Params("").With(evil, evil).Flag(evil)})
			return m
		},
		"hop": func(m *Message) *Message {
			Via.Set(m, Hop{Version: evil, Transport: evil, Host: evil, Params: evil})
			return m
		},
		"CSeq method": func(m *Message) *Message { CSeq.Set(m, Seq{1, Method(evil)}); return m },
		"Call-ID":     func(m *Message) *Message { CallIDHeader.Set(m, evil); return m },
		"codec": func(m *Message) *Message {
			NewHeader("Foo", Codec[int]{Append: func(b []byte, _ int) []byte { return append(b, evil...) }, List: true}).Set(m, 1, 2)
			return m
		},
	} {
		m := spoil(NewRequest(OPTIONS, uri))
		out := m.String()
		lines := strings.Split(strings.TrimSuffix(strings.TrimSuffix(out, m.body), "\r\n\r\n"), "\r\n")
		if len(lines) != len(m.lines)+2 && len(lines) != len(m.lines)+1 {
			t.Errorf("%s: %q", name, out)
		}
		for _, l := range lines {
			if strings.ContainsAny(l, "\r\n\x00") || strings.HasPrefix(l, "Evil") {
				t.Errorf("%s: line %q", name, l)
			}
		}
		again, err := Parse(out, Limits{})
		if err != nil || again.String() != out {
			t.Errorf("%s: %v for %q", name, err, out)
		}
	}
}
