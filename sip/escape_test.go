package sip

import "testing"

func TestUserUnescaped(t *testing.T) {
	for in, want := range map[string]string{
		"alice": "alice", "sips%3Auser%40example.com": "sips:user@example.com", "I%20have%20spaces": "I have spaces",
		"null-%00-null": "null-\x00-null", "%6C%72": "lr", "100%": "100%", "a%zz%4": "a%zz%4", "%25%34%31": "%41",
	} {
		if got := (URI{User: in}).UserUnescaped(); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestEscapeUser(t *testing.T) {
	for in, want := range map[string]string{
		"alice":             "alice",
		"+1-555;ext=1":      "+1-555;ext=1",
		"a b@c:d":           "a%20b%40c%3Ad",
		"100%":              "100%25",
		"a\r\nb\x00":        "a%0D%0Ab%00",
		"Жук":               "%D0%96%D1%83%D0%BA",
		`"<>[]{}|\^#` + "`": "%22%3C%3E%5B%5D%7B%7D%7C%5C%5E%23%60",
	} {
		got := EscapeUser(in)
		if got != want {
			t.Errorf("EscapeUser(%q) = %q, want %q", in, got, want)
		}
		if back := (URI{User: got}).UserUnescaped(); back != in {
			t.Errorf("%q comes back as %q", in, back)
		}
	}
}
