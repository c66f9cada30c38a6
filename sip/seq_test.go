package sip

import "testing"

func TestParseSeq(t *testing.T) {
	for in, want := range map[string]Seq{
		"4711 INVITE":        {4711, INVITE},
		"0009  INVITE":       {9, INVITE},
		"0 ACK":              {0, ACK},
		"1\tFOO":             {1, "FOO"},
		"4294967295 INVITE":  {1<<32 - 1, INVITE},
		"29344 RE%47IST%45R": {29344, "RE%47IST%45R"},
	} {
		if got, err := ParseSeq(in); err != nil || got != want {
			t.Errorf("ParseSeq(%q) = %v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "INVITE", "1", "1INVITE", "1 ", "-1 INVITE", "1 IN VITE", "4294967296 INVITE",
		"36893488147419103232 REGISTER", "1 (INVITE)"} {
		if got, err := ParseSeq(in); err == nil {
			t.Errorf("ParseSeq(%q) = %v", in, got)
		}
	}
	if got := (Seq{7, INVITE}).String(); got != "7 INVITE" {
		t.Errorf("String: %q", got)
	}
}
