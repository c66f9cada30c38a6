package sip

import "testing"

func TestErrorTexts(t *testing.T) {
	for want, err := range map[string]error{
		"sip: Route: header missing":                            second(Route.Get(head(t, "A: 1"))),
		`sip: CSeq: not a number in range in "many"`:            second(CSeq.Get(head(t, "CSeq: many"))),
		"sip: 400 Bad Start Line (at byte 2)":                   second(Parse("\r\nhello\r\n\r\n", Limits{})),
		`sip: Call-ID: white space in a Call-ID in "a \"b\" c"`: second(CallIDHeader.Get(head(t, `i: a "b" c`))),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
