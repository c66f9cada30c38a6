package transport

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// fakeWire is a wire without a socket. It takes room bytes at once; write waits
// for a token of gate.
type fakeWire struct {
	mu       sync.Mutex
	room     int
	out      []byte
	finished bool
	gate     chan struct{}
	in       chan error // what read answers
	closed   chan struct{}
	once     sync.Once
}

func newFakeWire() *fakeWire {
	return &fakeWire{gate: make(chan struct{}), in: make(chan error), closed: make(chan struct{})}
}

func (w *fakeWire) read() ([]byte, error) {
	select {
	case err := <-w.in:
		return []byte("message"), err
	case <-w.closed:
		return nil, errors.New("closed")
	}
}

func (w *fakeWire) try(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := min(w.room, len(b))
	w.room -= n
	w.out = append(w.out, b[:n]...)
	return n, nil
}

func (w *fakeWire) write(msgs [][]byte) error {
	select {
	case <-w.gate:
	case <-w.closed:
		return errors.New("closed")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.out = append(w.out, slices.Concat(msgs...)...)
	return nil
}

func (w *fakeWire) finish() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.finished = true
}

func (w *fakeWire) discard(until time.Time) {
	select {
	case <-time.After(time.Until(until)):
	case <-w.closed:
	}
}

func (w *fakeWire) close()                { w.once.Do(func() { close(w.closed) }) }
func (w *fakeWire) local() netip.AddrPort { return netip.MustParseAddrPort("127.0.0.1:4000") }

func (w *fakeWire) setRoom(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.room = n
}

func (w *fakeWire) state() (out string, finished bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.out), w.finished
}

// endings is a handler that keeps how connections end.
type endings struct {
	malformed func(Flow)
	mu        sync.Mutex
	errs      []error
}

func (*endings) Receive(Flow, []byte) {}

func (e *endings) Malformed(f Flow, _ []byte, _ int) {
	if e.malformed != nil {
		e.malformed(f)
	}
}

func (e *endings) Closed(_ Flow, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.errs = append(e.errs, err)
}

func (*endings) Unreachable(Flow, error) {}

func (e *endings) closed() []error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.errs)
}

var peer = netip.MustParseAddrPort("127.0.0.1:5060")

// begin starts a connection over w that comes up when ready closes.
func begin(t *testing.T, s *streams, h Handler, w wire, ready <-chan struct{}) *conn {
	c := newConn(s, h, peer, netip.MustParseAddrPort("127.0.0.1:0"))
	c.open = func(ctx context.Context) (wire, error) {
		select {
		case <-ready:
			return w, nil
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	if err := s.add(c, connKey{remote: peer}); err != nil {
		t.Fatal(err)
	}
	return c
}

func isUp() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

func mustSend(t *testing.T, f Flow, msg string) {
	t.Helper()
	if err := f.Send([]byte(msg)); err != nil {
		t.Fatalf("Send(%q): %v", msg, err)
	}
}

// What is sent before the connection is up goes first; what the wire takes only
// in part goes whole; nothing overtakes; and what has gone counts no longer.
func TestConnQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, w, ready, h := newStreams(Network{}, TCPOptions{QueueBytes: 10}), newFakeWire(), make(chan struct{}), new(endings)
		c := begin(t, s, h, w, ready)
		mustSend(t, c, "12345")
		mustSend(t, c, "6789")
		if err := c.Send([]byte("ab")); err != ErrQueueFull {
			t.Errorf("beyond the bound: %v", err)
		}
		if l := c.Local(); l.Port() != 0 {
			t.Errorf("local address %v while coming up", l)
		}
		close(ready)
		synctest.Wait()
		w.setRoom(100)
		mustSend(t, c, "a") // would fit, but others wait
		w.gate <- struct{}{}
		w.gate <- struct{}{}
		synctest.Wait()
		if out, _ := w.state(); out != "123456789a" {
			t.Fatalf("went out: %q", out)
		}
		w.setRoom(3)
		mustSend(t, c, "bcdefghijklmnop") // begun, so taken whole whatever its size
		if err := c.Send([]byte("q")); err != ErrQueueFull {
			t.Errorf("behind a part of a message: %v", err)
		}
		w.gate <- struct{}{}
		synctest.Wait()
		mustSend(t, c, "q") // the bound is free again
		synctest.Wait()
		mustSend(t, c, "r")
		w.gate <- struct{}{}
		w.gate <- struct{}{}
		synctest.Wait()
		w.setRoom(100)
		mustSend(t, c, "s")
		if out, _ := w.state(); out != "123456789abcdefghijklmnopqrs" {
			t.Errorf("went out: %q", out)
		}
		if l := c.Local(); l != w.local() {
			t.Errorf("local address %v", l)
		}
		s.close()
		if !slices.Equal(h.closed(), []error{nil}) {
			t.Errorf("closed: %v", h.closed())
		}
	})
}

// After a malformed message, what was sent goes out before the connection is
// finished, and then the peer is heard out for a moment.
func TestConnLinger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bad := &malformedError{code: 400}
		s, w, h := newStreams(Network{}, TCPOptions{}), newFakeWire(), new(endings)
		h.malformed = func(f Flow) { mustSend(t, f, "400") }
		c := begin(t, s, h, w, isUp())
		w.in <- bad
		synctest.Wait()
		if out, finished := w.state(); out != "" || finished {
			t.Fatalf("finished %v with %q out", finished, out)
		}
		if err := c.Send([]byte("more")); err != ErrClosed {
			t.Errorf("Send: %v", err)
		}
		if f, _ := s.find(connKey{remote: peer}, netip.Addr{}); f != nil {
			t.Error("the ending connection is given out")
		}
		w.gate <- struct{}{}
		synctest.Wait()
		if out, finished := w.state(); out != "400" || !finished {
			t.Errorf("finished %v with %q out", finished, out)
		}
		if h.closed() != nil {
			t.Error("closed without hearing the peer out")
		}
		time.Sleep(lingerTime)
		synctest.Wait()
		if len(h.closed()) != 1 || h.closed()[0] != error(bad) {
			t.Errorf("closed: %v", h.closed())
		}
		s.close()
	})
}

// Whatever ends it, and whenever, the handler hears once, with the first reason.
func TestConnEnds(t *testing.T) {
	for name, c := range map[string]struct {
		rises bool
		end   func(s *streams, c *conn, w *fakeWire)
		want  error
	}{
		"peer closes":           {true, func(_ *streams, _ *conn, w *fakeWire) { w.in <- io.EOF }, io.EOF},
		"we close":              {true, func(_ *streams, c *conn, _ *fakeWire) { c.Close(); c.Close() }, nil},
		"we close, coming up":   {false, func(_ *streams, c *conn, _ *fakeWire) { c.Close() }, nil},
		"all close, coming up":  {false, func(s *streams, _ *conn, _ *fakeWire) { s.close() }, nil},
		"it never comes up":     {false, func(*streams, *conn, *fakeWire) {}, context.DeadlineExceeded},
		"a write fails":         {true, func(_ *streams, c *conn, _ *fakeWire) { c.fail(io.ErrShortWrite); c.fail(io.EOF) }, io.ErrShortWrite},
		"we close, it waits":    {true, func(_ *streams, c *conn, _ *fakeWire) { c.Send([]byte("x")); c.Close() }, nil},
		"peer closes, it waits": {true, func(_ *streams, c *conn, w *fakeWire) { c.Send([]byte("x")); w.in <- io.EOF }, io.EOF},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, w, h := newStreams(Network{}, TCPOptions{}), newFakeWire(), new(endings)
				var ready chan struct{}
				if c.rises {
					ready = isUp()
				}
				conn := begin(t, s, h, w, ready)
				synctest.Wait()
				c.end(s, conn, w)
				time.Sleep(10 * time.Second) // ConnectTimeout
				synctest.Wait()
				if len(h.closed()) != 1 || !errors.Is(h.closed()[0], c.want) {
					t.Errorf("closed: %v, want once %v", h.closed(), c.want)
				}
				if err := conn.Send([]byte("x")); err != ErrClosed {
					t.Errorf("Send: %v", err)
				}
				if len(s.conns) != 0 || len(s.byKey) != 0 {
					t.Errorf("%d connections left, %d listed", len(s.conns), len(s.byKey))
				}
				s.close()
			})
		})
	}
}

// A connection that we close while it comes up leaves nothing open.
func TestConnClosedBeforeUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, w, h := newStreams(Network{}, TCPOptions{}), newFakeWire(), new(endings)
		c := newConn(s, h, peer, netip.MustParseAddrPort("127.0.0.1:5070"))
		c.open = func(context.Context) (wire, error) {
			c.Close()
			return w, nil
		}
		if err := s.add(c, connKey{remote: peer}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		select {
		case <-w.closed:
		default:
			t.Error("its wire is open")
		}
		if !slices.Equal(h.closed(), []error{nil}) {
			t.Errorf("closed: %v", h.closed())
		}
		s.close()
	})
}

// Of two that dial one destination at once, one connection remains. One that was
// accepted may stand beside it, and does not take its place.
func TestConnTable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, h := newStreams(Network{}, TCPOptions{MaxConns: 2}), new(endings)
		first := begin(t, s, h, newFakeWire(), nil)
		second := newConn(s, h, peer, netip.MustParseAddrPort("127.0.0.1:0"))
		if err := s.add(second, connKey{remote: peer}); err != errTaken {
			t.Errorf("a second one: %v", err)
		}
		accepted := newConn(s, h, peer, netip.MustParseAddrPort("127.0.0.1:5070"))
		accepted.open = func(context.Context) (wire, error) { return newFakeWire(), nil }
		if err := s.add(accepted, connKey{remote: peer}); err != nil {
			t.Errorf("an accepted one: %v", err)
		}
		if c, _ := s.find(connKey{remote: peer}, netip.Addr{}); c != first {
			t.Error("the first one was replaced")
		}
		if err := s.add(second, connKey{remote: netip.MustParseAddrPort("127.0.0.2:5060")}); err != ErrTooMany {
			t.Errorf("beyond the bound: %v", err)
		}
		accepted.Close()
		synctest.Wait()
		if c, _ := s.find(connKey{remote: peer}, netip.Addr{}); c != first {
			t.Error("the end of the other took the first one out")
		}
		s.close()
		if err := s.add(second, connKey{remote: peer}); err != ErrClosed {
			t.Errorf("after close: %v", err)
		}
	})
}
