package dialog

import (
	"context"
	"net/netip"
)

// Listen opens a listening point, such as "udp://127.0.0.1:5060" or
// "tcp://:0", and returns its real address.
func (m *Manager) Listen(ctx context.Context, uri string) (netip.AddrPort, error) {
	return m.stack.Listen(ctx, uri)
}

// Shutdown ends the manager gracefully: requests that would open a set get 503,
// NewSet answers ErrShutdown, every usage is asked to say goodbye, those that
// appear meanwhile too, and when the last set is gone the manager closes. When
// ctx ends first the rest is cut off as [Manager.Close] does and the cause of
// ctx is returned. It may be called several times, also at once: each call
// returns when the manager is down. It must not be called in a turn.
func (m *Manager) Shutdown(ctx context.Context) error {
	m.draining.Store(true) // before anything is counted, see open
	for u := range m.stack.Users() {
		// A turn is enough: whoever leaves one while the manager drains asks the
		// usages, see Set.leave.
		(*Set)(u.(*tu)).Do(func(*Turn) {})
	}
	if m.sets.Load() == 0 {
		m.signal()
	}
	var err error
	select {
	case <-m.drained:
	default:
		select {
		case <-m.drained:
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
	}
	m.close()
	return err
}

// Close ends the manager at once, without a word to any peer: every usage and
// every request under way hears ErrShutdown. When it returns no goroutine of
// the manager is left, but for callbacks of the application that have not
// returned and resolvers that ignore their context, which it waits for. It must
// not be called in a turn.
func (m *Manager) Close() error {
	m.draining.Store(true)
	return m.close()
}

func (m *Manager) close() error {
	m.lookups.cancel()
	err := m.stack.Close()
	m.lookups.wait()
	return err
}

// goodbye asks the usages to say goodbye that have not been asked. Those that
// come of it are asked as well; one that keeps adding others is left alone
// after a while, until the next turn.
func (s *Set) goodbye(t *Turn) {
	for range 16 + len(s.usages) {
		u := s.unasked()
		if u == nil {
			return
		}
		u.Shutdown(t)
	}
}

// unasked finds a usage that has not been asked to say goodbye, and notes that
// it is, wherever it is attached.
func (s *Set) unasked() (u Usage) {
	for i := range s.usages {
		a := &s.usages[i]
		if u == nil && !a.asked {
			u = a.usage
		}
		if u == a.usage {
			a.asked = true
		}
	}
	return u
}
