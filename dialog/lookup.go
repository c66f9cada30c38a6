package dialog

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"dum/resolve"
	"dum/trace"
)

// lookups are the names that are being looked up, outside of any turn: their
// goroutines, and what ends them all.
type lookups struct {
	life   context.Context
	cancel context.CancelFunc

	mu     sync.Mutex
	n      int
	closed bool
	idle   sync.Cond // signalled when n is 0
}

var errResolver = fmt.Errorf("%w: the resolver failed", ErrNoTarget)

func (l *lookups) init() {
	l.life, l.cancel = context.WithCancel(context.Background())
	l.idle.L = &l.mu
}

// enter begins a look-up, unless wait was called.
func (l *lookups) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.n++
	return true
}

func (l *lookups) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.n--; l.n == 0 {
		l.idle.Broadcast()
	}
}

// wait lets nothing more begin and waits for what runs.
func (l *lookups) wait() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for l.n > 0 {
		l.idle.Wait()
	}
}

// lookup finds the targets of a name outside of the turn and comes back with
// them, or with the error, in a turn of its own. It takes no longer than a
// request has, 64*T1; stop ends it early.
func (s *Set) lookup(q resolve.Query, back func(t *Turn, targets []resolve.Target, err error)) (stop context.CancelFunc) {
	m := s.manager
	ctx, stop := context.WithTimeout(m.lookups.life, m.stack.Timers().B())
	if !m.lookups.enter() {
		s.Do(func(t *Turn) { back(t, nil, ErrShutdown) })
		return stop
	}
	// One look-up, as long as the resolver takes, and the turn that follows it.
	go func() {
		defer m.lookups.leave()
		defer stop()
		var targets []resolve.Target
		err := errResolver // should it end its goroutine, as a test's FailNow does
		defer func() { s.Do(func(t *Turn) { back(t, targets, err) }) }()
		targets, err = s.resolve(ctx, q)
	}()
	return stop
}

// resolve asks the resolver, which is the application's and may panic.
func (s *Set) resolve(ctx context.Context, q resolve.Query) (targets []resolve.Target, err error) {
	defer func() {
		if v := recover(); v != nil {
			s.panicked(v)
			targets, err = nil, errResolver
		}
	}()
	if targets, err = s.manager.stack.Resolve(ctx, q); err != nil {
		err = fmt.Errorf("%w: %w", ErrNoTarget, err)
	}
	return targets, err
}

// panicked notes a panic in code of the application.
func (s *Set) panicked(v any) {
	if tr := s.manager.trace; tr.On() {
		tr.Record(time.Now(), trace.Panic{CallID: s.key.CallID, Value: v, Stack: debug.Stack()})
	}
}
