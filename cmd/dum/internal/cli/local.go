package cli

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"dum"
	"dum/sip"
)

// ListenAddr is the one address that all listening points of m share; ok is
// false when they differ or are bound to every address.
func ListenAddr(m *dum.Manager) (addr netip.Addr, ok bool) {
	for i, l := range m.Addrs() {
		if i > 0 && l.Addr.Addr() != addr {
			return netip.Addr{}, false
		}
		addr = l.Addr.Addr()
	}
	return addr, addr.IsValid() && !addr.IsUnspecified()
}

// lookup bounds the question for a host's name.
const lookup = time.Second

// LocalAddr is the address of ours at which the host of first reaches us: what
// a session description should say. Where there is more than one the routing
// table is asked; what cannot be found out is 127.0.0.1.
func LocalAddr(m *dum.Manager, first sip.URI) netip.Addr {
	if addr, ok := ListenAddr(m); ok {
		return addr
	}
	port := first.Port
	if port == 0 {
		port = 5060
	}
	// Connecting a datagram socket sends nothing: it only picks the route.
	c, err := net.DialTimeout("udp", net.JoinHostPort(strings.Trim(first.Host, "[]"), strconv.Itoa(int(port))), lookup)
	if err != nil {
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap()
}
