package stack

import (
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"strings"
	"testing"

	"dum/transport"
)

// A graveyard against the plainest thing that does the same.
func TestGraveyard(t *testing.T) {
	type plain struct {
		key   string
		until int64
		g     grave
		flow  transport.Flow
	}
	var y graveyard
	var queues [spans][]plain
	seed := maphash.MakeSeed()
	rnd := rand.New(rand.NewPCG(1, 2))
	check := func(p plain) {
		t.Helper()
		g, f, ok := y.find(maphash.String(seed, p.key), []byte(p.key))
		if !ok || string(g.again) != string(p.g.again) || string(g.tag) != string(p.g.tag) ||
			g.accepted != p.g.accepted || g.merge != p.g.merge || f != p.flow {
			t.Fatalf("%s: found %v %v %v", p.key, g, f, ok)
		}
	}
	n, size := 0, 0
	for i := range 20_000 {
		// Now more come than go, now the other way round.
		if rnd.IntN(3) > i/5000%2 || n == 0 {
			p := plain{key: fmt.Sprint("key", i), until: int64(i), g: grave{
				tag:      []byte(strings.Repeat("t", rnd.IntN(20))),
				again:    []byte(strings.Repeat("r", rnd.IntN(600))),
				accepted: rnd.IntN(2) == 0,
				merge:    rnd.Uint64(),
			}}
			if rnd.IntN(100) == 0 {
				p.g.again = []byte(strings.Repeat("R", 70_000+rnd.IntN(70_000)))
			}
			if rnd.IntN(5) == 0 {
				p.flow = fakeFlow{remote: peerAddr}
			}
			s := span(rnd.IntN(int(spans)))
			queues[s] = append(queues[s], p)
			y.push(s, p.until, maphash.String(seed, p.key), p.key, p.g, p.flow)
			n++
			size += headerLen + len(p.key) + len(p.g.tag) + len(p.g.again)
			check(p)
			continue
		}
		s := y.soonest()
		p := queues[s][0]
		queues[s] = queues[s][1:]
		for o := range spans {
			if len(queues[o]) > 0 && queues[o][0].until < p.until {
				t.Fatalf("span %d is not the soonest", s)
			}
		}
		check(p)
		if until, ok := y.oldest(s); !ok || until != p.until {
			t.Fatalf("oldest: %d %v", until, ok)
		}
		if m := y.pop(s); m != p.g.merge {
			t.Fatalf("merge key %d", m)
		}
		n--
		size -= headerLen + len(p.key) + len(p.g.tag) + len(p.g.again)
		if _, _, ok := y.find(maphash.String(seed, p.key), []byte(p.key)); ok {
			t.Fatal("there after it was popped")
		}
		if y.n != int64(n) || y.bytes != int64(size) {
			t.Fatalf("%d in %d bytes, want %d in %d", y.n, y.bytes, n, size)
		}
	}
	for s := range spans {
		for _, p := range queues[s] {
			check(p)
		}
		for range queues[s] {
			y.pop(s)
		}
		if _, ok := y.oldest(s); ok || y.queues[s].chunks != nil {
			t.Error("a queue is not empty")
		}
	}
	if y.n != 0 || y.bytes != 0 || y.index != nil || y.flows != nil {
		t.Errorf("not empty: %+v", y)
	}
}

// The same key again, as after a merge of spans, is found as it was last; and a
// key that only shares the hash is not found.
func TestGraveyardIndex(t *testing.T) {
	var y graveyard
	y.push(spanT4, 1, 7, "a", grave{again: []byte("first")}, nil)
	y.push(spanLong, 2, 7, "a", grave{again: []byte("second")}, nil)
	y.pop(spanT4)
	if g, _, ok := y.find(7, []byte("a")); !ok || string(g.again) != "second" {
		t.Errorf("found %q %v", g.again, ok)
	}
	if _, _, ok := y.find(7, []byte("b")); ok {
		t.Error("found another key")
	}
}

func BenchmarkGraveyard(b *testing.B) {
	var y graveyard
	g := grave{again: make([]byte, 350)}
	key := strings.Repeat("k", 70)
	i := uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		i++
		y.push(spanLong, int64(i), i, key, g, nil)
		if y.n > 1000 {
			y.pop(spanLong)
		}
	}
}
