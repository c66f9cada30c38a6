//go:build !linux

package transport

import (
	"net"
	"net/netip"
	"syscall"
)

// enableICMP: elsewhere an unconnected socket is not told of ICMP errors.
func enableICMP(syscall.RawConn, bool) {}

func refused(error) bool { return false }

func (r *rawSender) unreachable(func(netip.AddrPort, error)) bool { return false }

func setBuffers(_ syscall.RawConn, conn *net.UDPConn, receive, send int) {
	growBuffers(conn, receive, send)
}
