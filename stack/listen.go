package stack

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A Listening is a point on which the stack listens.
type Listening struct {
	Network string         // "UDP", "TCP", …
	Addr    netip.AddrPort // the real one; its IP is unspecified for all addresses
}

// String is the form that [Stack.Listen] reads: "udp://127.0.0.1:5060".
func (l Listening) String() string { return strings.ToLower(l.Network) + "://" + l.Addr.String() }

// Listen opens a listening point and returns its real address. uri is a network
// and an address: "udp://127.0.0.1:5060", "tcp://[::1]:5060". Without a host,
// as in "tcp://:5060", it listens on every address; port 0 picks a free one; no
// port is the network's default. A host may be a name of this machine, which is
// looked up within ctx.
func (s *Stack) Listen(ctx context.Context, uri string) (netip.AddrPort, error) {
	network, addr, ok := strings.Cut(uri, "://")
	if !ok {
		return netip.AddrPort{}, fmt.Errorf("%w: %q: want network://address:port", ErrBadAddress, uri)
	}
	tr, ok := s.transports[strings.ToUpper(network)]
	if !ok {
		return netip.AddrPort{}, fmt.Errorf("%w: %q", ErrNoTransport, network)
	}
	if s.closing.Load() {
		return netip.AddrPort{}, ErrClosed
	}
	at, err := listenAddr(ctx, addr, tr.Network().DefaultPort)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("%w: %q: %w", ErrBadAddress, uri, err)
	}
	at, err = tr.Listen(ctx, at, (*receiver)(s))
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("stack: listen on %s: %w", uri, err)
	}
	s.listening.add(Listening{Network: tr.Network().Name, Addr: at})
	return at, nil
}

// Addrs lists the points on which the stack listens, in the order in which they
// were opened.
func (s *Stack) Addrs() []Listening { return s.listening.list() }

// listenAddr reads the address of a listening point; without a host the result
// has a port only.
func listenAddr(ctx context.Context, addr string, port uint16) (netip.AddrPort, error) {
	host := addr
	if h, p, err := net.SplitHostPort(addr); err == nil {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil {
			return netip.AddrPort{}, err
		}
		host, port = h, uint16(n)
	} else if strings.HasPrefix(addr, "[") && strings.HasSuffix(addr, "]") {
		host = addr[1 : len(addr)-1]
	}
	if host == "" {
		return netip.AddrPortFrom(netip.Addr{}, port), nil
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return netip.AddrPortFrom(ip.Unmap(), port), nil
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return netip.AddrPort{}, err
	}
	// IPv4 first: that is what a peer without both expects behind a name.
	slices.SortStableFunc(ips, func(a, b netip.Addr) int { return a.Unmap().BitLen() - b.Unmap().BitLen() })
	return netip.AddrPortFrom(ips[0].Unmap(), port), nil
}

// listening is the list of listening points.
type listening struct {
	mu     sync.RWMutex
	points []Listening
}

func (l *listening) add(p Listening) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.points = append(l.points, p)
}

func (l *listening) list() []Listening {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return slices.Clone(l.points)
}

// port is that of a listening point of a network on ip, else other.
func (l *listening) port(network string, ip netip.Addr, other uint16) uint16 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	best := other
	for _, p := range l.points {
		if p.Network != network {
			continue
		}
		if p.Addr.Addr() == ip {
			return p.Addr.Port()
		}
		if best == other && p.Addr.Addr().IsUnspecified() {
			best = p.Addr.Port()
		}
	}
	return best
}

// has tells whether we listen on ip, be it on all addresses.
func (l *listening) has(ip netip.Addr) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return slices.ContainsFunc(l.points, func(p Listening) bool {
		return p.Addr.Addr() == ip || p.Addr.Addr().IsUnspecified()
	})
}
