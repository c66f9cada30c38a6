package mailbox

import (
	"runtime"
	"slices"
	"sync"
	"testing"
	"unsafe"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder is a handler that keeps what it was given.
type recorder struct {
	box    Box[int]
	got    []int
	depth  int
	onItem func(int)
	spawns int
	wg     sync.WaitGroup
}

func (r *recorder) Handle(i int) {
	r.depth++
	if r.depth != 1 {
		panic("a second item runs")
	}
	defer func() { r.depth-- }()
	r.got = append(r.got, i)
	if r.onItem != nil {
		r.onItem(i)
	}
}

func (r *recorder) Go(f func()) {
	r.spawns++
	r.wg.Go(f)
}

func TestBoxRunsInline(t *testing.T) {
	r := &recorder{}
	r.box.Post(r, 1)
	if !slices.Equal(r.got, []int{1}) {
		t.Fatalf("got %v before Post returned", r.got)
	}
	if !r.box.Idle() {
		t.Error("not idle afterwards")
	}
}

func TestBoxQueuesWhatItsOwnTurnPosts(t *testing.T) {
	r := &recorder{}
	r.onItem = func(i int) {
		if i == 1 {
			r.box.Post(r, 2)
			r.box.Post(r, 3)
			if len(r.got) != 1 {
				t.Error("ran nested")
			}
		}
	}
	r.box.Post(r, 1)
	if !slices.Equal(r.got, []int{1, 2, 3}) {
		t.Fatalf("got %v", r.got)
	}
}

func TestBoxBoundsOnlyWhatWasOffered(t *testing.T) {
	r := &recorder{}
	var taken []bool
	r.onItem = func(i int) {
		if i != 0 {
			return
		}
		for n := range 4 {
			taken = append(taken, r.box.Offer(r, 10+n, 2))
		}
		r.box.Post(r, 20)
	}
	if !r.box.Offer(r, 0, 2) {
		t.Fatal("an idle box refused")
	}
	if !slices.Equal(taken, []bool{true, true, false, false}) {
		t.Errorf("taken %v", taken)
	}
	if !slices.Equal(r.got, []int{0, 10, 11, 20}) {
		t.Errorf("got %v", r.got)
	}
	r.onItem = nil
	if !r.box.Offer(r, 30, 1) {
		t.Error("the bound did not recover")
	}
}

func TestBoxLeavesThePosterAfterABurst(t *testing.T) {
	r := &recorder{}
	const n = 3*Burst + 7
	r.onItem = func(i int) {
		if i == 0 {
			for k := range n {
				r.box.Post(r, k+1)
			}
		}
	}
	r.box.Post(r, 0)
	r.wg.Wait()
	if len(r.got) != n+1 || !slices.IsSorted(r.got) {
		t.Fatalf("%d items, sorted %v", len(r.got), slices.IsSorted(r.got))
	}
	if r.spawns != 3 {
		t.Errorf("%d moves to a fresh goroutine, want 3", r.spawns)
	}
}

func TestBoxIsSerialAndFIFOPerPoster(t *testing.T) {
	r := &recorder{}
	const posters, each = 8, 500
	var wg sync.WaitGroup
	for p := range posters {
		wg.Go(func() {
			for k := range each {
				r.box.Post(r, p*each+k)
			}
		})
	}
	wg.Wait()
	done := make(chan struct{})
	r.box.Post(r, -1)
	go func() {
		defer close(done)
		for !r.box.Idle() {
			runtime.Gosched()
		}
	}()
	<-done
	r.wg.Wait()
	last := map[int]int{}
	for _, v := range r.got[:len(r.got)-1] {
		p := v / each
		if prev, ok := last[p]; ok && v != prev+1 {
			t.Fatalf("poster %d: %d after %d", p, v, prev)
		}
		last[p] = v
	}
	if len(r.got) != posters*each+1 {
		t.Fatalf("%d items", len(r.got))
	}
}

func TestBoxSurvivesAHandlerThatDoesNotReturn(t *testing.T) {
	for name, leave := range map[string]func(){
		"panic":  func() { panic("boom") },
		"goexit": runtime.Goexit,
	} {
		t.Run(name, func(t *testing.T) {
			r := &recorder{}
			r.onItem = func(i int) {
				if i == 1 {
					r.box.Post(r, 2)
					leave()
				}
			}
			var wg sync.WaitGroup
			wg.Go(func() {
				defer func() { _ = recover() }()
				r.box.Post(r, 1)
			})
			wg.Wait()
			r.wg.Wait()
			r.box.Post(r, 3)
			if !slices.Equal(r.got, []int{1, 2, 3}) {
				t.Errorf("got %v", r.got)
			}
		})
	}
}

func TestIdleSize(t *testing.T) {
	if n := unsafe.Sizeof(Box[int]{}); n > 56 {
		t.Errorf("an idle box takes %d bytes", n)
	}
	if n := unsafe.Sizeof(Outbox{}); n > 48 {
		t.Errorf("an idle outbox takes %d bytes", n)
	}
}

type null struct {
	box Box[item]
	sum int
}

type item struct {
	kind int
	_    [5]*int // about as much as the stack's events
}

func (n *null) Handle(i item) { n.sum += i.kind }
func (n *null) Go(f func())   { go f() }

func TestPostToAnIdleBoxDoesNotAllocate(t *testing.T) {
	n := &null{}
	if a := testing.AllocsPerRun(100, func() { n.box.Post(n, item{kind: 1}) }); a != 0 {
		t.Errorf("%v allocations", a)
	}
}

func BenchmarkBoxIdle(b *testing.B) {
	n := &null{}
	b.ReportAllocs()
	for b.Loop() {
		n.box.Post(n, item{kind: 1})
	}
}

func BenchmarkBoxContended(b *testing.B) {
	n := &null{}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n.box.Post(n, item{kind: 1})
		}
	})
}
