package transport

import (
	"encoding/binary"
	"net"
	"net/netip"
	"os"
	"syscall"
)

// Origins of an entry in a socket's error queue, linux/errqueue.h.
const (
	originICMP  = 2
	originICMP6 = 3
)

// enableICMP asks the system to queue ICMP errors together with the address
// that the refused datagram went to. Without it an unconnected socket hears
// nothing, and a call to a dead port waits out its 32 seconds.
func enableICMP(raw syscall.RawConn, six bool) {
	raw.Control(func(fd uintptr) {
		// Best effort: a socket without it only hears less.
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, syscall.IP_RECVERR, 1)
		if six {
			_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IPV6, syscall.IPV6_RECVERR, 1)
		}
	})
}

// refused tells an error that an ICMP message left on the socket.
func refused(err error) bool {
	switch err {
	case syscall.ECONNREFUSED, syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.EHOSTDOWN,
		syscall.ENOPROTOOPT, syscall.EPROTO, syscall.ENONET, syscall.EOPNOTSUPP:
		return true
	}
	return false
}

// unreachable empties the socket's error queue into report; false when there
// was nothing in it.
func (r *rawSender) unreachable(report func(to netip.AddrPort, err error)) (any bool) {
	var payload [1]byte
	oob := make([]byte, 512)
	for {
		var (
			oobn int
			from syscall.Sockaddr
			err  error
		)
		if r.raw.Control(func(fd uintptr) {
			_, oobn, _, from, err = syscall.Recvmsg(int(fd), payload[:], oob, syscall.MSG_ERRQUEUE)
		}) != nil || err != nil {
			return any
		}
		any = true
		to := addrOf(from)
		if errno := icmpError(oob[:oobn]); errno != 0 && to.IsValid() {
			report(to, &net.OpError{Op: "write", Net: "udp", Addr: net.UDPAddrFromAddrPort(to),
				Err: os.NewSyscallError("sendto", errno)})
		}
	}
}

// icmpError reads the sock_extended_err among control messages; 0 when it is
// none that a transaction has to know.
func icmpError(oob []byte) syscall.Errno {
	msgs, err := syscall.ParseSocketControlMessage(oob)
	if err != nil {
		return 0
	}
	for _, m := range msgs {
		v4 := m.Header.Level == syscall.IPPROTO_IP && m.Header.Type == syscall.IP_RECVERR
		v6 := m.Header.Level == syscall.IPPROTO_IPV6 && m.Header.Type == syscall.IPV6_RECVERR
		if !v4 && !v6 || len(m.Data) < 8 {
			continue
		}
		origin, kind, code := m.Data[4], m.Data[5], m.Data[6]
		// RFC 3261 §18.4: "Host, network, port or protocol unreachable errors, or
		// parameter problem errors SHOULD cause the transport layer to inform the
		// transport user of a failure in sending. Source quench and TTL exceeded
		// ICMP errors SHOULD be ignored." A packet too big is sent again in pieces.
		switch {
		case origin == originICMP && (kind == 3 && code != 4 || kind == 12),
			origin == originICMP6 && (kind == 1 || kind == 4):
			return syscall.Errno(binary.NativeEndian.Uint32(m.Data))
		}
	}
	return 0
}

func addrOf(sa syscall.Sockaddr) netip.AddrPort {
	switch sa := sa.(type) {
	case *syscall.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port))
	case *syscall.SockaddrInet6:
		ip := netip.AddrFrom16(sa.Addr).Unmap()
		if sa.ZoneId != 0 && ip.Is6() {
			if ifi, err := net.InterfaceByIndex(int(sa.ZoneId)); err == nil {
				ip = ip.WithZone(ifi.Name)
			}
		}
		return netip.AddrPortFrom(ip, uint16(sa.Port))
	}
	return netip.AddrPort{}
}

// setBuffers asks for socket buffers: beyond the system's bound where the
// process may, within it otherwise.
func setBuffers(raw syscall.RawConn, conn *net.UDPConn, receive, send int) {
	raw.Control(func(fd uintptr) {
		if receive > 0 && syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUFFORCE, receive) == nil {
			receive = 0
		}
		if send > 0 && syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_SNDBUFFORCE, send) == nil {
			send = 0
		}
	})
	growBuffers(conn, receive, send)
}
