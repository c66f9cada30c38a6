package flow

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"
)

// entry is a line of what happened.
type entry struct {
	at      time.Time
	rank    int    // 0: the wire; then the actors in the order of the file
	way     string // on the wire: the two ends
	lane    lane
	seq     int
	actor   string // "" for the wire
	text    string
	outcome bool // what a user is owed whatever the network does
}

// lane tells by which way a user was told: what comes by different ways at the
// same moment comes in any order.
type lane int

const (
	progress lane = iota // an iterator
	callback             // a handler, one call after the other
	returned             // what a blocking method returned
)

// compareEntries orders what happened so that it does not depend on which
// goroutine was first: by time, the wire before the users, the wire by its ends,
// each user's progress before callbacks before results, and callbacks in their
// own order.
func compareEntries(a, b entry) int {
	order := cmp.Or(a.at.Compare(b.at), cmp.Compare(a.rank, b.rank), cmp.Compare(a.way, b.way), cmp.Compare(a.lane, b.lane))
	if order == 0 && a.lane == returned {
		order = cmp.Compare(a.text, b.text)
	}
	return cmp.Or(order, cmp.Compare(a.seq, b.seq))
}

// record is the log of a run. It may be written from any goroutine.
type record struct {
	mu      sync.Mutex
	entries []entry
	shown   int // entries that a block has shown already
}

// add writes a line.
func (r *record) add(e entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e.seq = len(r.entries)
	r.entries = append(r.entries, e)
}

// take returns what happened since the last call, in order.
func (r *record) take() []entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := slices.Clone(r.entries[r.shown:])
	r.shown = len(r.entries)
	slices.SortFunc(out, compareEntries)
	return out
}

// outcomes is what each user saw so far that counts.
func (r *record) outcomes() map[string][]string {
	r.mu.Lock()
	all := slices.Clone(r.entries)
	r.mu.Unlock()
	slices.SortFunc(all, compareEntries)
	out := make(map[string][]string)
	for _, e := range all {
		if e.outcome {
			out[e.actor] = append(out[e.actor], e.text)
		}
	}
	return out
}

// settle is how long a block waits after its last command.
const settle = 100 * time.Millisecond

// format shows entries as lines of a block that began at a time; the zero time
// shows no times.
func format(entries []entry, begin time.Time) []string {
	var out []string
	for _, e := range entries {
		line := e.text
		if e.actor != "" {
			line = e.actor + ": " + e.text
		}
		if since := e.at.Sub(begin); since >= settle && !begin.IsZero() {
			line = fmt.Sprintf("%-10s %s", "+"+since.Round(time.Millisecond).String(), line)
		}
		out = append(out, line)
	}
	return out
}
