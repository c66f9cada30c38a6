package stack

import (
	"net/netip"
	"strconv"

	"dum/sip"
	"dum/transport"
)

// PushVia puts our Via on top of a request that belongs to no transaction, an
// ACK of a 2xx, and returns its fresh branch.
func (s *Stack) PushVia(req *sip.Message, f transport.Flow) (branch string) {
	host, port := s.SentBy(f)
	return pushVia(req, f, host, port)
}

func pushVia(req *sip.Message, f transport.Flow, host string, port uint16) (branch string) {
	branch = sip.NewBranch()
	sip.Via.Prepend(req, sip.Hop{
		Transport: f.Network().Name,
		Host:      host,
		Port:      port,
		// RFC 3581 §3: rport asks for the answer to come back the way that this
		// went, and tells us what a NAT made of our address.
		Params: sip.Params(";branch=" + branch + ";rport"),
	})
	return branch
}

// stamp notes in the top Via of a request where it came from.
func stamp(m *sip.Message, via *sip.Hop, f transport.Flow) {
	from := f.Remote()
	_, _, rport := via.RPort()
	if !rport && hostIs(via.Host, from.Addr()) {
		return
	}
	// RFC 3261 §18.2.1: "If the host portion of the "sent-by" parameter contains a
	// domain name, or if it contains an IP address that differs from the packet
	// source address, the server MUST add a "received" parameter to that Via header
	// field value. This parameter MUST contain the source address from which the
	// packet was received."
	via.Params = via.Params.With("received", from.Addr().WithZone("").String())
	if rport {
		// RFC 3581 §4: "If this Via header field value contains an "rport" parameter
		// with no value, it MUST set the value of the parameter to the source port of
		// the request." And then it MUST insert "received" even where that tells
		// nothing new.
		via.Params = via.Params.With("rport", strconv.Itoa(int(from.Port())))
	}
	sip.Via.RemoveFirst(m)
	sip.Via.Prepend(m, *via)
}

// hostIs tells whether a host of a message is the address ip.
func hostIs(host string, ip netip.Addr) bool {
	a, ok := parseHost(host)
	return ok && a == ip.Unmap().WithZone("")
}

// parseHost reads a host that is an address, IPv6 with brackets or without.
func parseHost(host string) (netip.Addr, bool) {
	if n := len(host); n > 2 && host[0] == '[' && host[n-1] == ']' {
		host = host[1 : n-1]
	}
	if host == "" || host[0] != ':' && !isHex(host[0]) {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(host)
	return a.Unmap().WithZone(""), err == nil
}

// isHex spares names the work, and the error, of being parsed as an address.
func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// formatHost is the way an address stands in a message.
func formatHost(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		return "[" + a.String() + "]"
	}
	return a.String()
}
