package sip

import (
	"testing"
)

func TestNewRequest(t *testing.T) {
	m := NewRequest(OPTIONS, URI{Scheme: "sip", User: "bob", Host: "h", Params: ";lr"})
	if got := m.String(); got != "OPTIONS sip:bob@h;lr SIP/2.0\r\nContent-Length: 0\r\n\r\n" {
		t.Errorf("got %q", got)
	}
	if !m.IsRequest() || m.Method() != OPTIONS || m.Version() != "SIP/2.0" {
		t.Error("not the request that was asked for")
	}
	m.SetURI(URI{Scheme: "tel", Opaque: "+1"})
	if got := m.String(); got != "OPTIONS tel:+1 SIP/2.0\r\nContent-Length: 0\r\n\r\n" {
		t.Errorf("got %q", got)
	}
}

// RFC 3261 §8.2.6.2: what a response takes over, in its order and as it came.
func TestNewResponse(t *testing.T) {
	req := mustParse(t, "INVITE sip:h SIP/2.0\r\n"+
		"v : SIP/2.0/UDP a;branch=z9hG4bK1 , SIP/2.0/UDP b\r\n"+
		"Timestamp: 54\r\nMax-Forwards: 70\r\nf:\r\n  <sip:a>;tag=1\r\nVIA:SIP/2.0/UDP c\r\n"+
		"To: sip:b\r\ni: x\nCSEQ:  7  INVITE\r\nRecord-Route: <sip:r>\r\nContent-Type: a/b\r\nContent-Length: 2\r\n\r\nxy")
	common := "v : SIP/2.0/UDP a;branch=z9hG4bK1 , SIP/2.0/UDP b\r\n%sf:\r\n  <sip:a>;tag=1\r\nVIA:SIP/2.0/UDP c\r\n" +
		"To: sip:b\r\ni: x\r\nCSEQ:  7  INVITE\r\nContent-Length: 0\r\n\r\n"
	for _, tt := range []struct {
		code   int
		reason string
		want   string
	}{
		{180, "", "SIP/2.0 180 Ringing\r\n" + replace(common, "")},
		{100, "", "SIP/2.0 100 Trying\r\n" + replace(common, "Timestamp: 54\r\n")},
		{486, "In\r\nX: a Meeting", "SIP/2.0 486 InX: a Meeting\r\n" + replace(common, "")},
	} {
		m := NewResponse(req, tt.code, tt.reason)
		if got := m.String(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
		if m.IsRequest() || m.Code() != tt.code || m.Method() != INVITE || m.FromTag() != "1" || m.CallID() != "x" {
			t.Errorf("%d: %v %v %q", tt.code, m.Code(), m.Method(), m.FromTag())
		}
	}
	if got := headLines(req); got == "" || req.String() != req.raw {
		t.Error("the request was touched")
	}
}

func replace(format, with string) string {
	const mark = "%s"
	for i := range format {
		if format[i:i+2] == mark {
			return format[:i] + with + format[i+2:]
		}
	}
	return format
}
