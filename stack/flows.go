package stack

import (
	"hash/maphash"
	"sync"

	"dum/transport"
)

// flowTable lists the live client transactions of each flow, so that they fail
// at once when the flow does.
type flowTable struct {
	seed   maphash.Seed
	shards [16]struct {
		mu sync.Mutex
		m  map[transport.Flow]*ClientTx // the first of a list through the transactions
	}
}

// onFlow is a transaction's place in the list of its flow.
type onFlow struct{ prev, next *ClientTx }

func newFlowTable(seed maphash.Seed) *flowTable {
	t := &flowTable{seed: seed}
	for i := range t.shards {
		t.shards[i].m = make(map[transport.Flow]*ClientTx)
	}
	return t
}

func (t *flowTable) of(f transport.Flow) (*sync.Mutex, map[transport.Flow]*ClientTx) {
	sh := &t.shards[maphash.Comparable(t.seed, f)%uint64(len(t.shards))]
	return &sh.mu, sh.m
}

func (t *flowTable) add(tx *ClientTx) {
	mu, m := t.of(tx.flow)
	mu.Lock()
	defer mu.Unlock()
	head := m[tx.flow]
	if head != nil {
		head.onFlow.prev = tx
	}
	tx.onFlow = onFlow{next: head}
	m[tx.flow] = tx
}

func (t *flowTable) remove(tx *ClientTx) {
	mu, m := t.of(tx.flow)
	mu.Lock()
	defer mu.Unlock()
	p, n := tx.onFlow.prev, tx.onFlow.next
	if n != nil {
		n.onFlow.prev = p
	}
	switch {
	case p != nil:
		p.onFlow.next = n
	case n != nil:
		m[tx.flow] = n
	default:
		delete(m, tx.flow)
	}
	tx.onFlow = onFlow{}
}

// on lists the transactions of a flow.
func (t *flowTable) on(f transport.Flow) (txs []*ClientTx) {
	mu, m := t.of(f)
	mu.Lock()
	defer mu.Unlock()
	for tx := m[f]; tx != nil; tx = tx.onFlow.next {
		txs = append(txs, tx)
	}
	return txs
}
