package sip

import "testing"

func TestMethodKnown(t *testing.T) {
	for _, m := range []Method{INVITE, ACK, BYE, CANCEL, OPTIONS, REGISTER, PRACK, UPDATE, INFO,
		SUBSCRIBE, NOTIFY, REFER, MESSAGE, PUBLISH} {
		if !m.Known() || m.String() != string(m) {
			t.Errorf("%s is not known", m)
		}
	}
	// The names are upper case in the grammar itself (RFC 3261 §25.1).
	for _, m := range []Method{"", "invite", "Invite", "INVITED", "FOO"} {
		if m.Known() {
			t.Errorf("%q is known", m)
		}
	}
}

// A method that is kept must not hold the datagram it came in.
func TestMethodOfMessageIsInterned(t *testing.T) {
	m := mustParse(t, "INVITE sip:a@b SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n")
	n := testing.AllocsPerRun(10, func() {
		if m.Method() != INVITE {
			t.Fatal(m.Method())
		}
	})
	if n != 0 {
		t.Errorf("Method allocates %v times", n)
	}
}

func mustParse(tb testing.TB, raw string) *Message {
	tb.Helper()
	m, err := Parse(raw, Limits{})
	if err != nil {
		tb.Fatalf("Parse: %v in %q", err, raw)
	}
	return m
}
