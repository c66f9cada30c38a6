package transport

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"dum/trace"
)

// streams is what the transports over connections share: the table of the
// connections, bounded and looked up by destination, the accept loops, and the
// end of it all. What a connection runs on is its wire.
type streams struct {
	network Network
	opt     TCPOptions
	buffers *sync.Pool
	running sync.WaitGroup
	life    context.Context // ends with Close
	end     context.CancelFunc

	mu        sync.Mutex
	closed    bool
	listeners []net.Listener
	conns     map[*conn]struct{}
	byKey     map[connKey]*conn
}

// connKey is what makes two destinations the same connection.
type connKey struct {
	remote netip.AddrPort
	local  netip.Addr // only when one was asked for
	name   string     // only where it is proved: on a secure network
}

func newStreams(n Network, opt TCPOptions) *streams {
	opt.MaxConns = setting(opt.MaxConns, 20_000)
	opt.QueueBytes = setting(opt.QueueBytes, 1<<20)
	opt.ConnectTimeout = setting(opt.ConnectTimeout, 10*time.Second)
	opt.WriteTimeout = setting(opt.WriteTimeout, 30*time.Second)
	opt.MessageTimeout = setting(opt.MessageTimeout, 32*time.Second)
	opt.IdleTimeout = setting(opt.IdleTimeout, 0)
	s := &streams{
		network: n,
		opt:     opt,
		buffers: newBuffers(),
		conns:   make(map[*conn]struct{}),
		byKey:   make(map[connKey]*conn),
	}
	s.life, s.end = context.WithCancel(context.Background())
	return s
}

// patience is the context in which a connection comes up.
func (s *streams) patience() (context.Context, context.CancelFunc) {
	if s.opt.ConnectTimeout > 0 {
		return context.WithTimeout(s.life, s.opt.ConnectTimeout)
	}
	return context.WithCancel(s.life)
}

// accept takes connections from ln until it closes. open makes the wire of one.
func (s *streams) accept(ln net.Listener, h Handler, open func(*conn, net.Conn) opener) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		ln.Close()
		return ErrClosed
	}
	s.listeners = append(s.listeners, ln)
	s.record(trace.FlowOpened{Path: s.path(addrPort(ln.Addr()), netip.AddrPort{})})
	s.running.Go(func() { // ends when the listener closes
		var pause backoff
		for {
			nc, err := ln.Accept()
			switch {
			case err == nil:
				pause = 0
				s.accepted(nc, h, open)
			case errors.Is(err, net.ErrClosed), !pause.wait(s.life.Done()):
				return
			}
		}
	})
	return nil
}

func (s *streams) accepted(nc net.Conn, h Handler, open func(*conn, net.Conn) opener) {
	remote := addrPort(nc.RemoteAddr())
	c := newConn(s, h, remote, addrPort(nc.LocalAddr()))
	c.open = open(c, nc)
	if err := s.add(c, connKey{remote: remote}); err != nil {
		nc.Close()
		s.record(trace.FlowClosed{Path: c.path(), Err: err})
	}
}

// flow returns the connection to a destination, making one when there is none.
func (s *streams) flow(to Destination, h Handler, open func(*conn, Destination) opener) (Flow, error) {
	remote, local, err := normal(to)
	if err != nil {
		return nil, err
	}
	key := connKey{remote: remote}
	if s.network.Secure {
		key.name = to.ServerName
	}
	if c, err := s.find(key, local.Addr()); c != nil || err != nil {
		return c.flow(), err
	}
	if local.Addr().IsValid() {
		key.local = local.Addr()
	} else {
		src, err := Source(remote.Addr())
		if err != nil {
			return nil, err
		}
		local = netip.AddrPortFrom(src, 0)
	}
	c := newConn(s, h, remote, netip.AddrPortFrom(local.Addr(), 0))
	c.open = open(c, Destination{Remote: remote, Local: netip.AddrPortFrom(key.local, 0), ServerName: to.ServerName})
	switch err := s.add(c, key); err {
	case nil:
		return c, nil
	case errTaken:
		// Another caller was quicker; its connection is as good.
		c, err := s.find(key, key.local)
		return c.flow(), err
	default:
		return nil, err
	}
}

// find looks a connection up; nil without an error when there is none.
func (s *streams) find(key connKey, local netip.Addr) (*conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	c := s.byKey[key]
	if local.IsValid() && (c == nil || c.Local().Addr() != local) {
		key.local = local
		c = s.byKey[key]
	}
	return c, nil
}

var errTaken = errors.New("transport: connection exists")

// add enters a connection into the table and starts it.
func (s *streams) add(c *conn, key connKey) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return ErrClosed
	case s.opt.MaxConns > 0 && len(s.conns) >= s.opt.MaxConns:
		return ErrTooMany
	}
	if _, taken := s.byKey[key]; !taken {
		s.byKey[key], c.key, c.listed = c, key, true
	} else if c.dialled {
		return errTaken
	}
	s.conns[c] = struct{}{}
	s.running.Go(c.run) // ends when the connection closes
	return nil
}

// unlist takes a connection out of what flow finds; it still counts.
func (s *streams) unlist(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.listed {
		delete(s.byKey, c.key)
		c.listed = false
	}
}

// remove takes a connection out of the table.
func (s *streams) remove(c *conn) {
	s.unlist(c)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

// close ends every listener and connection and waits for their goroutines.
func (s *streams) close() {
	s.mu.Lock()
	s.closed = true
	listeners := s.listeners
	s.listeners = nil
	conns := make([]*conn, 0, len(s.conns))
	for c := range s.conns {
		conns = append(conns, c)
	}
	s.mu.Unlock()
	for _, ln := range listeners {
		ln.Close()
		s.record(trace.FlowClosed{Path: s.path(addrPort(ln.Addr()), netip.AddrPort{})})
	}
	for _, c := range conns {
		c.Close()
	}
	s.end() // after them, so that each knows that our side closed it
	s.running.Wait()
}

func (s *streams) path(local, remote netip.AddrPort) trace.Path {
	return trace.Path{Network: s.network.Name, Local: local, Remote: remote}
}

func (s *streams) record(ev trace.Event) {
	if s.opt.Trace.On() {
		s.opt.Trace.Record(time.Now(), ev)
	}
}
