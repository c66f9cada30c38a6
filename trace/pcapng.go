package trace

import "encoding/binary"

// The interfaces of our files, in the order in which appendFileHeader names them.
const (
	ethernet uint32 = iota // LINKTYPE_ETHERNET
	exported               // LINKTYPE_WIRESHARK_UPPER_PDU
)

// Numbers of the pcapng format (draft-ietf-opsawg-pcapng).
const (
	blockSection   = 0x0A0D0D0A
	blockInterface = 1
	blockPacket    = 6

	optEnd       = 0
	optComment   = 1
	optName      = 2
	optFlags     = 2 // of a packet
	optUserAppl  = 4
	optTimeUnits = 9
)

// appendFileHeader writes the section and the two kinds of link it holds.
func appendFileHeader(b []byte) []byte {
	b = appendBlock(b, blockSection, func(b []byte) []byte {
		b = binary.LittleEndian.AppendUint32(b, 0x1A2B3C4D)
		b = append(b, 1, 0, 0, 0)                           // version 1.0
		b = binary.LittleEndian.AppendUint64(b, ^uint64(0)) // of any length
		b = appendOption(b, optUserAppl, []byte("dum"))
		return appendOption(b, optEnd, nil)
	})
	for _, link := range [...]struct {
		kind uint16
		name string
	}{{1, "sip"}, {252, "sip-exported"}} {
		b = appendBlock(b, blockInterface, func(b []byte) []byte {
			b = binary.LittleEndian.AppendUint16(b, link.kind)
			b = append(b, 0, 0, 0, 0, 0, 0) // packets of any length
			b = appendOption(b, optName, []byte(link.name))
			b = appendOption(b, optTimeUnits, []byte{9}) // nanoseconds
			return appendOption(b, optEnd, nil)
		})
	}
	return b
}

// appendPacket writes an enhanced packet block.
func appendPacket(b []byte, iface uint32, p *packet, data []byte) []byte {
	return appendBlock(b, blockPacket, func(b []byte) []byte {
		at := uint64(p.at.UnixNano())
		b = binary.LittleEndian.AppendUint32(b, iface)
		b = binary.LittleEndian.AppendUint32(b, uint32(at>>32))
		b = binary.LittleEndian.AppendUint32(b, uint32(at))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
		b = pad(append(b, data...), len(data))
		direction := uint32(1) // inbound
		if p.sent {
			direction = 2
		}
		b = appendOption(b, optFlags, binary.LittleEndian.AppendUint32(nil, direction))
		if p.note != "" {
			b = appendOption(b, optComment, []byte(p.note))
		}
		return appendOption(b, optEnd, nil)
	})
}

// appendBlock writes a block around what body appends.
func appendBlock(b []byte, kind uint32, body func([]byte) []byte) []byte {
	at := len(b)
	b = binary.LittleEndian.AppendUint32(b, kind)
	b = body(append(b, 0, 0, 0, 0))
	size := uint32(len(b) - at + 4)
	binary.LittleEndian.PutUint32(b[at+4:], size)
	return binary.LittleEndian.AppendUint32(b, size)
}

func appendOption(b []byte, code uint16, value []byte) []byte {
	b = binary.LittleEndian.AppendUint16(b, code)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(value)))
	return pad(append(b, value...), len(value))
}

// pad fills what is n bytes long up to a multiple of four.
func pad(b []byte, n int) []byte {
	for ; n%4 != 0; n++ {
		b = append(b, 0)
	}
	return b
}
