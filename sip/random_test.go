package sip

import (
	"strings"
	"testing"
)

func TestIdentifiers(t *testing.T) {
	for name, tt := range map[string]struct {
		make func() string
		size int
	}{
		"branch":  {NewBranch, 31},
		"tag":     {NewTag, 16},
		"Call-ID": {NewCallID, 24},
	} {
		seen := make(map[string]bool)
		for range 10000 {
			id := tt.make()
			if len(id) != tt.size || !isToken(id) || seen[id] {
				t.Fatalf("%s: %q", name, id)
			}
			seen[id] = true
		}
	}
	// RFC 3261 §8.1.1.7: "MUST always begin with the characters z9hG4bK".
	if b := NewBranch(); !strings.HasPrefix(b, "z9hG4bK") || !(Hop{Params: Params(";branch=" + b)}).HasCookie() {
		t.Errorf("branch %q", b)
	}
}

// Every position takes every letter: nothing is cut off or repeated.
func TestIdentifierAlphabet(t *testing.T) {
	var seen [24]map[byte]bool
	for range 2000 {
		for i, c := range []byte(NewCallID()) {
			if seen[i] == nil {
				seen[i] = make(map[byte]bool)
			}
			seen[i][c] = true
		}
	}
	for i, set := range seen {
		if len(set) != len(idAlphabet) {
			t.Errorf("position %d takes %d letters of %d", i, len(set), len(idAlphabet))
		}
	}
}
