package sip

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestStatusError(t *testing.T) {
	if got := NewStatus(486, "").Error(); got != "486 Busy Here" {
		t.Errorf("got %q", got)
	}
	if got := NewStatus(486, "In a Meeting").Error(); got != "486 In a Meeting" {
		t.Errorf("got %q", got)
	}
	err := fmt.Errorf("calling bob: %w", NewStatus(603, ""))
	if st, ok := errors.AsType[*Status](err); !ok || st.Code != 603 {
		t.Errorf("AsType: %v %v", st, ok)
	}
}

// With makes a new status: one that several goroutines answer with must not be
// written to.
func TestStatusWith(t *testing.T) {
	base := NewStatus(503, "").With("Retry-After", "10")
	a, b := base.With("Warning", "a"), base.With("Warning", "b")
	if len(base.Headers) != 1 || a.Headers[1].Value != "a" || b.Headers[1].Value != "b" {
		t.Errorf("%v %v %v", base.Headers, a.Headers, b.Headers)
	}
}

func TestStatusAnswer(t *testing.T) {
	req := mustParse(t, invite1296(t))
	m := NewStatus(420, "").With("unsupported", "foo").With("Bad Name\r\n", "x\r\ny").Answer(req)
	want := "SIP/2.0 420 Bad Extension\r\n"
	if s := m.String(); !strings.HasPrefix(s, want) || !strings.Contains(s, "\r\nUnsupported: foo\r\n") ||
		!strings.Contains(s, "\r\nBadName: xy\r\n") || !strings.Contains(s, "\r\nCSeq: 314159 INVITE\r\n") {
		t.Errorf("got %q", s)
	}
	st := StatusOf(m)
	if st.Code != 420 || st.Reason != "Bad Extension" || st.Response != m {
		t.Errorf("StatusOf: %+v", st)
	}
}

func TestReasonPhrase(t *testing.T) {
	for code, want := range map[int]string{
		100: "Trying", 183: "Session Progress", 200: "OK", 202: "Accepted", 302: "Moved Temporarily",
		481: "Call/Transaction Does Not Exist", 505: "Version Not Supported", 513: "Message Too Large",
		606: "Not Acceptable", 199: "Early Dialog Terminated", 299: "OK", 499: "Bad Request", 599: "Server Error",
		699: "Global Failure", 399: "Redirection", 150: "Session Progress", 0: "Unknown", 1000: "Unknown",
	} {
		if got := ReasonPhrase(code); got != want {
			t.Errorf("%d: %q, want %q", code, got, want)
		}
	}
	for code := range 1000 {
		if p := ReasonPhrase(code); p == "" || clean(p) != p {
			t.Errorf("%d: %q", code, p)
		}
	}
}
