package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"dum/sip"
	"dum/trace"
)

// A wire notes what one side sent and received, as "> INVITE" and "< 180
// INVITE", so that the demo can tell whether the right things went over the
// wire. Retransmissions and 100 Trying are left out: whether they appear is a
// matter of how busy the machine is. It is a trace sink.
type wire struct {
	mu      sync.Mutex
	first   *sip.Message // the first one that was sent
	seen    []string
	changed chan struct{} // closed at the next message
}

func newWire() *wire { return &wire{changed: make(chan struct{})} }

// Record takes the events that are messages.
func (w *wire) Record(_ time.Time, ev trace.Event) {
	switch ev := ev.(type) {
	case trace.MessageIn:
		w.add("<", ev.Msg)
	case trace.MessageOut:
		if m, err := sip.Parse(string(ev.Raw), sip.Limits{}); err == nil && !ev.Again {
			w.mu.Lock()
			if w.first == nil {
				w.first = m
			}
			w.mu.Unlock()
			w.add(">", m)
		}
	}
}

func (w *wire) add(way string, m *sip.Message) {
	text := way + " " + string(m.Method())
	if !m.IsRequest() {
		if m.Code() == 100 {
			return
		}
		text = fmt.Sprintf("%s %d %s", way, m.Code(), m.Method())
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, text)
	close(w.changed)
	w.changed = make(chan struct{})
}

// expect waits until exactly these messages were seen since the last call, in
// this order, and forgets them.
func (w *wire) expect(ctx context.Context, want ...string) error {
	for {
		w.mu.Lock()
		seen, changed := w.seen, w.changed
		if slices.Equal(seen, want) {
			w.seen = nil
			w.mu.Unlock()
			return nil
		}
		w.mu.Unlock()
		if n := len(seen); n >= len(want) || !slices.Equal(seen, want[:n]) {
			return fmt.Errorf("on the wire was %s, not %s", strings.Join(seen, ", "), strings.Join(want, ", "))
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("on the wire was only %s, not %s: %w", strings.Join(seen, ", "), strings.Join(want, ", "), context.Cause(ctx))
		}
	}
}

// mirror is the same messages as the other side sees them.
func mirror(messages []string) []string {
	other := make([]string, len(messages))
	for i, m := range messages {
		if strings.HasPrefix(m, ">") {
			other[i] = "<" + m[1:]
		} else {
			other[i] = ">" + m[1:]
		}
	}
	return other
}
