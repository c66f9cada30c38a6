package trace

import (
	"encoding/binary"
	"net/netip"
)

const (
	protoTCP = 6
	protoUDP = 17
)

// appendIP writes the Ethernet and IP headers of a packet with size bytes above.
func appendIP(b []byte, p *packet, proto byte, ident uint16, size int) []byte {
	src, dst := p.src.Addr(), p.dst.Addr()
	b = appendMAC(appendMAC(b, dst), src)
	if src.Is4() && dst.Is4() {
		b = append(b, 0x08, 0x00)
		at := len(b)
		b = append(b, 0x45, 0)
		b = binary.BigEndian.AppendUint16(b, uint16(20+size))
		b = binary.BigEndian.AppendUint16(b, ident)
		b = append(b, 0x40, 0, 64, proto, 0, 0) // don't fragment, 64 hops
		b = append(append(b, src.AsSlice()...), dst.AsSlice()...)
		binary.BigEndian.PutUint16(b[at+10:], checksum(b[at:], 0))
		return b
	}
	s, d := as16(src), as16(dst)
	b = append(b, 0x86, 0xdd, 0x60, 0, 0, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(size))
	b = append(b, proto, 64)
	return append(append(b, s[:]...), d[:]...)
}

// as16 takes an address for IPv6, also one that is not known.
func as16(ip netip.Addr) [16]byte {
	if !ip.IsValid() {
		return [16]byte{}
	}
	return ip.As16()
}

// appendMAC makes up a hardware address, locally administered, that differs as
// the addresses do.
func appendMAC(b []byte, ip netip.Addr) []byte {
	all := as16(ip)
	return append(append(b, 2, 0), all[12:]...)
}

// pseudoHeader is the sum of what UDP and TCP checksums cover besides their own
// bytes (RFC 768, RFC 9293 §3.1, RFC 8200 §8.1).
func pseudoHeader(p *packet, proto byte, size int) uint32 {
	src, dst := p.src.Addr(), p.dst.Addr()
	sum := uint32(proto) + uint32(size)>>16 + uint32(size)&0xffff
	if src.Is4() && dst.Is4() {
		return add(add(sum, src.AsSlice()), dst.AsSlice())
	}
	s, d := as16(src), as16(dst)
	return add(add(sum, s[:]), d[:])
}

// add sums b as 16-bit words.
func add(sum uint32, b []byte) uint32 {
	for ; len(b) > 1; b = b[2:] {
		sum += uint32(b[0])<<8 | uint32(b[1])
	}
	if len(b) > 0 {
		sum += uint32(b[0]) << 8
	}
	return sum
}

// checksum is the Internet checksum (RFC 1071) of b on top of a sum.
func checksum(b []byte, sum uint32) uint16 {
	sum = add(sum, b)
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}
