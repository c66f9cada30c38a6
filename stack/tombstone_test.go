package stack

import (
	"fmt"
	"hash/maphash"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The number of tombstones is bounded; the oldest give way.
func TestTombstonesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{MaxTombstones: 2 * shardCount})
		r.user.onRequest = replyAndClose(200)
		text := func(i int) string {
			return req{method: "OPTIONS", callID: fmt.Sprint(i), branch: fmt.Sprint("z9hG4bK", i)}.String()
		}
		const n = 10 * shardCount
		for i := range n {
			r.udp.in(peerAddr, text(i))
		}
		if got := r.stack.Stats().Tombstones; got > 2*shardCount || got < shardCount {
			t.Errorf("%d tombstones", got)
		}
		r.user.hears()
		r.udp.in(peerAddr, text(n-1))
		r.user.want(t)
		r.udp.in(peerAddr, text(0))
		r.user.want(t, "OPTIONS")
		r.finish()
	})
}

// So are the bytes that they keep.
func TestTombstoneBytesAreBounded(t *testing.T) {
	seed := maphash.MakeSeed()
	s := &Stack{merged: newSharded[uint64, struct{}](seed), txs: newTxTable(seed)}
	s.sexton.set(5*time.Second, 32*time.Second, 32*time.Second, 1<<40)
	s.sexton.dismiss()
	sh := &s.txs.shards[0]
	for i := range 100 {
		e := &entry{key: fmt.Sprint(i), hash: uint64(i), shard: sh}
		sh.live[e.key] = e
		s.bury(e, grave{again: []byte(strings.Repeat("x", 100_000))}, nil, spanLong, time.Now())
	}
	if n := sh.graves.n; sh.graves.bytes > graveBytes/shardCount || len(sh.graves.index) != int(n) || n < 30 || len(sh.live) != 0 {
		t.Errorf("%d bytes in %d tombstones, %d of them in the index", sh.graves.bytes, n, len(sh.graves.index))
	}
}

// One timer serves all; it ticks only while there is something to clear away.
func TestTombstonesOfAllSpans(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		r.user.onRequest = replyAndClose(200)
		for i := range 100 {
			r.udp.in(peerAddr, req{method: "OPTIONS", callID: fmt.Sprint(i), branch: fmt.Sprint("z9hG4bKa", i)}.String())
			time.Sleep(100 * ms)
		}
		r.user.onRequest = replyAndClose(486)
		for i := range 100 {
			r.udp.in(peerAddr, req{method: "INVITE", callID: fmt.Sprint("b", i), branch: fmt.Sprint("z9hG4bKb", i)}.String())
			r.udp.in(peerAddr, req{method: "ACK", callID: fmt.Sprint("b", i), branch: fmt.Sprint("z9hG4bKb", i),
				to: fmt.Sprint("<sip:us@192.0.2.1>;tag=tag", 100+i)}.String())
		}
		if n := r.stack.Stats().Tombstones; n != 200 {
			t.Errorf("%d tombstones", n)
		}
		time.Sleep(6 * time.Second) // T4 is over
		synctest.Wait()
		if n := r.stack.Stats().Tombstones; n != 100 {
			t.Errorf("%d tombstones after T4", n)
		}
		time.Sleep(21 * time.Second) // the first OPTIONS are 32 s old, and some
		synctest.Wait()
		if n := r.stack.Stats().Tombstones; n < 40 || n > 60 {
			t.Errorf("%d tombstones after 32 s", n)
		}
		r.finish()
	})
}
