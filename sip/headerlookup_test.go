package sip

import (
	"strings"
	"testing"
)

func TestLookupHeader(t *testing.T) {
	for id := headerID(1); id < hidCount; id++ {
		name := headerName[id]
		if !isToken(name) || len(name) > maxKnownName {
			t.Errorf("%d: name %q", id, name)
		}
		for _, n := range []string{name, strings.ToLower(name), strings.ToUpper(name)} {
			if got := lookupHeader(n); got != id {
				t.Errorf("lookupHeader(%q) = %d, want %d", n, got, id)
			}
		}
		if got := lookupHeader(name + "x"); got != hidNone {
			t.Errorf("%sx is %s", name, headerName[got])
		}
	}
	long := strings.Repeat("x", 4096)
	if n := testing.AllocsPerRun(10, func() {
		lookupHeader("MAX-forwards")
		lookupHeader(long)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// RFC 3261 §7.3.3 and the IANA registry of SIP header fields.
func TestCompactForms(t *testing.T) {
	forms := map[byte]string{
		'a': "Accept-Contact", 'b': "Referred-By", 'c': "Content-Type", 'd': "Request-Disposition",
		'e': "Content-Encoding", 'f': "From", 'i': "Call-ID", 'j': "Reject-Contact", 'k': "Supported",
		'l': "Content-Length", 'm': "Contact", 'n': "Identity-Info", 'o': "Event", 'r': "Refer-To",
		's': "Subject", 't': "To", 'u': "Allow-Events", 'v': "Via", 'x': "Session-Expires", 'y': "Identity",
	}
	for c := byte('a'); c <= 'z'; c++ {
		for _, name := range []string{string(c), strings.ToUpper(string(c))} {
			id := lookupHeader(name)
			switch want, known := forms[c]; {
			case known && headerName[id] != want:
				t.Errorf("%s is %q, want %q", name, headerName[id], want)
			case !known && id != hidNone:
				t.Errorf("%s is %q", name, headerName[id])
			}
		}
	}
}
