package trace

import (
	"bytes"
	"encoding/binary"
	"io"
	"net/netip"
	"time"
)

// PcapSink writes a capture file; see [Pcap]. It is safe for concurrent use.
type PcapSink struct {
	writer
	mirror  mirror
	streams streams
	rising  map[netip.AddrPort][]risen // by remote: what was sent before the connection was up
	ident   uint16
	packet  []byte
	block   []byte
}

// Pcap returns a sink that writes each message to w in the pcapng format, which
// Wireshark and tshark open. UDP and TCP messages stand in well-formed packets:
// connections have a handshake, running sequence numbers and an end. What went
// over any other network is encrypted or framed on the wire, so its text stands
// there alone, with the addresses, as an exported SIP PDU. Notes tell
// retransmissions and drops.
//
// The file holds the very bytes, passwords included: guard it. A message that
// both ends in this process recorded is written once. What is written goes out
// within a tenth of a second; close the sink when done.
func Pcap(w io.Writer) *PcapSink {
	s := &PcapSink{mirror: newMirror(), streams: newStreams(), rising: make(map[netip.AddrPort][]risen)}
	s.start(w)
	// The header waits in the buffer; it goes out with the first flush.
	s.mu.Lock()
	defer s.mu.Unlock()
	s.write(appendFileHeader(nil))
	return s
}

// Record writes the event if it is a message or an end of a connection.
func (s *PcapSink) Record(at time.Time, ev Event) {
	var (
		raw  []byte
		sum  summary
		path Path
		note string
		sent bool
	)
	switch ev := ev.(type) {
	case MessageIn:
		sum, raw, path = summaryOf(ev.Msg), ev.Msg.AppendTo(nil), ev.Path
	case MessageOut:
		sum, raw, path, sent = summarize(ev.Raw), ev.Raw, ev.Path, true
		if ev.Again {
			note = "retransmission"
		}
	case MessageDropped:
		sum, raw, path, note = summarize(ev.Raw), ev.Raw, ev.Path, "dropped: "+ev.Reason
	case FlowOpened:
		s.opened(ev)
		return
	case FlowClosed:
		s.closed(at, ev)
		return
	default:
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if sum.ok {
		key := s.mirror.key(path.Network, sum)
		if _, dropped := ev.(MessageDropped); dropped && s.mirror.knows(key) {
			return // it was written when it came
		}
		if echo, _ := s.mirror.look(key, sent); echo {
			return
		}
	}
	local, remote := path.ends()
	p := packet{at: at, src: remote, dst: local, sent: sent, note: note}
	if sent {
		p.src, p.dst = local, remote
	}
	if path.Network == "TCP" && local.Port() == 0 && len(s.rising[remote]) < maxRising {
		s.rising[remote] = append(s.rising[remote], risen{p, bytes.Clone(raw)})
		return
	}
	s.message(&p, path.Network, raw)
}

// packet is what a packet of the file tells besides its bytes.
type packet struct {
	at       time.Time
	src, dst netip.AddrPort
	sent     bool
	note     string
}

func (p *packet) back() packet {
	return packet{at: p.at, src: p.dst, dst: p.src, sent: !p.sent}
}

// maxSegment is how much of a message goes into one TCP segment: as much as an
// IP packet holds, so that most messages are one packet.
const maxSegment = 65000

func (s *PcapSink) message(p *packet, network string, raw []byte) {
	switch network {
	case "UDP":
		if len(raw) <= maxSegment {
			s.udp(p, raw)
			return
		}
	case "TCP":
		st := s.streams.of(p)
		if st.fresh {
			s.handshake(st, p)
		}
		for first := true; first || len(raw) > 0; first = false {
			n := min(len(raw), maxSegment)
			s.tcp(st, p, tcpPush|tcpAck, raw[:n])
			raw = raw[n:]
		}
		return
	}
	s.pdu(p, raw)
}

func (s *PcapSink) udp(p *packet, data []byte) {
	s.ident++
	s.packet = appendIP(s.packet[:0], p, protoUDP, s.ident, 8+len(data))
	at := len(s.packet)
	b := binary.BigEndian.AppendUint16(s.packet, p.src.Port())
	b = binary.BigEndian.AppendUint16(b, p.dst.Port())
	b = binary.BigEndian.AppendUint16(b, uint16(8+len(data)))
	b = binary.BigEndian.AppendUint16(b, 0)
	b = append(b, data...)
	sum := checksum(b[at:], pseudoHeader(p, protoUDP, len(b)-at))
	if sum == 0 {
		sum = 0xffff // RFC 768: zero means none
	}
	binary.BigEndian.PutUint16(b[at+6:], sum)
	s.packet = b
	s.emit(ethernet, p, b)
}

// pdu writes the text alone: Wireshark's exported PDU, whose tags name the
// dissector and the addresses.
func (s *PcapSink) pdu(p *packet, data []byte) {
	tag := func(b []byte, tag uint16, value []byte) []byte {
		n := (len(value) + 3) &^ 3
		b = binary.BigEndian.AppendUint16(b, tag)
		b = binary.BigEndian.AppendUint16(b, uint16(n))
		b = append(b, value...)
		return append(b, make([]byte, n-len(value))...)
	}
	number := func(n int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }
	src, dst := p.src.Addr(), p.dst.Addr()
	b := tag(s.packet[:0], 12, []byte("sip")) // EXP_PDU_TAG_DISSECTOR_NAME
	if src.Is4() && dst.Is4() {
		b = tag(b, 20, src.AsSlice()) // IPV4_SRC, IPV4_DST
		b = tag(b, 21, dst.AsSlice())
	} else {
		src, dst := src.As16(), dst.As16()
		b = tag(b, 22, src[:]) // IPV6_SRC, IPV6_DST
		b = tag(b, 23, dst[:])
	}
	b = tag(b, 24, number(2)) // PORT_TYPE: TCP
	b = tag(b, 25, number(int(p.src.Port())))
	b = tag(b, 26, number(int(p.dst.Port())))
	b = append(b, 0, 0, 0, 0)
	s.packet = append(b, data...)
	s.emit(exported, p, s.packet)
}

// emit writes a packet to the file.
func (s *PcapSink) emit(iface uint32, p *packet, data []byte) {
	s.block = appendPacket(s.block[:0], iface, p, data)
	s.write(s.block)
}
