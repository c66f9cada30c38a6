package stack

import "sync"

// tasks counts the goroutines that run work of the stack outside of its
// transports: timers that have fired, and mailboxes that have left the reader.
// Unlike a WaitGroup it can be closed: then nothing new begins.
type tasks struct {
	mu     sync.Mutex
	n      int
	closed bool
	idle   chan struct{} // closed when the last one ends after close
}

// enter begins a task, unless the stack is closing.
func (k *tasks) enter() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return false
	}
	k.n++
	return true
}

func (k *tasks) leave() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.n--; k.n == 0 && k.closed {
		close(k.idle)
	}
}

// close lets nothing more begin and waits for what runs.
func (k *tasks) close() {
	k.mu.Lock()
	k.closed = true
	wait := k.n > 0
	if wait {
		k.idle = make(chan struct{})
	}
	k.mu.Unlock()
	if wait {
		<-k.idle
	}
}
