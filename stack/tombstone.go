package stack

import (
	"sync/atomic"
	"time"

	"dum/transport"
)

// graveBytes bounds the bytes of all tombstones of a stack.
const graveBytes = 256 << 20

// sexton keeps the tombstones of a stack in bounds and clears them away. Its
// one timer runs only while there are any, and looks around a few times within
// the shortest span: a tombstone may stand a little longer than it must.
type sexton struct {
	epoch   time.Time // times in the graveyard count from here
	spans   [spans]time.Duration
	tick    time.Duration
	perYard int64
	n       atomic.Int64
	armed   atomic.Bool
	stopped atomic.Bool
	timer   atomic.Pointer[time.Timer]
}

func (x *sexton) set(t4, long, d time.Duration, most int64) {
	x.epoch = time.Now()
	x.spans = [spans]time.Duration{spanT4: t4, spanLong: long, spanD: d}
	x.tick = min(max(min(t4, long, d)/10, time.Millisecond), 500*time.Millisecond)
	x.perYard = max(most/shardCount, 1)
}

// bury turns a transaction, which is in the table, into a tombstone. f is where
// g.again goes, of a client transaction.
func (s *Stack) bury(e *entry, g grave, f transport.Flow, sp span, now time.Time) {
	x := &s.sexton
	g.merge = e.merge
	e.shard.mu.Lock()
	e.remove()
	y := &e.shard.graves
	y.push(sp, int64(now.Sub(x.epoch)+x.spans[sp]), e.hash, e.key, g, f)
	var few [4]uint64
	gone, n := few[:0], int64(1)
	for y.n > x.perYard || y.bytes > graveBytes/shardCount && y.n > 1 {
		gone = append(gone, y.pop(y.soonest()))
		n--
	}
	e.shard.mu.Unlock()
	x.n.Add(n)
	s.forget(gone)
	s.watch()
}

// forget frees the merge keys of transactions that are gone.
func (s *Stack) forget(merges []uint64) {
	for _, m := range merges {
		if m != 0 {
			s.merged.remove(m)
		}
	}
}

// watch starts the timer if it does not run.
func (s *Stack) watch() {
	x := &s.sexton
	if x.stopped.Load() || x.armed.Load() || !x.armed.CompareAndSwap(false, true) {
		return
	}
	if t := x.timer.Load(); t != nil {
		t.Reset(x.tick)
		return
	}
	// Clears tombstones away; it runs while there are any.
	x.timer.Store(time.AfterFunc(x.tick, s.sweep))
}

// sweep clears away what has stood long enough.
func (s *Stack) sweep() {
	if !s.tasks.enter() {
		return
	}
	defer s.tasks.leave()
	x := &s.sexton
	now := int64(time.Since(x.epoch))
	var gone []uint64
	for i := range s.txs.shards {
		sh := &s.txs.shards[i]
		gone = gone[:0]
		sh.mu.Lock()
		for sp := range spans {
			for until, ok := sh.graves.oldest(sp); ok && until <= now; until, ok = sh.graves.oldest(sp) {
				gone = append(gone, sh.graves.pop(sp))
			}
		}
		sh.mu.Unlock()
		x.n.Add(-int64(len(gone)))
		s.forget(gone)
	}
	x.armed.Store(false)
	if x.n.Load() > 0 {
		s.watch()
	}
}

// dismiss stops the timer for good.
func (x *sexton) dismiss() {
	x.stopped.Store(true)
	if t := x.timer.Load(); t != nil {
		t.Stop()
	}
}
