package invite

import (
	"context"
	"iter"

	"dum/dialog"
	"dum/sip"
)

// A Progress is a response to our INVITE on the way to its outcome: a
// provisional one above 100, or, as the last one, the 2xx that made the call.
type Progress struct {
	Code   int
	Reason string
	// Body is the session description in it: early media, the answer, or in a
	// late 2xx the offer. Zero when there is none.
	Body sip.Body
	// RemoteTag tells forks apart; "" in a response that makes no dialog.
	RemoteTag string
	// Response is the whole message; read only.
	Response *sip.Message
}

// Progress yields the responses so far and then each as it comes, until the
// outcome is there or ctx ends. Each call begins from the start. Reading it is
// up to you: nothing waits for it. Of more than 64 responses the oldest are
// forgotten.
func (a *Attempt) Progress(ctx context.Context) iter.Seq[Progress] {
	return func(yield func(Progress) bool) {
		if a.set == nil {
			return
		}
		for next := 0; ; {
			var items []Progress
			var more chan struct{}
			inTurn(a.set, func(*dialog.Turn) { items, next, more = a.progress.since(next) })
			for _, p := range items {
				if !yield(p) {
					return
				}
			}
			if more == nil {
				return
			}
			select {
			case <-more:
			case <-ctx.Done():
				return
			}
		}
	}
}

// maxHistory bounds what a chatty callee can make us keep.
const maxHistory = 64

// A history is what progress there was, for any number of readers. It is owned
// by the turn.
type history struct {
	items []Progress
	first int           // the number of items[0]
	more  chan struct{} // closed at the next change; nil while nobody waits
	ended bool
}

func (h *history) add(p Progress) {
	if len(h.items) == maxHistory {
		copy(h.items, h.items[1:])
		h.items = h.items[:maxHistory-1]
		h.first++
	}
	h.items = append(h.items, p)
	h.wake()
}

func (h *history) end() {
	h.ended = true
	h.wake()
}

func (h *history) wake() {
	if h.more != nil {
		close(h.more)
		h.more = nil
	}
}

// since returns what came from number n on, the number after that, and what to
// wait at for more; nil when no more will come.
func (h *history) since(n int) ([]Progress, int, chan struct{}) {
	n = max(n, h.first)
	items := append([]Progress(nil), h.items[n-h.first:]...)
	if h.ended {
		return items, h.first + len(h.items), nil
	}
	if h.more == nil {
		h.more = make(chan struct{})
	}
	return items, h.first + len(h.items), h.more
}
