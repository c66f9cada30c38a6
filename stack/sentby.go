package stack

import (
	"net/netip"
	"strings"
	"sync"
	"time"

	"dum/transport"
)

// hostPort is a sent-by: how a Via names its sender.
type hostPort struct {
	host string
	port uint16
}

// SentBy is what we call ourselves on a flow, in Via and Contact: the host, an
// IPv6 address in brackets, and the port. For a socket that is bound to every
// address it is the one that the system would send from; for a connection the
// port is that of a listening point of the same network, if there is one, for
// that is where the peer can reach us once the connection is gone.
// [Config.Advertise] overrides both.
func (s *Stack) SentBy(f transport.Flow) (host string, port uint16) {
	n := f.Network()
	local := f.Local()
	over := s.advertise[n.Name]
	if host = over.Host; host == "" {
		ip := local.Addr()
		if !ip.IsValid() || ip.IsUnspecified() {
			ip = s.names.source(f.Remote().Addr())
		}
		host = s.names.text(ip)
	}
	switch {
	case over.Port != 0:
		port = over.Port
	case n.Reliable:
		port = s.listening.port(n.Name, local.Addr(), local.Port())
	default:
		port = local.Port()
	}
	return host, port
}

// knows tells whether a sent-by may be ours although it is not what the
// transaction wrote: middle boxes rewrite what they should not.
func (s *Stack) knows(host string) bool {
	for _, a := range s.advertise {
		if a.Host != "" && strings.EqualFold(a.Host, host) {
			return true
		}
	}
	ip, ok := parseHost(host)
	return ok && s.listening.has(ip)
}

// names remembers which address of ours the system sends from, by destination,
// and how addresses are written. Both are bounded; an entry is believed for a
// short while only, for routes change.
type names struct {
	mu      sync.Mutex
	texts   map[netip.Addr]string
	sources map[netip.Addr]sourceEntry
}

type sourceEntry struct {
	ip    netip.Addr
	until time.Time
}

const (
	maxNames     = 4096
	sourceBelief = 10 * time.Second
)

func (n *names) text(ip netip.Addr) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if t, ok := n.texts[ip]; ok {
		return t
	}
	if n.texts == nil || len(n.texts) >= maxNames {
		n.texts = make(map[netip.Addr]string)
	}
	t := formatHost(ip)
	n.texts[ip] = t
	return t
}

// source asks the system, outside of the lock, and remembers.
func (n *names) source(remote netip.Addr) netip.Addr {
	now := time.Now()
	n.mu.Lock()
	e, ok := n.sources[remote]
	n.mu.Unlock()
	if ok && now.Before(e.until) {
		return e.ip
	}
	ip, err := transport.Source(remote)
	if err != nil {
		// No route: whatever we say, nobody will answer it.
		ip = netip.IPv4Unspecified()
		if remote.Is6() && !remote.Is4In6() {
			ip = netip.IPv6Unspecified()
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.sources == nil || len(n.sources) >= maxNames {
		n.sources = make(map[netip.Addr]sourceEntry)
	}
	n.sources[remote] = sourceEntry{ip, now.Add(sourceBelief)}
	return ip
}
