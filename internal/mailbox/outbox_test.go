package mailbox

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

func TestOutboxRunsInOrderOffTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o Outbox
		gate := make(chan struct{})
		var got []int
		o.Post(func() { <-gate; got = append(got, 0) })
		for i := range 100 {
			o.Post(func() { got = append(got, i+1) })
		}
		synctest.Wait()
		if len(got) != 0 || o.Idle() {
			t.Fatalf("got %v while the first one blocks", got)
		}
		close(gate)
		synctest.Wait()
		if len(got) != 101 || !slices.IsSorted(got) {
			t.Fatalf("got %v", got)
		}
		if !o.Idle() {
			t.Error("not idle afterwards")
		}
	})
}

func TestOutboxReportsAPanicAndGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var value any
		var stack string
		o := Outbox{Report: func(v any, s []byte) { value, stack = v, string(s) }}
		ran := false
		o.Post(func() { culprit() })
		o.Post(func() { ran = true })
		synctest.Wait()
		if value != "boom" || !strings.Contains(stack, "culprit") {
			t.Errorf("reported %v with stack %q", value, stack)
		}
		if !ran {
			t.Error("the queue stopped")
		}
	})
}

func culprit() { panic("boom") }

func TestOutboxGoesOnAfterGoexit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o Outbox
		ran := false
		gate := make(chan struct{})
		o.Post(func() { <-gate; runtime.Goexit() })
		o.Post(func() { ran = true })
		close(gate)
		synctest.Wait()
		if !ran || !o.Idle() {
			t.Errorf("ran %v, idle %v", ran, o.Idle())
		}
		o.Post(func() { runtime.Goexit() }) // nothing behind it
		synctest.Wait()
		if !o.Idle() {
			t.Error("an empty outbox stayed busy")
		}
	})
}

func TestOutboxPostsFromItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o Outbox
		var got []string
		o.Post(func() {
			o.Post(func() { got = append(got, "inner") })
			got = append(got, "outer")
		})
		synctest.Wait()
		if !slices.Equal(got, []string{"outer", "inner"}) {
			t.Errorf("got %v", got)
		}
	})
}

func BenchmarkOutbox(b *testing.B) {
	var o Outbox
	var wg sync.WaitGroup
	b.ReportAllocs()
	for b.Loop() {
		wg.Add(1)
		o.Post(wg.Done)
	}
	wg.Wait()
}
