// Package mailbox runs work one item at a time without a goroutine of its own.
//
// A [Box] is a serial queue that is drained by whoever posts: the first poster
// runs its item at once and then what came in meanwhile; the others only leave
// their items behind. An [Outbox] is the other kind: its work may block, so it
// runs on a goroutine that exists only while there is work.
//
// Both are a few words when idle, and neither holds a lock across a call.
package mailbox

import "sync"

// Burst is how many items one poster runs before the rest moves to a fresh
// goroutine, so that a socket's reader is never captured by a busy box.
const Burst = 64

// A Handler runs the items of a [Box].
type Handler[T any] interface {
	// Handle runs one item. Calls for one box never overlap, and each sees what
	// the one before it wrote. It must not block. An item that Handle posts to
	// its own box waits its turn; it is never run nested.
	Handle(item T)
	// Go runs f on a new goroutine. The box asks for one only after [Burst]
	// items in a row, or when Handle did not return.
	Go(f func())
}

// A Box is a serial queue that is drained inline by whoever posts. The zero
// value is an empty box. The handler is passed with every post rather than
// kept, which saves two words in each of many idle boxes; it must always be
// the same one. All methods may be called from any goroutine.
type Box[T any] struct {
	mu    sync.Mutex
	queue []entry[T] // nil while nothing waits
	head  int        // the first of queue that has not run
	loose int        // how many that wait were offered rather than posted
	busy  bool       // somebody drains
}

type entry[T any] struct {
	item  T
	loose bool
}

// Post runs item, now when the box is idle, else when its turn comes: in the
// order of the posts. It is never refused.
func (b *Box[T]) Post(h Handler[T], item T) { b.put(h, item, false, 0) }

// Offer is Post for an item that may be lost: it is refused, and false comes
// back, when limit offered items wait already.
func (b *Box[T]) Offer(h Handler[T], item T, limit int) bool {
	return b.put(h, item, true, limit)
}

func (b *Box[T]) put(h Handler[T], item T, loose bool, limit int) bool {
	b.mu.Lock()
	if b.busy {
		if loose {
			if b.loose >= limit {
				b.mu.Unlock()
				return false
			}
			b.loose++
		}
		b.queue = append(b.queue, entry[T]{item, loose})
		b.mu.Unlock()
		return true
	}
	b.busy = true
	b.mu.Unlock()
	b.run(h, item)
	return true
}

// run runs item and then what waits. Should Handle panic or call
// runtime.Goexit, the rest goes on elsewhere: a box never gets stuck.
func (b *Box[T]) run(h Handler[T], item T) {
	returned := false
	defer func() {
		if !returned {
			h.Go(func() { b.drain(h) })
		}
	}()
	for range Burst {
		h.Handle(item)
		var more bool
		if item, more = b.next(); !more {
			returned = true
			return
		}
	}
	returned = true
	rest := item // a copy, so that item itself need not live on the heap
	h.Go(func() { b.run(h, rest) })
}

func (b *Box[T]) drain(h Handler[T]) {
	if item, more := b.next(); more {
		b.run(h, item)
	}
}

// next takes the first item that waits, or makes the box idle.
func (b *Box[T]) next() (item T, more bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.head == len(b.queue) {
		b.queue, b.head, b.busy = nil, 0, false
		return item, false
	}
	e := &b.queue[b.head]
	item = e.item
	if e.loose {
		b.loose--
	}
	*e = entry[T]{} // lets go of what the item points to
	if b.head++; b.head == len(b.queue) {
		b.queue, b.head = b.queue[:0], 0
	}
	return item, true
}

// Idle tells that nothing runs and nothing waits.
func (b *Box[T]) Idle() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.busy
}
