package stack

import (
	"hash/maphash"
	"sync"
)

// txTable holds every transaction of the stack, server and client, live ones
// and tombstones, by transaction key.
type txTable struct {
	seed   maphash.Seed
	shards [shardCount]txShard
}

type txShard struct {
	mu     sync.Mutex
	m      map[string]*entry
	graves graveyard
}

// An entry is the place of one transaction in the table. What is below the
// line is guarded by the shard's lock.
type entry struct {
	key   string
	shard *txShard
	merge uint64 // its key in the table of merged requests; 0: none
	// ----
	state   entryState
	server  *ServerTx  // reserved or live, of a server transaction
	client  *ClientTx  // live, of a client transaction
	waiting []*Inbound // CANCELs that came while reserved
	grave
}

type entryState uint8

const (
	reserved entryState = iota // the request is being taken; copies of it are not
	live                       // its strand handles it
	buried                     // it is a tombstone
)

// found is what a look-up tells: a copy, for the entry may change meanwhile.
type found struct {
	state  entryState
	server *ServerTx
	client *ClientTx
	grave  grave
}

func newTxTable(seed maphash.Seed) *txTable {
	t := &txTable{seed: seed}
	for i := range t.shards {
		t.shards[i].m = make(map[string]*entry)
	}
	return t
}

func (t *txTable) of(key []byte) *txShard {
	return &t.shards[maphash.Bytes(t.seed, key)%shardCount]
}

// find looks a transaction up. It allocates nothing.
func (t *txTable) find(key []byte) (f found, ok bool) {
	sh := t.of(key)
	sh.mu.Lock()
	e := sh.m[string(key)]
	if e != nil {
		f, ok = found{e.state, e.server, e.client, e.grave}, true
	}
	sh.mu.Unlock()
	return f, ok
}

// insert enters e, whose key is given, in its present state, unless somebody
// was quicker: then false comes back and e is not to be used.
func (t *txTable) insert(e *entry, key []byte) bool {
	e.key = string(key)
	e.shard = t.of(key)
	e.shard.mu.Lock()
	defer e.shard.mu.Unlock()
	if _, taken := e.shard.m[e.key]; taken {
		return false
	}
	e.shard.m[e.key] = e
	return true
}

// publish makes a reserved transaction known to others and returns the CANCELs
// that have been waiting for that. The transaction may have become a tombstone
// already.
func (e *entry) publish() []*Inbound {
	e.shard.mu.Lock()
	defer e.shard.mu.Unlock()
	if e.state == reserved {
		e.state = live
	}
	w := e.waiting
	e.waiting = nil
	return w
}

// wait keeps a CANCEL until its INVITE, which is reserved, has been taken.
// False comes back when that has happened.
func (t *txTable) wait(key []byte, cancel *Inbound) bool {
	sh := t.of(key)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	e := sh.m[string(key)]
	if e == nil || e.state != reserved {
		return false
	}
	if len(e.waiting) == 0 { // one is as good as many copies of it
		e.waiting = append(e.waiting, cancel)
	}
	return true
}

// drop takes e out of the table. A tombstone stays in its queue, which does no
// harm.
func (e *entry) drop() {
	e.shard.mu.Lock()
	defer e.shard.mu.Unlock()
	if e.shard.m[e.key] == e {
		delete(e.shard.m, e.key)
	}
}
