package transport

import (
	"errors"
	"net"
	"net/netip"
)

// choose picks the socket that reaches remote best; nil when none can. A
// multihomed host must send from the address that the peer can answer to, so a
// socket bound to the address that the system would choose wins over another.
func choose(sockets []*udpSocket, remote, local netip.AddrPort) *udpSocket {
	var best *udpSocket
	top, tied := 0, false
	for _, s := range sockets {
		switch n := s.fit(remote.Addr(), local); {
		case n == 0 || n < top:
		case n > top:
			best, top, tied = s, n, false
		default:
			tied = true
		}
	}
	if !tied || best.wildcard() {
		return best
	}
	src, err := Source(remote.Addr())
	if err != nil {
		return best
	}
	for _, s := range sockets {
		if s.local.Addr() == src && s.fit(remote.Addr(), local) == top {
			return s
		}
	}
	return best
}

// fit rates a socket for a destination: 0 cannot serve it. Listening points
// always beat ephemeral sockets, whose ports nobody else was told.
func (s *udpSocket) fit(remote netip.Addr, local netip.AddrPort) int {
	n := s.reach(remote)
	if n == 0 {
		return 0
	}
	if local.IsValid() {
		if local.Port() != 0 && local.Port() != s.local.Port() {
			return 0
		}
		switch {
		case local.Addr().IsUnspecified():
		case local.Addr().Is4() != remote.Is4():
			return 0
		case s.local.Addr() == local.Addr():
			n = 4
		case !s.wildcard():
			return 0
		}
	}
	if !s.ephemeral {
		n += 4
	}
	return n
}

// reach rates how well a socket's own address reaches remote, from 0 to 3.
func (s *udpSocket) reach(remote netip.Addr) int {
	own := s.local.Addr()
	switch {
	case s.wildcard():
		if s.both || own.Is4() == remote.Is4() {
			return 2
		}
		return 0
	case own.Is4() != remote.Is4():
		return 0
	case own.IsLoopback() != remote.IsLoopback():
		// From a loopback address no packet leaves the host; towards one, any
		// address of the host will do at a pinch.
		if own.IsLoopback() {
			return 0
		}
		return 1
	case own.IsLinkLocalUnicast() != remote.IsLinkLocalUnicast():
		return 1
	case remote.Zone() != "" && own.Zone() != remote.Zone():
		return 0
	}
	return 3
}

func (s *udpSocket) wildcard() bool { return s.local.Addr().IsUnspecified() }

var errNoAddress = errors.New("transport: no address to reach")

// Source tells which address of this host the system would send from to reach
// remote: what a Via or Contact shows when a socket is bound to every address.
// It sends nothing and does not block.
func Source(remote netip.Addr) (netip.Addr, error) {
	if !remote.IsValid() {
		return netip.Addr{}, errNoAddress
	}
	// Connecting a datagram socket only looks up the route. The port, discard,
	// is never used.
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(remote.Unmap(), 9)))
	if err != nil {
		return netip.Addr{}, err
	}
	defer c.Close()
	return addrPort(c.LocalAddr()).Addr(), nil
}

// addrPort is the address of a socket, IPv4 plain.
func addrPort(a net.Addr) netip.AddrPort {
	switch a := a.(type) {
	case *net.UDPAddr:
		return unmap(a.AddrPort())
	case *net.TCPAddr:
		return unmap(a.AddrPort())
	}
	return netip.AddrPort{}
}
