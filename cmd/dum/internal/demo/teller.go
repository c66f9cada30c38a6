package demo

import (
	"fmt"
	"io"
	"strings"
	"sync"
)

// A teller tells the story. It is safe for concurrent use: the ladder writes
// to it as well, from wherever messages come and go.
type teller struct {
	mu    sync.Mutex
	w     io.Writer
	steps int
	brief bool // the explanations were given before
}

// A step is something that happens, and what there is to know about it.
type step struct {
	title, why string
	do         func() error
}

// play goes through the steps until one fails.
func (t *teller) play(steps ...step) error {
	for _, s := range steps {
		t.steps++
		t.printf("\n%2d. %s\n", t.steps, s.title)
		if !t.brief {
			for line := range strings.Lines(strings.TrimSpace(s.why)) {
				t.printf("    %s\n", strings.TrimSpace(line))
			}
		}
		t.printf("\n")
		if err := s.do(); err != nil {
			t.printf("    This was not to happen: %v\n", err)
			return fmt.Errorf("step %d, %q: %w", t.steps, s.title, err)
		}
	}
	return nil
}

// saw tells what one of the two noticed.
func (t *teller) saw(who, format string, args ...any) {
	t.printf("    %-6s %s\n", who+":", fmt.Sprintf(format, args...))
}

// act begins an act.
func (t *teller) act(title string) {
	t.printf("\n%s\n%s\n", title, strings.Repeat("=", len(title)))
}

// Write writes b in one piece.
func (t *teller) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.w.Write(b)
}

func (t *teller) printf(format string, args ...any) { fmt.Fprintf(t, format, args...) }
