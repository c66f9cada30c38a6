package stack

import (
	"sync/atomic"
	"time"

	"dum/transport"
)

// A grave is what is left of a transaction that has its final response: enough
// to answer a copy of the request, or of the response. No strand is kept alive
// for it, and it keeps nothing of the messages but the bytes to repeat.
type grave struct {
	again    []byte         // what a copy is answered with; nil: nothing
	flow     transport.Flow // where that goes
	tag      string         // an INVITE's: our To tag, for a late CANCEL
	accepted bool           // an INVITE's: its final response was a 2xx
	until    time.Time
	next     *entry // the one that goes after this, in the same queue
}

// A span is one of the times for which tombstones stand. All with the same
// span leave in the order in which they came, so a queue serves for each.
type span uint8

const (
	spanT4   span = iota // timers I and K
	spanLong             // timers J and L
	spanD                // timer D
	spans
)

// graveBytes bounds the bytes that all tombstones of a stack keep for
// repetition.
const graveBytes = 256 << 20

// A graveyard holds the tombstones of one shard, under its lock.
type graveyard struct {
	queues [spans]struct{ head, tail *entry }
	n      int64
	bytes  int64
}

func (g *graveyard) push(e *entry, s span) {
	q := &g.queues[s]
	if q.tail == nil {
		q.head = e
	} else {
		q.tail.next = e
	}
	q.tail = e
	g.n++
	g.bytes += int64(len(e.again))
}

func (g *graveyard) pop(s span) *entry {
	q := &g.queues[s]
	e := q.head
	q.head = e.next
	if q.head == nil {
		q.tail = nil
	}
	e.next = nil
	g.n--
	g.bytes -= int64(len(e.again))
	return e
}

// oldest is the span whose first tombstone would go first.
func (g *graveyard) oldest() (s span, ok bool) {
	for i := range spans {
		h := g.queues[i].head
		if h != nil && (!ok || h.until.Before(g.queues[s].head.until)) {
			s, ok = i, true
		}
	}
	return s, ok
}

// sexton keeps the tombstones of a stack in bounds and clears them away. Its
// one timer runs only while there are any, and looks around a few times within
// the shortest span: a tombstone may stand a little longer than it must.
type sexton struct {
	spans   [spans]time.Duration
	tick    time.Duration
	perYard int64
	n       atomic.Int64
	armed   atomic.Bool
	stopped atomic.Bool
	timer   atomic.Pointer[time.Timer]
}

func (x *sexton) set(t4, long, d time.Duration, most int64) {
	x.spans = [spans]time.Duration{spanT4: t4, spanLong: long, spanD: d}
	x.tick = min(max(min(t4, long, d)/10, time.Millisecond), 500*time.Millisecond)
	x.perYard = max(most/shardCount, 1)
}

// bury turns e, which is in the table, into a tombstone.
func (s *Stack) bury(e *entry, g grave, sp span, now time.Time) {
	g.until = now.Add(s.sexton.spans[sp])
	e.shard.mu.Lock()
	e.state, e.server, e.client, e.grave = buried, nil, nil, g
	y := &e.shard.graves
	y.push(e, sp)
	var gone []*entry
	for y.n > s.sexton.perYard || y.bytes > graveBytes/shardCount {
		o, _ := y.oldest()
		gone = append(gone, e.shard.unearth(o))
	}
	e.shard.mu.Unlock()
	s.sexton.n.Add(int64(1 - len(gone)))
	s.forget(gone)
	s.watch()
}

// unearth takes the first tombstone of a queue away; the lock is held.
func (sh *txShard) unearth(sp span) *entry {
	e := sh.graves.pop(sp)
	if sh.m[e.key] == e {
		delete(sh.m, e.key)
	}
	return e
}

func (s *Stack) forget(gone []*entry) {
	for _, e := range gone {
		if e.merge != 0 {
			s.merged.remove(e.merge)
		}
	}
}

// watch starts the timer if it does not run.
func (s *Stack) watch() {
	x := &s.sexton
	if x.stopped.Load() || !x.armed.CompareAndSwap(false, true) {
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
	now := time.Now()
	x := &s.sexton
	for i := range s.txs.shards {
		sh := &s.txs.shards[i]
		var gone []*entry
		sh.mu.Lock()
		for sp := range spans {
			for h := sh.graves.queues[sp].head; h != nil && !h.until.After(now); h = sh.graves.queues[sp].head {
				gone = append(gone, sh.unearth(sp))
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
