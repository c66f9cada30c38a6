package media

import (
	"net/netip"
	"strconv"

	"github.com/pion/sdp/v3"
)

// A stream is one m= line of ours with what follows it.
type stream struct {
	media, proto string
	port         uint16
	choice       choice
	direction    Direction
	refused      []string // the formats of a stream that is not wanted; its port is 0
}

// refuse is a stream that is not wanted.
//
// RFC 3264 §6: "To reject an offered stream, the port number in the
// corresponding stream in the answer MUST be set to zero.  Any media formats
// listed are ignored.  At least one MUST be present, as specified by SDP."
func refuse(l *line) stream {
	return stream{media: l.media, proto: l.proto, refused: l.formats}
}

// print writes the description of the session.
func (s *Session) print(t []sdp.TimeDescription, streams []stream) string {
	addr := s.Addr.Unmap().WithZone("")
	if !addr.IsValid() {
		addr = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	kind := " IN IP4 "
	if addr.Is6() {
		kind = " IN IP6 "
	}
	b := make([]byte, 0, 512)
	b = append(b, "v=0\r\no=- "...)
	b = strconv.AppendUint(b, s.id, 10)
	b = append(b, ' ')
	b = strconv.AppendUint(b, s.version, 10)
	b = append(b, kind...)
	b = addr.AppendTo(b)
	b = append(b, "\r\ns=-\r\nc="...)
	b = append(b, kind[1:]...)
	b = addr.AppendTo(b)
	b = append(b, "\r\n"...)
	for i := range t {
		b = append(b, "t="...)
		b = strconv.AppendUint(b, t[i].Timing.StartTime, 10)
		b = append(b, ' ')
		b = strconv.AppendUint(b, t[i].Timing.StopTime, 10)
		b = append(b, "\r\n"...)
		for _, r := range t[i].RepeatTimes {
			b = append(b, "r="...)
			b = append(b, r.String()...)
			b = append(b, "\r\n"...)
		}
	}
	for i := range streams {
		b = streams[i].appendTo(b)
	}
	return string(b)
}

// appendTo writes the m= line and its attributes.
func (s *stream) appendTo(b []byte) []byte {
	b = append(b, "m="...)
	b = append(b, s.media...)
	b = append(b, ' ')
	b = strconv.AppendUint(b, uint64(s.port), 10)
	b = append(b, ' ')
	b = append(b, s.proto...)
	for _, f := range s.refused {
		b = append(b, ' ')
		b = append(b, f...)
	}
	for _, f := range s.choice {
		b = append(b, ' ')
		b = append(b, f.number...)
	}
	b = append(b, "\r\n"...)
	if s.refused != nil {
		return b
	}
	for _, f := range s.choice {
		b = append(b, "a=rtpmap:"...)
		b = append(b, f.number...)
		b = append(b, ' ')
		b = append(b, f.name...)
		b = append(b, "\r\n"...)
		if f.name == events {
			b = append(b, "a=fmtp:"...)
			b = append(b, f.number...)
			b = append(b, " 0-15\r\n"...)
		}
	}
	b = append(b, "a="...)
	b = append(b, s.direction.String()...)
	return append(b, "\r\n"...)
}
