package mailbox

import (
	"runtime/debug"
	"sync"
)

// An Outbox runs functions one after the other, in the order of their posts,
// on a goroutine that exists only while there is work. It is the way out of a
// turn for code that may block: handlers of the user above all. The zero value
// is ready. All methods may be called from any goroutine.
type Outbox struct {
	// Report is told of a panic in a function, with the stack of its goroutine;
	// the queue goes on with the next. When it is nil a panic is not caught and
	// ends the program, as anywhere in Go. It must not be changed after the
	// first Post.
	Report func(value any, stack []byte)

	mu    sync.Mutex
	queue []func() // nil while idle
	busy  bool
}

// Post adds f to the queue and returns at once.
func (o *Outbox) Post(f func()) {
	o.mu.Lock()
	if o.busy {
		o.queue = append(o.queue, f)
		o.mu.Unlock()
		return
	}
	o.busy = true
	o.mu.Unlock()
	// One goroutine runs all work of this outbox and ends with the last of it.
	go o.run(f)
}

// Idle tells that nothing runs and nothing waits.
func (o *Outbox) Idle() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.busy
}

func (o *Outbox) run(f func()) {
	growStack(1)
	for more := true; more; f, more = o.next() {
		o.call(f)
	}
}

// call runs f. A panic is reported; runtime.Goexit (a test's FailNow) ends the
// goroutine, so the rest of the queue needs another.
func (o *Outbox) call(f func()) {
	returned := false
	defer func() {
		if returned {
			return
		}
		if v := recover(); v != nil {
			if o.Report == nil {
				panic(v)
			}
			o.Report(v, debug.Stack())
			return
		}
		if f, more := o.next(); more {
			// The work behind a function that ended its goroutine.
			go o.run(f)
		}
	}()
	f()
	returned = true
}

func (o *Outbox) next() (f func(), more bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.queue) == 0 {
		o.queue, o.busy = nil, false
		return nil, false
	}
	f = o.queue[0]
	o.queue[0] = nil
	o.queue = o.queue[1:]
	return f, true
}

// growStack makes the stack of a fresh goroutine as large as the work of a turn
// needs it. A goroutine begins with 2 KB, and what runs here answers calls, some
// thirty frames deep: growing on the way means copying those frames three times,
// which was a seventh of the CPU of a whole call. Here there is nothing to copy
// yet.
//
//go:noinline
func growStack(at int) byte {
	var room [7 << 10]byte
	room[at] = 1 // at is not known when this is compiled, so room has to be there
	return room[at/2]
}
