package trace

import (
	"encoding/binary"
	"io"
	"net/netip"
	"time"
)

const (
	tcpFin  = 0x01
	tcpSyn  = 0x02
	tcpPush = 0x08
	tcpAck  = 0x10
)

// maxStreams bounds the connections whose sequence numbers are kept; one that is
// forgotten begins anew.
const maxStreams = 65536

// streams are the TCP connections of a capture.
type streams struct {
	all     map[[2]netip.AddrPort]*stream
	started uint32
}

// stream is one connection: whose bytes come next, by direction.
type stream struct {
	first netip.AddrPort // the end whose number is next[0]
	next  [2]uint32
	fresh bool
}

func newStreams() streams { return streams{all: make(map[[2]netip.AddrPort]*stream)} }

// pair is the same for both directions.
func pair(a, b netip.AddrPort) [2]netip.AddrPort {
	if a.Compare(b) > 0 {
		a, b = b, a
	}
	return [2]netip.AddrPort{a, b}
}

// of finds the connection of a packet, or begins one.
func (s *streams) of(p *packet) *stream {
	key := pair(p.src, p.dst)
	if st := s.all[key]; st != nil {
		st.fresh = false
		return st
	}
	if len(s.all) >= maxStreams {
		for key := range s.all {
			delete(s.all, key)
			break
		}
	}
	// Each begins at a number of its own, so that ports that are used again make
	// a new connection for the reader too.
	s.started++
	isn := s.started << 12
	st := &stream{first: p.src, next: [2]uint32{isn, isn + 0x40000000}, fresh: true}
	s.all[key] = st
	return st
}

// handshake opens a connection: whoever speaks first is taken for its client.
func (s *PcapSink) handshake(st *stream, p *packet) {
	there := packet{at: p.at, src: p.src, dst: p.dst, sent: p.sent}
	back := p.back()
	s.tcp(st, &there, tcpSyn, nil)
	s.tcp(st, &back, tcpSyn|tcpAck, nil)
	s.tcp(st, &there, tcpAck, nil)
}

// maxRising bounds what is held back for one connection that comes up.
const maxRising = 64

// risen is a message that waits for the port of its connection.
type risen struct {
	packet packet
	raw    []byte
}

// opened writes what was sent before a connection was up and had a port.
func (s *PcapSink) opened(ev FlowOpened) {
	s.mu.Lock()
	defer s.mu.Unlock()
	local, remote := ev.ends()
	waiting := s.rising[remote]
	if local.Port() == 0 || waiting == nil {
		return
	}
	delete(s.rising, remote)
	for _, r := range waiting {
		r.packet.src = local
		s.message(&r.packet, ev.Network, r.raw)
	}
}

// closed ends a connection in the file, if it is in there.
func (s *PcapSink) closed(at time.Time, ev FlowClosed) {
	if ev.Network != "TCP" || !ev.Remote.IsValid() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	local, remote := ev.ends()
	delete(s.rising, remote) // it never came up, so nothing went out
	st := s.streams.all[pair(local, remote)]
	if st == nil {
		return
	}
	p := packet{at: at, src: local, dst: remote, sent: true}
	if ev.Err == io.EOF {
		p = p.back() // the peer began
	}
	back := p.back()
	s.tcp(st, &p, tcpFin|tcpAck, nil)
	s.tcp(st, &back, tcpFin|tcpAck, nil)
	s.tcp(st, &p, tcpAck, nil)
	delete(s.streams.all, pair(local, remote))
}

// tcp writes one segment.
func (s *PcapSink) tcp(st *stream, p *packet, flags byte, data []byte) {
	mine, theirs := &st.next[0], &st.next[1]
	if p.src != st.first {
		mine, theirs = theirs, mine
	}
	s.ident++
	s.packet = appendIP(s.packet[:0], p, protoTCP, s.ident, 20+len(data))
	at := len(s.packet)
	b := binary.BigEndian.AppendUint16(s.packet, p.src.Port())
	b = binary.BigEndian.AppendUint16(b, p.dst.Port())
	b = binary.BigEndian.AppendUint32(b, *mine)
	ack := *theirs
	if flags&tcpAck == 0 {
		ack = 0
	}
	b = binary.BigEndian.AppendUint32(b, ack)
	b = append(b, 5<<4, flags, 0xff, 0xff, 0, 0, 0, 0)
	b = append(b, data...)
	binary.BigEndian.PutUint16(b[at+16:], checksum(b[at:], pseudoHeader(p, protoTCP, len(b)-at)))
	*mine += uint32(len(data))
	if flags&(tcpSyn|tcpFin) != 0 {
		*mine++
	}
	s.packet = b
	s.emit(ethernet, p, b)
}
