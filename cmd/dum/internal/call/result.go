package call

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"dum/cmd/dum/internal/cli"
	"dum/cmd/dum/internal/latency"
)

// A tally counts what became of the calls. It is safe for concurrent use.
type tally struct {
	setup latency.Samples

	mu       sync.Mutex
	placed   int
	up       int // answered and not over
	answered int
	canceled int
	byPeer   int
	failures map[string]int    // by status or in a word, see failure
	reasons  map[string]string // what to tell people, by the same key
}

// Keys of failures that are no status.
const (
	noAnswer = "timeout" // nobody answered in time
	failed   = "error"   // something else
)

func newTally() *tally {
	return &tally{failures: map[string]int{}, reasons: map[string]string{}}
}

func (t *tally) count(n *int, delta int) {
	t.mu.Lock()
	*n += delta
	t.mu.Unlock()
}

// fail counts a failure; reason is kept for the first of its key.
func (t *tally) fail(key, reason string) {
	t.mu.Lock()
	if t.failures[key]++; t.failures[key] == 1 {
		t.reasons[key] = reason
	}
	t.mu.Unlock()
}

// line is the progress in one line.
func (t *tally) line(of int, since time.Time) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	failures := t.failed()
	setup := t.placed - t.answered - failures - t.canceled
	return fmt.Sprintf("%s: %d of %d calls placed, %d in set-up, %d up, %d failed",
		time.Since(since).Round(time.Second), t.placed, of, max(setup, 0), t.up, failures)
}

func (t *tally) failed() int {
	n := 0
	for _, v := range t.failures {
		n += v
	}
	return n
}

// A report is the outcome as JSON shows it.
type report struct {
	Target      string         `json:"target"`
	Calls       int            `json:"calls"`
	Answered    int            `json:"answered"`
	Failed      int            `json:"failed"`
	Failures    map[string]int `json:"failures"`
	Canceled    int            `json:"canceled"`
	EndedByPeer int            `json:"ended_by_peer"`
	Setup       *setup         `json:"setup_ms"`
	Elapsed     float64        `json:"elapsed_ms"`
	Interrupted bool           `json:"interrupted"`

	reasons map[string]string
}

// setup is the distribution of set-up times, in milliseconds.
type setup struct {
	Min float64 `json:"min"`
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

// report sums up.
func (t *tally) report(target string, elapsed time.Duration, interrupted bool) *report {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := &report{
		Target: target, Calls: t.placed, Answered: t.answered, Failed: t.failed(),
		Failures: maps.Clone(t.failures), Canceled: t.canceled, EndedByPeer: t.byPeer,
		Elapsed: latency.Milliseconds(elapsed), Interrupted: interrupted,
		reasons: maps.Clone(t.reasons),
	}
	if s := t.setup.Summary(); s.N > 0 {
		ms := latency.Milliseconds
		r.Setup = &setup{ms(s.Min), ms(s.P50), ms(s.P95), ms(s.P99), ms(s.Max)}
	}
	return r
}

// exit is the exit code that the outcome deserves.
func (r *report) exit() int {
	switch {
	case r.Interrupted:
		return cli.Interrupted
	case r.Failed == 0:
		return cli.Done
	case r.Failed == r.Failures[noAnswer]:
		return cli.NoAnswer
	}
	return cli.Failed
}

// json writes the report as one line.
func (r *report) json(w io.Writer) error { return json.NewEncoder(w).Encode(r) }

// text writes the report for people.
func (r *report) text(w io.Writer) {
	parts := []string{fmt.Sprintf("%d answered", r.Answered), fmt.Sprintf("%d failed", r.Failed)}
	if r.Canceled > 0 {
		parts = append(parts, fmt.Sprintf("%d cancelled", r.Canceled))
	}
	if r.EndedByPeer > 0 {
		parts = append(parts, fmt.Sprintf("%d hung up by the peer", r.EndedByPeer))
	}
	word := "calls"
	if r.Calls == 1 {
		word = "call"
	}
	fmt.Fprintf(w, "%d %s: %s\n", r.Calls, word, strings.Join(parts, ", "))
	for _, key := range slices.Sorted(maps.Keys(r.Failures)) {
		fmt.Fprintf(w, "  %6d x %s\n", r.Failures[key], r.reasons[key])
	}
	if s := r.Setup; s != nil && r.Answered > 1 {
		fmt.Fprintf(w, "set-up time: p50 %.1f ms, p95 %.1f ms, p99 %.1f ms (min %.1f, max %.1f)\n",
			s.P50, s.P95, s.P99, s.Min, s.Max)
	} else if s != nil {
		fmt.Fprintf(w, "set-up time: %.1f ms\n", s.P50)
	}
}
