package cli

import (
	"net"
	"net/netip"
	"strconv"
	"strings"

	"dum"
	"dum/sip"
)

// LocalAddr is the address of ours that a peer reaches us at when we speak to
// first, the host that requests go to: what a session description should say.
// It looks at the listening points first, and where those are bound to every
// address it asks the routing table.
func LocalAddr(m *dum.Manager, first sip.URI) netip.Addr {
	for _, l := range m.Addrs() {
		if ip := l.Addr.Addr(); !ip.IsUnspecified() {
			return ip
		}
	}
	port := first.Port
	if port == 0 {
		port = 5060
	}
	// Connecting a datagram socket sends nothing: it only picks the route.
	c, err := net.Dial("udp", net.JoinHostPort(strings.Trim(first.Host, "[]"), strconv.Itoa(int(port))))
	if err != nil {
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap()
}
