package transport

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"

	"dum/trace"
)

// lingerTime is how long a connection that we give up is read on: closing it
// with unread input would make the system reset it, and the reset can overtake
// the response that says why.
const lingerTime = 2 * time.Second

// An opener brings up the wire of a connection: it dials, shakes hands, or does
// nothing for one that is there. It must give up when ctx ends.
type opener func(ctx context.Context) (wire, error)

// conn is the flow of one connection. Its one goroutine, run, brings it up,
// reads it, and tells its end; another writes while something has to wait.
type conn struct {
	owner   *streams
	handler Handler
	remote  netip.AddrPort
	open    opener
	dialled bool

	// Under owner.mu.
	key    connKey
	listed bool

	mu      sync.Mutex
	local   netip.AddrPort
	abort   func() // stops the coming up
	wire    wire   // nil until it is up
	state   connState
	err     error    // why it closed; nil: our side closed it
	queue   [][]byte // what waits, in order
	queued  int      // bytes of it, with what the writer has in hand
	writing bool     // the writer runs: later sends must queue up
}

type connState int8

const (
	connLive   connState = iota // coming up or up
	connEnding                  // what waits still goes out, nothing is added
	connClosed                  // over
)

func newConn(s *streams, h Handler, remote, local netip.AddrPort) *conn {
	return &conn{owner: s, handler: h, remote: remote, local: local, dialled: local.Port() == 0}
}

func (c *conn) Network() Network       { return c.owner.network }
func (c *conn) Remote() netip.AddrPort { return c.remote }
func (c *conn) String() string         { return describe(c) }

func (c *conn) Local() netip.AddrPort {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.local
}

// flow keeps a nil conn from becoming a Flow that is not nil.
func (c *conn) flow() Flow {
	if c == nil {
		return nil
	}
	return c
}

// Send writes what goes at once and queues the rest. A message of which a part
// has gone is taken whole; one that would exceed the queue is refused whole.
func (c *conn) Send(b []byte) error {
	err := c.send(b)
	if err != nil && err != ErrQueueFull && err != ErrClosed {
		c.fail(err)
		return ErrClosed
	}
	return err
}

func (c *conn) send(b []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != connLive {
		return ErrClosed
	}
	gone := 0
	if c.wire != nil && !c.writing {
		var err error
		if gone, err = c.wire.try(b); err != nil || gone == len(b) {
			return err
		}
	}
	if gone == 0 && c.queued+len(b) > c.owner.opt.QueueBytes {
		return ErrQueueFull
	}
	c.queue = append(c.queue, bytes.Clone(b[gone:]))
	c.queued += len(b) - gone
	c.write()
	return nil
}

// write starts the writer when there is need; c.mu is held.
func (c *conn) write() {
	if c.wire != nil && len(c.queue) > 0 && !c.writing {
		c.writing = true
		// run is still counted here, so Close cannot have finished waiting.
		c.owner.running.Go(c.flush) // ends when nothing waits or the connection closes
	}
}

// flush writes what waits until nothing does.
func (c *conn) flush() {
	for {
		c.mu.Lock()
		if len(c.queue) == 0 || c.state == connClosed {
			c.writing = false
			finish := c.state == connEnding
			c.mu.Unlock()
			if finish {
				c.wire.finish()
			}
			return
		}
		batch := c.queue
		c.queue = nil
		c.mu.Unlock()
		size := 0
		for _, b := range batch {
			size += len(b)
		}
		if err := c.wire.write(batch); err != nil {
			c.fail(err)
		}
		c.mu.Lock()
		c.queued -= size
		c.mu.Unlock()
	}
}

// run is the life of the connection.
func (c *conn) run() {
	c.live()
	c.owner.remove(c)
	c.mu.Lock()
	err := c.err
	c.mu.Unlock()
	c.owner.record(trace.FlowClosed{Path: c.path(), Err: err})
	c.handler.Closed(c, err)
}

func (c *conn) live() {
	if !c.rise() {
		return
	}
	c.owner.record(trace.FlowOpened{Path: c.path()})
	for {
		msg, err := c.wire.read()
		if err == nil {
			c.handler.Receive(c, msg)
			continue
		}
		var bad *malformedError
		if errors.As(err, &bad) {
			c.handler.Malformed(c, bad.data, bad.code)
			bad.data = nil // borrowed, as every message is
			c.linger()
		}
		c.fail(err)
		return
	}
}

// rise brings the wire up.
func (c *conn) rise() bool {
	ctx, stop := c.owner.patience()
	defer stop()
	c.mu.Lock()
	c.abort = stop
	if c.state == connClosed {
		stop() // open still has to see to what it was given
	}
	c.mu.Unlock()
	w, err := c.open(ctx)
	if err != nil {
		c.fail(err)
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == connClosed {
		w.close()
		return false
	}
	c.abort = nil
	c.wire, c.local, c.open = w, w.local(), nil
	c.write()
	return true
}

// linger lets out what waits, tells the peer that this is all, and hears it out
// for a moment.
func (c *conn) linger() {
	c.owner.unlist(c)
	c.mu.Lock()
	finish := c.state == connLive && !c.writing
	if c.state == connLive {
		c.state = connEnding
	}
	c.mu.Unlock()
	if finish {
		c.wire.finish()
	}
	c.wire.discard(time.Now().Add(lingerTime))
}

// Close gives the connection up; run tells the handler.
func (c *conn) Close() error {
	c.fail(nil)
	return nil
}

// fail closes the connection. The first reason counts.
func (c *conn) fail(err error) {
	c.mu.Lock()
	if c.state == connClosed {
		c.mu.Unlock()
		return
	}
	c.state, c.err = connClosed, err
	c.queue = nil
	w, abort := c.wire, c.abort
	c.mu.Unlock()
	c.owner.unlist(c)
	if abort != nil {
		abort()
	}
	if w != nil {
		w.close()
	}
}

func (c *conn) path() trace.Path { return c.owner.path(c.Local(), c.remote) }
