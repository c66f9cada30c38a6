package stack

import (
	"hash/maphash"
	"sync"

	"dum/transport"
)

// txTable holds every transaction of the stack by its key: the live ones, and
// the tombstones of those that have had their final response.
type txTable struct {
	seed   maphash.Seed
	shards [shardCount]txShard
}

type txShard struct {
	mu     sync.Mutex
	live   map[string]*entry
	graves graveyard
}

// An entry is the place of a live transaction in the table. What is below the
// line is guarded by the shard's lock.
type entry struct {
	key   string
	hash  uint64
	shard *txShard
	merge uint64 // its key in the table of merged requests; 0: none
	// ----
	taken   bool       // the strand has it; before, it is only reserved
	gone    bool       // it is no longer in the table
	server  *ServerTx  // of a server transaction
	client  *ClientTx  // of a client transaction
	waiting []*Inbound // a CANCEL that came while it was reserved
}

// entryState is what a look-up found.
type entryState uint8

const (
	nothing  entryState = iota
	reserved            // the request is being taken; copies of it are not
	live                // its strand handles it
	buried              // it is a tombstone
)

// found is what a look-up tells: a copy, for the table may change meanwhile.
type found struct {
	state  entryState
	server *ServerTx
	client *ClientTx
	grave  grave
	flow   transport.Flow // where grave.again goes, of a client transaction
}

func newTxTable(seed maphash.Seed) *txTable {
	t := &txTable{seed: seed}
	for i := range t.shards {
		t.shards[i].live = make(map[string]*entry)
	}
	return t
}

func (t *txTable) of(hash uint64) *txShard { return &t.shards[hash%shardCount] }

// find looks a transaction up. It allocates nothing.
func (t *txTable) find(key []byte) found {
	hash := maphash.Bytes(t.seed, key)
	sh := t.of(hash)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	return sh.find(hash, key)
}

func (sh *txShard) find(hash uint64, key []byte) (f found) {
	if e := sh.live[string(key)]; e != nil {
		f.state, f.server, f.client = reserved, e.server, e.client
		if e.taken {
			f.state = live
		}
		return f
	}
	if g, flow, ok := sh.graves.find(hash, key); ok {
		f.state, f.grave, f.flow = buried, g, flow
	}
	return f
}

// insert enters e under a key. If somebody was quicker it is not entered, and
// what is there comes back.
func (t *txTable) insert(e *entry, key []byte) (f found, ok bool) {
	e.key = string(key)
	e.hash = maphash.Bytes(t.seed, key)
	e.shard = t.of(e.hash)
	e.shard.mu.Lock()
	defer e.shard.mu.Unlock()
	if f = e.shard.find(e.hash, key); f.state != nothing {
		return f, false
	}
	e.shard.live[e.key] = e
	return f, true
}

// publish makes a reserved transaction known to others and returns the CANCEL
// that has been waiting for that. The transaction may be over already.
func (e *entry) publish() []*Inbound {
	e.shard.mu.Lock()
	defer e.shard.mu.Unlock()
	e.taken = true
	w := e.waiting
	e.waiting = nil
	return w
}

// wait keeps a CANCEL until its INVITE, which is reserved, has been taken.
// False comes back when that has happened.
func (t *txTable) wait(key []byte, cancel *Inbound) bool {
	sh := t.of(maphash.Bytes(t.seed, key))
	sh.mu.Lock()
	defer sh.mu.Unlock()
	e := sh.live[string(key)]
	if e == nil || e.taken {
		return false
	}
	if len(e.waiting) == 0 { // one is as good as many copies of it
		e.waiting = append(e.waiting, cancel)
	}
	return true
}

// drop takes e out of the table.
func (e *entry) drop() {
	e.shard.mu.Lock()
	defer e.shard.mu.Unlock()
	e.remove()
}

func (e *entry) remove() {
	if !e.gone {
		e.gone = true
		delete(e.shard.live, e.key)
	}
}
