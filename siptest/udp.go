package siptest

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"dum/transport"
)

// UDP returns a transport of the host that behaves like UDP: datagrams that may
// get lost. Give it to one stack or [Peer].
func (h *Host) UDP() transport.Transport { return &udp{host: h} }

// Transports returns a UDP and a TCP transport of the host.
func (h *Host) Transports() []transport.Transport {
	return []transport.Transport{h.UDP(), h.TCP()}
}

// udp is the datagram transport. All fields are under the Net's lock.
type udp struct {
	host    *Host
	closed  bool
	sockets []*socket
}

// socket is one port.
type socket struct {
	owner   *udp
	addr    netip.AddrPort
	handler transport.Handler
}

// udpFlow is the way from a socket to an address: a value, equal for equal
// ways.
type udpFlow struct {
	*socket
	remote netip.AddrPort
}

func (u *udp) Network() transport.Network {
	return transport.Network{Name: "UDP", DefaultPort: 5060}
}

// Listen opens a port of the host.
func (u *udp) Listen(ctx context.Context, addr netip.AddrPort, h transport.Handler) (netip.AddrPort, error) {
	n := u.host.net
	n.mu.Lock()
	defer n.mu.Unlock()
	s, err := u.open(addr, h)
	if err != nil {
		return netip.AddrPort{}, err
	}
	return s.addr, nil
}

// open binds a port; n.mu is held.
func (u *udp) open(addr netip.AddrPort, h transport.Handler) (*socket, error) {
	if u.closed {
		return nil, transport.ErrClosed
	}
	local, err := u.host.bind(addr)
	if err != nil {
		return nil, err
	}
	if u.host.socket(local.Port()) != nil {
		return nil, fmt.Errorf("siptest: %v: %w", local, syscall.EADDRINUSE)
	}
	s := &socket{owner: u, addr: local, handler: h}
	u.sockets = append(u.sockets, s)
	u.host.sockets = append(u.host.sockets, s)
	return s, nil
}

func (h *Host) socket(port uint16) *socket {
	for _, s := range h.sockets {
		if s.addr.Port() == port {
			return s
		}
	}
	return nil
}

// Flow sends from the first port that was opened, or from the one that is asked
// for. A host that listens nowhere gets a port of its own.
func (u *udp) Flow(to transport.Destination, h transport.Handler) (transport.Flow, error) {
	n := u.host.net
	n.mu.Lock()
	defer n.mu.Unlock()
	if u.closed {
		return nil, transport.ErrClosed
	}
	remote := netip.AddrPortFrom(to.Remote.Addr().Unmap(), to.Remote.Port())
	if remote.Addr().Is4() != u.host.addr.Is4() {
		return nil, transport.ErrNoListener
	}
	for _, s := range u.sockets {
		if port := to.Local.Port(); port == 0 || port == s.addr.Port() {
			return udpFlow{s, remote}, nil
		}
	}
	s, err := u.open(to.Local, h)
	if err != nil {
		return nil, err
	}
	return udpFlow{s, remote}, nil
}

// Close closes every port and waits for the delivery under way.
func (u *udp) Close() error {
	n := u.host.net
	n.mu.Lock()
	defer n.mu.Unlock()
	u.closed = true
	u.host.sockets = slices.DeleteFunc(u.host.sockets, func(s *socket) bool { return s.owner == u })
	n.quiet(u)
	return nil
}

func (f udpFlow) Network() transport.Network { return f.owner.Network() }
func (f udpFlow) Local() netip.AddrPort      { return f.addr }
func (f udpFlow) Remote() netip.AddrPort     { return f.remote }
func (f udpFlow) String() string             { return fmt.Sprintf("UDP %v -> %v", f.addr, f.remote) }

// maxDatagram is the largest payload of UDP over IPv4.
const maxDatagram = 65507

// Send puts a copy of b on the network.
func (f udpFlow) Send(b []byte) error {
	n := f.owner.host.net
	n.mu.Lock()
	defer n.mu.Unlock()
	if f.owner.closed {
		return transport.ErrClosed
	}
	if len(b) > maxDatagram {
		return syscall.EMSGSIZE
	}
	p := &Packet{
		Network: "UDP", From: f.addr, To: f.remote, Src: f.owner.host, Dst: n.host(f.remote.Addr()),
		Sent: time.Now(), Data: string(b),
	}
	n.schedule(n.latency(), f.addr, f.remote, func() { n.arrive(parcel{p, func() { n.datagram(f, p) }}) })
	return nil
}

// datagram brings a datagram to the port it is for.
func (n *Net) datagram(from udpFlow, p *Packet) {
	n.mu.Lock()
	var to *socket
	if p.Dst != nil {
		to = p.Dst.socket(p.To.Port())
	}
	if to == nil && n.ICMP {
		n.schedule(n.latency(), p.To, p.From, func() {
			if n.enter(from.owner, &from.owner.closed) {
				defer n.leave()
				from.handler.Unreachable(from, syscall.ECONNREFUSED)
			}
		})
	}
	n.mu.Unlock()
	if to == nil || !n.enter(to.owner, &to.owner.closed) {
		return
	}
	defer n.leave()
	hand(to.handler, udpFlow{to, p.From}, p.Data)
}

// hand gives a message to a handler as a transport does: borrowed. What was
// kept of it turns into nonsense.
func hand(h transport.Handler, f transport.Flow, data string) {
	b := []byte(data)
	h.Receive(f, b)
	for i := range b {
		b[i] = '?'
	}
}
