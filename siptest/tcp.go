package siptest

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"dum/transport"
)

// TCP returns a transport of the host that behaves like TCP: connections that
// lose nothing and keep the order. One message sent is one message received.
// Give it to one stack or [Peer].
func (h *Host) TCP() transport.Transport {
	t := &tcp{host: h}
	h.net.mu.Lock()
	defer h.net.mu.Unlock()
	h.streams = append(h.streams, t)
	return t
}

// tcp is the stream transport. All fields are under the Net's lock.
type tcp struct {
	host   *Host
	closed bool
	conns  []*conn
}

// listener is a port that takes connections.
type listener struct {
	owner   *tcp
	addr    netip.AddrPort
	handler transport.Handler
}

// conn is one end of a connection, and its flow.
type conn struct {
	owner         *tcp
	handler       transport.Handler
	local, remote netip.AddrPort
	peer          *conn // nil until it is up
	waiting       []*Packet
	over          bool
}

func (t *tcp) Network() transport.Network {
	return transport.Network{Name: "TCP", Reliable: true, DefaultPort: 5060}
}

// Listen opens a port of the host.
func (t *tcp) Listen(ctx context.Context, addr netip.AddrPort, h transport.Handler) (netip.AddrPort, error) {
	n := t.host.net
	n.mu.Lock()
	defer n.mu.Unlock()
	if t.closed {
		return netip.AddrPort{}, transport.ErrClosed
	}
	local, err := t.host.bind(addr)
	if err != nil {
		return netip.AddrPort{}, err
	}
	if t.host.listener(local.Port()) != nil {
		return netip.AddrPort{}, fmt.Errorf("siptest: %v: %w", local, syscall.EADDRINUSE)
	}
	t.host.ports = append(t.host.ports, &listener{owner: t, addr: local, handler: h})
	return local, nil
}

func (h *Host) listener(port uint16) *listener {
	for _, l := range h.ports {
		if l.addr.Port() == port {
			return l
		}
	}
	return nil
}

// Flow returns the connection to a destination, or makes one.
func (t *tcp) Flow(to transport.Destination, h transport.Handler) (transport.Flow, error) {
	n := t.host.net
	n.mu.Lock()
	defer n.mu.Unlock()
	if t.closed {
		return nil, transport.ErrClosed
	}
	remote := netip.AddrPortFrom(to.Remote.Addr().Unmap(), to.Remote.Port())
	if remote.Addr().Is4() != t.host.addr.Is4() {
		return nil, transport.ErrNoListener
	}
	for _, c := range t.conns {
		if c.remote == remote && (!to.Local.IsValid() || to.Local.Addr() == c.local.Addr()) {
			return c, nil
		}
	}
	local, err := t.host.bind(netip.AddrPortFrom(to.Local.Addr(), 0))
	if err != nil {
		return nil, err
	}
	c := &conn{owner: t, handler: h, local: local, remote: remote}
	t.conns = append(t.conns, c)
	n.schedule(n.latency(), local, remote, c.connect)
	return c, nil
}

// connect is the SYN at its destination.
func (c *conn) connect() {
	n := c.owner.host.net
	n.mu.Lock()
	defer n.mu.Unlock()
	var l *listener
	host := n.host(c.remote.Addr())
	if host != nil {
		l = host.listener(c.remote.Port())
	}
	switch {
	case c.over:
	case host == nil:
		n.schedule(n.latency(), c.remote, c.local, func() { c.end(syscall.EHOSTUNREACH) })
	case l == nil:
		n.schedule(n.latency(), c.remote, c.local, func() { c.end(syscall.ECONNREFUSED) })
	default:
		peer := &conn{owner: l.owner, handler: l.handler, local: l.addr, remote: c.local, peer: c}
		l.owner.conns = append(l.owner.conns, peer)
		n.schedule(n.latency(), c.remote, c.local, func() { c.up(peer) })
	}
}

// up is the SYN's answer back at the dialler: what waited goes out.
func (c *conn) up(peer *conn) {
	n := c.owner.host.net
	n.mu.Lock()
	defer n.mu.Unlock()
	c.peer = peer
	if c.over {
		n.schedule(n.latency(), c.local, c.remote, func() { peer.end(io.EOF) })
		return
	}
	for _, p := range c.waiting {
		c.post(p)
	}
	c.waiting = nil
}

// Close ends every connection and listening point and waits for the delivery
// under way.
func (t *tcp) Close() error {
	n := t.host.net
	n.mu.Lock()
	conns := t.conns
	t.closed, t.conns = true, nil
	t.host.ports = slices.DeleteFunc(t.host.ports, func(l *listener) bool { return l.owner == t })
	for _, c := range conns {
		c.over = true
		if peer := c.peer; peer != nil {
			n.schedule(n.latency(), c.local, c.remote, func() { peer.end(io.EOF) })
		}
	}
	n.quiet(t)
	n.mu.Unlock()
	for _, c := range conns {
		c.handler.Closed(c, nil)
	}
	return nil
}

// end is the end of a connection for a reason from outside.
func (c *conn) end(err error) {
	n := c.owner.host.net
	if !n.enter(c.owner, &c.owner.closed) {
		return
	}
	defer n.leave()
	n.mu.Lock()
	over := c.over
	c.over = true
	c.owner.conns = slices.DeleteFunc(c.owner.conns, func(o *conn) bool { return o == c })
	n.mu.Unlock()
	if !over {
		c.handler.Closed(c, err)
	}
}

// Break ends the connections between two hosts as a pulled cable does that is
// noticed at once: both ends are told, and what was on the way is lost.
func (n *Net) Break(a, b *Host, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, ends := range [...][2]*Host{{a, b}, {b, a}} {
		for _, t := range ends[0].streams {
			for _, c := range t.conns {
				if c.remote.Addr() == ends[1].addr {
					n.schedule(0, c.local, c.remote, func() { c.end(err) })
				}
			}
		}
	}
}

func (c *conn) Network() transport.Network { return c.owner.Network() }
func (c *conn) Local() netip.AddrPort      { return c.local }
func (c *conn) Remote() netip.AddrPort     { return c.remote }
func (c *conn) String() string             { return fmt.Sprintf("TCP %v -> %v", c.local, c.remote) }

// Send puts a copy of b on the connection, or keeps it until that is up.
func (c *conn) Send(b []byte) error {
	n := c.owner.host.net
	n.mu.Lock()
	defer n.mu.Unlock()
	if c.over || c.owner.closed {
		return transport.ErrClosed
	}
	p := &Packet{
		Network: "TCP", From: c.local, To: c.remote, Src: c.owner.host, Dst: n.host(c.remote.Addr()),
		Sent: time.Now(), Data: string(b),
	}
	if c.peer == nil {
		c.waiting = append(c.waiting, p)
		return nil
	}
	c.post(p)
	return nil
}

// post puts a packet on a connection that is up; n.mu is held.
func (c *conn) post(p *Packet) {
	n := c.owner.host.net
	n.schedule(n.latency(), c.local, c.remote, func() { n.arrive(parcel{p, func() { c.peer.receive(p) }}) })
}

// receive brings a message to this end.
func (c *conn) receive(p *Packet) {
	n := c.owner.host.net
	if !n.enter(c.owner, &c.owner.closed) {
		return
	}
	defer n.leave()
	n.mu.Lock()
	over := c.over
	n.mu.Unlock()
	if !over {
		hand(c.handler, c, p.Data)
	}
}
