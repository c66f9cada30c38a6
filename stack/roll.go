package stack

import (
	"iter"
	"sync"
	"sync/atomic"
)

// roll lists every strand that has not gone, for the overload gate and for the
// end of the stack.
type roll struct {
	n      atomic.Int64
	turn   atomic.Uint32
	shards [16]struct {
		mu   sync.Mutex
		head *Strand
	}
}

// slot is a strand's place in the roll: a list through the strands themselves.
type slot struct {
	shard      uint8
	prev, next *Strand
}

func (r *roll) add(st *Strand) {
	r.n.Add(1)
	st.slot.shard = uint8(r.turn.Add(1) % uint32(len(r.shards)))
	sh := &r.shards[st.slot.shard]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.head != nil {
		sh.head.slot.prev = st
	}
	st.slot.next, sh.head = sh.head, st
}

func (r *roll) remove(st *Strand) {
	r.n.Add(-1)
	sh := &r.shards[st.slot.shard]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if st.slot.prev != nil {
		st.slot.prev.slot.next = st.slot.next
	} else {
		sh.head = st.slot.next
	}
	if st.slot.next != nil {
		st.slot.next.slot.prev = st.slot.prev
	}
	st.slot.prev, st.slot.next = nil, nil
}

// all yields the strands that are there, holding no lock meanwhile.
func (r *roll) all() iter.Seq[*Strand] {
	return func(yield func(*Strand) bool) {
		for i := range r.shards {
			sh := &r.shards[i]
			var some []*Strand
			sh.mu.Lock()
			for st := sh.head; st != nil; st = st.slot.next {
				some = append(some, st)
			}
			sh.mu.Unlock()
			for _, st := range some {
				if !yield(st) {
					return
				}
			}
		}
	}
}
