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

// Shutdown ends the manager gracefully: new requests get 503, every usage says
// goodbye, and when the last set is gone the stack closes. When ctx ends first
// the rest is cut off as [Manager.Close] does and the cause of ctx is
// returned.
func (m *Manager) Shutdown(ctx context.Context) error {
	m.draining.Store(true)
	for u := range m.stack.Users() {
		s := (*Set)(u.(*tu))
		s.Do(s.shutdown)
	}
	var err error
	for m.sets.Load() > 0 && err == nil {
		select {
		case <-m.drained:
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
	}
	m.stack.Close()
	return err
}

// Close ends the manager at once, without a word to any peer. Every usage
// hears ErrShutdown.
func (m *Manager) Close() error {
	m.draining.Store(true)
	return m.stack.Close()
}
