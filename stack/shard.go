package stack

import (
	"hash/maphash"
	"iter"
	"sync"
)

const shardCount = 64

// sharded is a map cut in shards, each with a lock that is held for a look-up,
// an insertion or a deletion and across nothing else.
type sharded[K comparable, V any] struct {
	seed   maphash.Seed
	shards [shardCount]shard[K, V]
}

type shard[K comparable, V any] struct {
	mu sync.Mutex
	m  map[K]V
	_  [48]byte // keeps the locks of two shards off one cache line
}

func newSharded[K comparable, V any](seed maphash.Seed) *sharded[K, V] {
	t := &sharded[K, V]{seed: seed}
	for i := range t.shards {
		t.shards[i].m = make(map[K]V)
	}
	return t
}

func (t *sharded[K, V]) of(k K) *shard[K, V] {
	return &t.shards[maphash.Comparable(t.seed, k)%shardCount]
}

func (t *sharded[K, V]) get(k K) (V, bool) {
	sh := t.of(k)
	sh.mu.Lock()
	v, ok := sh.m[k]
	sh.mu.Unlock()
	return v, ok
}

// insert enters v unless the key is taken.
func (t *sharded[K, V]) insert(k K, v V) bool {
	sh := t.of(k)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if _, taken := sh.m[k]; taken {
		return false
	}
	sh.m[k] = v
	return true
}

func (t *sharded[K, V]) remove(k K) {
	sh := t.of(k)
	sh.mu.Lock()
	delete(sh.m, k)
	sh.mu.Unlock()
}

// all yields what is there, shard by shard, holding no lock meanwhile.
func (t *sharded[K, V]) all() iter.Seq2[K, V] {
	type pair struct {
		k K
		v V
	}
	return func(yield func(K, V) bool) {
		var some []pair
		for i := range t.shards {
			sh := &t.shards[i]
			some = some[:0]
			sh.mu.Lock()
			for k, v := range sh.m {
				some = append(some, pair{k, v})
			}
			sh.mu.Unlock()
			for _, p := range some {
				if !yield(p.k, p.v) {
					return
				}
			}
		}
	}
}
