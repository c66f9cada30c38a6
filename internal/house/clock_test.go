package house

import (
	"strings"
	"testing"
)

func TestClockReads(t *testing.T) {
	src := "package txn\n\nimport \"time\"\n\nfunc f() time.Time { return time.Now() }\nvar g = time.After\nfunc h(t time.Time) time.Time { return t.Add(time.Second) }\n"
	m := plant(t, map[string]string{
		"internal/machine/txn/a.go":      src,
		"internal/machine/txn/a_test.go": src,
		"stack/a.go":                     src,
	})
	got := strings.Join(m.ClockReads("internal/machine", "sip"), "\n")
	want := "internal/machine/txn/a.go:5: time.Now: this package is handed the time\n" +
		"internal/machine/txn/a.go:6: time.After: this package is handed the time"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestLongFiles(t *testing.T) {
	m := plant(t, map[string]string{"a/a.go": "package a\n\n\n\n", "a/b.go": "package a\n"})
	if got := m.LongFiles(3); len(got) != 1 || got[0] != "a/a.go: 4 lines" {
		t.Errorf("got %v", got)
	}
}

func TestLeftovers(t *testing.T) {
	m := plant(t, map[string]string{"a/a.go": "package a\n\n// " + "TODO" + ": later.\n\n// The word " + "TODO" + " may be spoken of.\n"})
	if got := m.Leftovers(); len(got) != 1 || !strings.HasPrefix(got[0], "a/a.go:3: ") {
		t.Errorf("got %v", got)
	}
}
