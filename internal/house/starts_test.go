package house

import (
	"slices"
	"strings"
	"testing"
)

const startsSource = `package a

import (
	"context"
	"sync"
	clock "time"
)

type Box[T any] struct{ wg sync.WaitGroup }

func (b *Box[T]) run() {
	go b.run()
	go func() { go b.run() }()
	b.wg.Go(b.run)
}

func later(ctx context.Context) {
	clock.AfterFunc(1, nil)
	context.AfterFunc(ctx, nil)
	clock.Sleep(1)
}
`

func TestStarts(t *testing.T) {
	m := plant(t, map[string]string{"a/a.go": startsSource, "a/a_test.go": "package a\n\nfunc f() { go f() }\n"})
	want := []Start{
		{"a/a.go", "Box.run", "Go(f)"},
		{"a/a.go", "Box.run", "go ×3"},
		{"a/a.go", "later", "context.AfterFunc"},
		{"a/a.go", "later", "time.AfterFunc"},
	}
	if got := m.Starts(); !slices.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

func TestStartTable(t *testing.T) {
	one, two := Start{"a.go", "f", "go"}, Start{"b.go", "T.g", "go"}
	doc := "Words.\n" + startsBegin + startsHead + "| `a.go` | `f` | `go` | reads | at Close |\n" + startsEnd + "More.\n"
	table, err := ParseStarts(doc)
	if err != nil {
		t.Fatal(err)
	}
	if bad := table.Check([]Start{one}); bad != nil {
		t.Errorf("a complete table: %v", bad)
	}
	for _, c := range []struct {
		name   string
		starts []Start
		want   string
	}{
		{"unlisted", []Start{one, two}, "b.go: T.g starts a goroutine (go) that the table does not list"},
		{"gone", nil, "a.go: f starts nothing (go); drop its row"},
	} {
		if got := strings.Join(table.Check(c.starts), "\n"); got != c.want {
			t.Errorf("%s: got %q", c.name, got)
		}
	}

	updated := table.Update([]Start{one, two})
	if !strings.HasPrefix(updated, "Words.\n") || !strings.HasSuffix(updated, "More.\n") || !strings.Contains(updated, "| reads | at Close |") {
		t.Errorf("the update lost words:\n%s", updated)
	}
	again, err := ParseStarts(updated)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(again.Check([]Start{one, two}), "\n"); !strings.Contains(got, "must say what this goroutine does") {
		t.Errorf("an empty row passes: %q", got)
	}
}

func TestParseStartsRefuses(t *testing.T) {
	row := "| `a.go` | `f` | `go` | x | y |\n"
	for name, doc := range map[string]string{
		"no markers": "words",
		"no head":    startsBegin + row + startsEnd,
		"cells":      startsBegin + startsHead + "| `a.go` |\n" + startsEnd,
		"twice":      startsBegin + startsHead + row + row + startsEnd,
	} {
		if _, err := ParseStarts(doc); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
