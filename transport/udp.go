package transport

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"dum/trace"
)

// UDP is the transport of RFC 3261 §18 over datagrams. One socket serves all
// destinations, and what it sends leaves from the port on which it listens, as
// RFC 3581 §4 asks. There is no table of peers: a flow is a value, the socket
// and the remote address, so a flood from many addresses leaves nothing behind.
type UDP struct {
	opt     UDPOptions
	running sync.WaitGroup

	mu        sync.RWMutex
	closed    bool
	sockets   []*udpSocket
	ephemeral int
}

// NewUDP returns a transport without sockets; [UDP.Listen] and [UDP.Flow] open
// them. Close it when done.
func NewUDP(opt UDPOptions) *UDP {
	opt.ReceiveBuffer = setting(opt.ReceiveBuffer, 4<<20)
	opt.SendBuffer = setting(opt.SendBuffer, 1<<20)
	opt.QueueBytes = setting(opt.QueueBytes, 4<<20)
	opt.Ephemeral = setting(opt.Ephemeral, 16)
	return &UDP{opt: opt}
}

// Network tells of UDP: unreliable, not secure, port 5060.
func (u *UDP) Network() Network { return udpNetwork() }

func udpNetwork() Network { return Network{Name: "UDP", DefaultPort: 5060} }

// Listen binds a socket and starts its reader; see [Transport].
func (u *UDP) Listen(ctx context.Context, addr netip.AddrPort, h Handler) (netip.AddrPort, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	s, err := u.open(ctx, addr, h)
	if err != nil {
		return netip.AddrPort{}, err
	}
	return s.local, nil
}

// Flow picks the socket from which a destination is best reached, opening one
// within [UDPOptions].Ephemeral when no listening point fits. ServerName means
// nothing here.
func (u *UDP) Flow(to Destination, h Handler) (Flow, error) {
	remote, local, err := normal(to)
	if err != nil {
		return nil, err
	}
	u.mu.RLock()
	closed, s := u.closed, choose(u.sockets, remote, local)
	u.mu.RUnlock()
	if closed {
		return nil, ErrClosed
	}
	if s == nil {
		if s, err = u.openFor(remote, local, h); err != nil {
			return nil, err
		}
	}
	return udpFlow{s, remote}, nil
}

// openFor opens an ephemeral socket fit for remote.
func (u *UDP) openFor(remote, local netip.AddrPort, h Handler) (*udpSocket, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	// Another caller may have been quicker.
	if s := choose(u.sockets, remote, local); s != nil {
		return s, nil
	}
	if !local.IsValid() {
		local = netip.AddrPortFrom(netip.IPv4Unspecified(), 0)
		if remote.Addr().Is6() {
			local = netip.AddrPortFrom(netip.IPv6Unspecified(), 0)
		}
	}
	switch {
	case u.opt.Ephemeral == 0, local.Addr().Is4() != remote.Addr().Is4():
		return nil, ErrNoListener
	case u.ephemeral >= u.opt.Ephemeral:
		return nil, ErrTooMany
	}
	s, err := u.open(context.Background(), local, h)
	if err != nil {
		return nil, err
	}
	s.ephemeral = true
	u.ephemeral++
	return s, nil
}

// open binds a socket and starts its reader; u.mu is held.
func (u *UDP) open(ctx context.Context, addr netip.AddrPort, h Handler) (*udpSocket, error) {
	if u.closed {
		return nil, ErrClosed
	}
	network, text := bindTo("udp", addr)
	pc, err := new(net.ListenConfig).ListenPacket(ctx, network, text)
	if err != nil {
		return nil, err
	}
	s, err := newUDPSocket(u, pc.(*net.UDPConn), h, !addr.Addr().IsValid())
	if err != nil {
		pc.Close()
		return nil, err
	}
	u.sockets = append(u.sockets, s)
	u.record(trace.FlowOpened{Path: trace.Path{Network: "UDP", Local: s.local}})
	u.running.Go(s.read) // ends when the socket closes
	return s, nil
}

// Close closes every socket and waits for the readers and writers.
func (u *UDP) Close() error {
	u.mu.Lock()
	sockets := u.sockets
	u.closed, u.sockets = true, nil
	u.mu.Unlock()
	for _, s := range sockets {
		s.close()
		u.record(trace.FlowClosed{Path: trace.Path{Network: "UDP", Local: s.local}})
	}
	u.running.Wait()
	return nil
}

func (u *UDP) record(ev trace.Event) {
	if u.opt.Trace.On() {
		u.opt.Trace.Record(time.Now(), ev)
	}
}

// normal checks a destination and makes its IPv4 addresses plain.
func normal(to Destination) (remote, local netip.AddrPort, err error) {
	remote, local = unmap(to.Remote), unmap(to.Local)
	if !remote.IsValid() || remote.Port() == 0 || remote.Addr().IsUnspecified() {
		return remote, local, fmt.Errorf("transport: cannot send to %v", to.Remote)
	}
	return remote, local, nil
}

func unmap(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

// bindTo gives net the network and address to bind: the family is told by the
// address, and no address means both.
func bindTo(proto string, addr netip.AddrPort) (network, text string) {
	ip := addr.Addr().Unmap()
	switch {
	case !ip.IsValid():
		return proto, fmt.Sprintf(":%d", addr.Port())
	case ip.Is4():
		return proto + "4", netip.AddrPortFrom(ip, addr.Port()).String()
	}
	return proto + "6", netip.AddrPortFrom(ip, addr.Port()).String()
}
