//go:build !unix

package transport

import (
	"errors"
	"net"
	"net/netip"
	"syscall"
)

var errWouldBlock = errors.New("transport: would block")

// rawSender sends by way of net, which may wait for a full buffer to drain
// where the system offers nothing else.
type rawSender struct {
	conn *net.UDPConn
}

func (r *rawSender) init(_ syscall.RawConn, conn *net.UDPConn, _ bool) { r.conn = conn }

func (r *rawSender) send(b []byte, to netip.AddrPort) error {
	_, err := r.conn.WriteToUDPAddrPort(b, to)
	if errors.Is(err, net.ErrClosed) {
		return ErrClosed
	}
	return err
}
