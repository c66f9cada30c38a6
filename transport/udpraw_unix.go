//go:build unix

package transport

import (
	"errors"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// errWouldBlock is never seen outside: the datagram or the bytes go to a queue.
var errWouldBlock = errors.New("transport: would block")

// rawSender sends datagrams on the bare descriptor. The writing methods of
// net.UDPConn wait when the buffer is full and hold a lock meanwhile; here the
// attempt is made at once, beside any other, and allocates nothing.
type rawSender struct {
	raw  syscall.RawConn
	conn *net.UDPConn
	six  bool // an IPv6 socket: IPv4 peers are written mapped
	ops  sync.Pool
}

// sendOp is one attempt, kept for reuse with its closure.
type sendOp struct {
	data []byte
	to   syscall.Sockaddr
	sa4  syscall.SockaddrInet4
	sa6  syscall.SockaddrInet6
	err  error
	run  func(fd uintptr)
}

func (r *rawSender) init(raw syscall.RawConn, conn *net.UDPConn, six bool) {
	r.raw, r.conn, r.six = raw, conn, six
	r.ops.New = func() any {
		op := new(sendOp)
		op.run = func(fd uintptr) {
			for range 4 {
				op.err = syscall.Sendto(int(fd), op.data, 0, op.to)
				if op.err != syscall.EINTR {
					return
				}
			}
		}
		return op
	}
}

// send makes one attempt; errWouldBlock when the buffer is full.
func (r *rawSender) send(b []byte, to netip.AddrPort) error {
	op := r.ops.Get().(*sendOp)
	defer r.ops.Put(op)
	if err := op.address(to, r.six); err != nil {
		return err
	}
	op.data = b
	defer func() { op.data = nil }()
	// An ICMP error for an earlier datagram, to whomever, is told by the next
	// call on the socket, which is then not carried out. It is the reader's to
	// report; ours has to be tried again.
	for range 4 {
		if err := r.raw.Control(op.run); err != nil {
			return ErrClosed
		}
		if !refused(op.err) {
			break
		}
		r.conn.SetReadDeadline(time.Unix(1, 0))
	}
	switch op.err {
	case nil:
		return nil
	case syscall.EAGAIN:
		return errWouldBlock
	case syscall.ENOBUFS:
		return ErrQueueFull
	case syscall.EBADF:
		return ErrClosed
	}
	return &net.OpError{Op: "write", Net: "udp", Addr: net.UDPAddrFromAddrPort(to), Err: op.err}
}

func (op *sendOp) address(to netip.AddrPort, six bool) error {
	if !six {
		op.sa4.Port, op.sa4.Addr = int(to.Port()), to.Addr().As4()
		op.to = &op.sa4
		return nil
	}
	zone, err := zoneID(to.Addr().Zone())
	if err != nil {
		return err
	}
	op.sa6.Port, op.sa6.Addr, op.sa6.ZoneId = int(to.Port()), to.Addr().As16(), zone
	op.to = &op.sa6
	return nil
}

// zoneID turns the zone of a link-local address into the number the system uses.
func zoneID(zone string) (uint32, error) {
	if zone == "" {
		return 0, nil
	}
	if n, err := strconv.ParseUint(zone, 10, 32); err == nil {
		return uint32(n), nil
	}
	ifi, err := net.InterfaceByName(zone)
	if err != nil {
		return 0, err
	}
	return uint32(ifi.Index), nil
}
