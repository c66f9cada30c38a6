package transport

import (
	"bytes"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// maxDatagram is more than the largest UDP payload, so none is ever cut short.
const maxDatagram = 65535

// udpSocket is one bound socket: its reader, and the queue of what the system
// would not take at once.
type udpSocket struct {
	udp       *UDP
	conn      *net.UDPConn
	raw       rawSender
	handler   Handler
	local     netip.AddrPort
	both      bool // bound to every address of both families
	ephemeral bool
	done      chan struct{}

	// busy says that datagrams wait, so later ones have to wait behind them. It
	// is set and cleared under mu; Send reads it without.
	busy   atomic.Bool
	mu     sync.Mutex
	closed bool
	queue  []datagram
	bytes  int
}

type datagram struct {
	data []byte
	to   netip.AddrPort
}

func newUDPSocket(u *UDP, conn *net.UDPConn, h Handler, both bool) (*udpSocket, error) {
	s := &udpSocket{udp: u, conn: conn, handler: h, local: addrPort(conn.LocalAddr()), done: make(chan struct{})}
	// A socket that net opened for both families shows as [::]; where the system
	// has none such, net took IPv4.
	s.both = both && s.local.Addr() == netip.IPv6Unspecified()
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	s.raw.init(raw, conn, s.local.Addr().Is6())
	setBuffers(raw, conn, u.opt.ReceiveBuffer, u.opt.SendBuffer)
	enableICMP(raw, s.local.Addr().Is6())
	return s, nil
}

// read hands up every datagram until the socket closes. It is the socket's one
// reader, which is what keeps the order of arrival.
func (s *udpSocket) read() {
	var (
		buf   = make([]byte, maxDatagram)
		last  udpFlow
		flow  Flow // last as an interface, so that a busy peer costs no allocation
		pause backoff
	)
	for {
		n, from, err := s.conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			// A sender that met an ICMP error wakes us by the deadline. Clear it
			// before looking, so that the next one is not lost.
			s.conn.SetReadDeadline(time.Time{})
			reported := s.raw.unreachable(func(to netip.AddrPort, err error) {
				s.handler.Unreachable(udpFlow{s, to}, err)
			})
			if !reported && !errors.Is(err, os.ErrDeadlineExceeded) && !pause.wait(s.done) {
				return
			}
			continue
		}
		pause = 0
		if idle(buf[:n]) {
			continue
		}
		if f := (udpFlow{s, unmap(from)}); f != last || flow == nil {
			last, flow = f, f
		}
		s.handler.Receive(flow, buf[:n])
	}
}

// idle tells a keep-alive: phones send CRLFs or zero bytes to hold a NAT open.
func idle(b []byte) bool {
	return len(b) == 0 || b[0] < ' ' && len(bytes.Trim(b, "\r\n\x00")) == 0
}

// send makes one attempt that does not block and queues what did not go.
func (s *udpSocket) send(b []byte, to netip.AddrPort) error {
	if !s.busy.Load() {
		err := s.raw.send(b, to)
		if err != errWouldBlock {
			return err
		}
	}
	return s.enqueue(b, to)
}

func (s *udpSocket) enqueue(b []byte, to netip.AddrPort) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return ErrClosed
	case s.bytes+len(b) > s.udp.opt.QueueBytes:
		return ErrQueueFull
	}
	s.queue = append(s.queue, datagram{bytes.Clone(b), to})
	s.bytes += len(b)
	if !s.busy.Load() {
		s.busy.Store(true)
		s.udp.running.Go(s.drain) // ends when the queue is empty or the socket closes
	}
	return nil
}

// drain writes the queue out, waiting for the system as long as it takes.
func (s *udpSocket) drain() {
	for {
		s.mu.Lock()
		if len(s.queue) == 0 || s.closed {
			s.queue, s.bytes = nil, 0
			s.busy.Store(false)
			s.mu.Unlock()
			return
		}
		d := s.queue[0]
		s.queue[0] = datagram{}
		s.queue = s.queue[1:]
		s.bytes -= len(d.data)
		s.mu.Unlock()
		// The error is that of a datagram, which may get lost anywhere: the
		// transaction above retransmits.
		_, _ = s.conn.WriteToUDPAddrPort(d.data, d.to)
	}
}

func (s *udpSocket) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	close(s.done)
	s.conn.Close()
}

// udpFlow is a value: two of them are the same way when socket and peer are.
type udpFlow struct {
	s  *udpSocket
	to netip.AddrPort
}

func (f udpFlow) Network() Network       { return udpNetwork() }
func (f udpFlow) Remote() netip.AddrPort { return f.to }
func (f udpFlow) Send(b []byte) error    { return f.s.send(b, f.to) }
func (f udpFlow) String() string         { return describe(f) }

func (f udpFlow) Local() netip.AddrPort {
	if f.s.both && f.to.Addr().Is4() {
		return netip.AddrPortFrom(netip.IPv4Unspecified(), f.s.local.Port())
	}
	return f.s.local
}

func describe(f Flow) string {
	return f.Network().Name + " " + f.Local().String() + " -> " + f.Remote().String()
}

// backoff is the wait after a failed read or accept, doubled from 1 ms to 1 s,
// so that an error that stays does not burn a core.
type backoff time.Duration

// wait waits; false when done closed meanwhile.
func (p *backoff) wait(done <-chan struct{}) bool {
	*p = min(max(2**p, backoff(time.Millisecond)), backoff(time.Second))
	t := time.NewTimer(time.Duration(*p))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-done:
		return false
	}
}

// growBuffers asks the system for buffers and takes what it grants.
func growBuffers(conn *net.UDPConn, receive, send int) {
	if receive > 0 {
		_ = conn.SetReadBuffer(receive)
	}
	if send > 0 {
		_ = conn.SetWriteBuffer(send)
	}
}
