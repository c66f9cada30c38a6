package sip

import (
	"slices"
	"strings"
	"testing"
)

var goodLines = []string{
	"Via: SIP/2.0/UDP h;branch=z9hG4bK1", "From: <sip:a>;tag=1", "To: <sip:b>", "Call-ID: x", "CSeq: 1 OPTIONS", "Max-Forwards: 70",
}

// Each line spoils a good request in one way.
func TestCheckRequest(t *testing.T) {
	const start = "OPTIONS sip:h SIP/2.0"
	for name, tt := range map[string]struct {
		start string
		drop  string // the header to leave out
		add   string
		code  int
		says  string
	}{
		"good":                    {start, "", "X: 1", 0, ""},
		"no Max-Forwards":         {start, "Max-Forwards", "", 0, ""},
		"bad Max-Forwards":        {start, "Max-Forwards", "Max-Forwards: 300", 0, ""},
		"no From tag":             {start, "From", "From: sip:a", 0, ""},
		"no branch":               {start, "Via", "Via: SIP/2.0/UDP h", 0, ""},
		"bad second Via":          {start, "Via", "Via: SIP/2.0/UDP h, bad", 0, ""},
		"bad Contact":             {start, "", "Contact: bad", 0, ""},
		"two Contacts":            {start, "", "Contact: <sip:a>\r\nContact: <sip:b>", 0, ""},
		"headers in URI":          {"OPTIONS sip:h?Route=x SIP/2.0", "", "", 0, ""},
		"unknown method":          {"FOO sip:h SIP/2.0", "CSeq", "CSeq: 1 FOO", 0, ""},
		"tel":                     {"OPTIONS tel:+1 SIP/2.0", "", "", 0, ""},
		"urn":                     {"OPTIONS urn:service:sos SIP/2.0", "", "", 0, ""},
		"lower version":           {"OPTIONS sip:h sip/2.0", "", "", 0, ""},
		"version":                 {"OPTIONS sip:h SIP/3.0", "", "", 505, "Version Not Supported"},
		"method":                  {"OPT:IONS sip:h SIP/2.0", "", "", 400, "Bad Start Line"},
		"no URI":                  {"OPTIONS SIP/2.0", "", "", 400, "Bad Start Line"},
		"URI":                     {"OPTIONS <sip:h> SIP/2.0", "", "", 400, "Bad Request-URI"},
		"scheme":                  {"OPTIONS http://h SIP/2.0", "", "", 416, "Unsupported URI Scheme"},
		"no Via":                  {start, "Via", "", 400, "Missing Via"},
		"no From":                 {start, "From", "", 400, "Missing From"},
		"no To":                   {start, "To", "", 400, "Missing To"},
		"no Call-ID":              {start, "Call-ID", "", 400, "Missing Call-ID"},
		"no CSeq":                 {start, "CSeq", "", 400, "Missing CSeq"},
		"bad Via":                 {start, "Via", "Via: bad", 400, "Bad Via"},
		"empty Via":               {start, "Via", "Via:", 400, "Bad Via"},
		"bad From":                {start, "From", "From: bad", 400, "Bad From"},
		"star From":               {start, "From", "From: *", 400, "Bad From"},
		"bad To":                  {start, "To", "To: <bad", 400, "Bad To"},
		"empty Call-ID":           {start, "Call-ID", "Call-ID: ", 400, "Bad Call-ID"},
		"bad CSeq":                {start, "CSeq", "CSeq: OPTIONS", 400, "Bad CSeq"},
		"two From":                {start, "", "f: sip:x", 400, "Repeated From"},
		"two To":                  {start, "", "t: sip:x", 400, "Repeated To"},
		"two Call-ID":             {start, "", "i: x", 400, "Repeated Call-ID"},
		"two CSeq":                {start, "", "CSEQ: 1 OPTIONS", 400, "Repeated CSeq"},
		"two Max-Forwards":        {start, "", "Max-Forwards: 70", 400, "Repeated Max-Forwards"},
		"two Content-Type":        {start, "", "c: a/b\r\nContent-Type: a/b", 400, "Repeated Content-Type"},
		"CSeq of another":         {start, "CSeq", "CSeq: 1 INVITE", 400, "CSeq Method Mismatch"},
		"CSeq in another case":    {start, "CSeq", "CSeq: 1 options", 400, "CSeq Method Mismatch"},
		"mismatch and unknown":    {"FOO sip:h SIP/2.0", "", "", 501, "Not Implemented"},
		"length":                  {start, "", "l: x", 400, "Bad Content-Length"},
		"length too big":          {start, "", "l: 7", 400, "Bad Content-Length"},
		"version before the rest": {"OPTIONS < SIP/1.0", "Via", "", 505, "Version Not Supported"},
	} {
		lines := slices.DeleteFunc(slices.Clone(goodLines), func(l string) bool {
			return tt.drop != "" && strings.HasPrefix(l, tt.drop+":")
		})
		if tt.add != "" {
			lines = append(lines, tt.add)
		}
		m := mustParse(t, tt.start+"\r\n"+strings.Join(lines, "\r\n")+"\r\n\r\n")
		st := m.Check()
		switch {
		case st == nil && tt.code == 0:
		case st == nil || st.Code != tt.code || st.Error() != NewStatus(tt.code, tt.says).Error():
			t.Errorf("%s: %v, want %d %s", name, st, tt.code, tt.says)
		}
	}
}

// Bad responses are discarded; their Request-URI is nobody's.
func TestCheckResponse(t *testing.T) {
	lines := strings.Join(goodLines[:5], "\r\n") + "\r\n\r\n"
	for in, ok := range map[string]bool{
		"SIP/2.0 200 OK\r\n" + lines:                              true,
		"SIP/2.0 100 \r\n" + lines:                                true,
		"SIP/3.0 200 OK\r\n" + lines:                              false,
		"SIP/2.0 2000 OK\r\n" + lines:                             false,
		"SIP/2.0 200 OK\r\n\r\n":                                  false,
		"SIP/2.0 200 OK\r\nCSeq: 1 OPTIONS\r\n" + lines:           false,
		"SIP/2.0 200 OK\r\nContent-Length: 5\r\n" + lines + "abc": false,
	} {
		if st := mustParse(t, in).Check(); (st == nil) != ok {
			t.Errorf("%q: %v", in, st)
		}
	}
}

// Mending a message mends what Check says.
func TestCheckAfterChange(t *testing.T) {
	m := mustParse(t, "OPTIONS  sip:h SIP/2.0\r\n"+strings.Join(goodLines, "\r\n")+"\r\nl: 5\r\n\r\n")
	if st := m.Check(); st == nil || st.Code != 400 {
		t.Fatalf("got %v", st)
	}
	m.SetBody(Body{})
	m.SetURI(URI{Scheme: "sip", Host: "h"})
	if st := m.Check(); st != nil {
		t.Errorf("got %v", st)
	}
	if st := mustParse(t, m.String()).Check(); st != nil {
		t.Errorf("got %v for %q", st, m)
	}
}
