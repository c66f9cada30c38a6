package media

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"dum/sip"
)

// A Stream is one line of media that a description speaks of.
type Stream struct {
	Media     string    // "audio", "video", "image", …
	Proto     string    // "RTP/AVP", …
	Addr      string    // where it is to be sent: host:port; "" for a refused stream and for one we cannot use
	Codecs    []string  // "PCMU/8000", …; the bare formats where nothing names them
	Direction Direction // as seen by the sender of the description
	Refused   bool      // port 0
}

// String is the stream in a few words, for people.
func (s Stream) String() string {
	if s.Refused {
		return s.Media + " refused"
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s %s", s.Media, s.Direction, strings.Join(s.Codecs, ","), s.Addr))
}

// Streams tells what a description says, stream by stream, in order. The
// errors are those of [Session.Answer] for a body that cannot be read.
func Streams(body sip.Body) ([]Stream, error) {
	d, err := read(body)
	if err != nil {
		return nil, err
	}
	streams := make([]Stream, len(d.lines))
	for i := range d.lines {
		l := &d.lines[i]
		s := Stream{Media: l.media, Proto: l.proto, Codecs: l.formats, Refused: l.port == 0}
		if l.detail != nil {
			s.Direction = d.direction(l)
			s.Codecs = make([]string, len(l.formats))
			for j, f := range l.formats {
				if s.Codecs[j] = codecName(l, f); s.Codecs[j] == "" {
					s.Codecs[j] = f
				}
			}
			if !s.Refused {
				s.Addr = net.JoinHostPort(d.address(l), strconv.Itoa(l.port))
			}
		}
		streams[i] = s
	}
	return streams, nil
}
