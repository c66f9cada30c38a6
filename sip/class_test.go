package sip

import (
	"strings"
	"testing"
)

// The table of characters, derived from the grammar of RFC 3261 §25.1.
func TestClasses(t *testing.T) {
	const alphanum = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	const mark = "-_.!~*'()"
	controls := "\x7f"
	for c := range byte(0x21) {
		controls += string(rune(c))
	}
	sets := []struct {
		class uint8
		chars string
	}{
		{classToken, alphanum + "-.!%*_+`'~"},
		{classHost, alphanum + "-._"},
		{classUser, alphanum + mark + "&=+$,;?/"},
		{classNoURI, controls + `<>"`},
		{classLWS, " \t\r\n"},
		{classMark, "@;?"},
	}
	for c := range 256 {
		for _, set := range sets {
			want := c < 128 && strings.IndexByte(set.chars, byte(c)) >= 0
			if got := is(byte(c), set.class); got != want {
				t.Errorf("class %d of %q: %v, want %v", set.class, byte(c), got, want)
			}
		}
	}
}
