package media

import (
	"math/rand/v2"
	"net/netip"

	"github.com/pion/sdp/v3"

	"dum/sip"
)

// Discard is the port of the discard service (RFC 863): what a description
// names when nobody listens for the media.
const Discard = 9

// A Session is the SDP side of one call: it makes the offers and answers that
// we send and keeps what RFC 3264 wants kept between them (the origin, its
// version, the order of the streams). Make one for each call. It is not safe
// for concurrent use; the handlers of one call never run at once.
type Session struct {
	// Addr is where media is to be sent; the zero Addr stands for 127.0.0.1.
	Addr netip.Addr
	// Port is the port of the audio stream; 0 stands for Discard.
	Port uint16
	// Reader, which many sessions may share, remembers the offers of peers; nil
	// reads each anew.
	Reader *Reader

	id, version uint64
	last        string // what we said last; "" before the first time
}

// Offer returns an offer in the direction d. The first one offers audio with
// PCMU, PCMA and telephone-event; a later one repeats the streams that were
// agreed on and changes only their direction.
func (s *Session) Offer(d Direction) sip.Body {
	if s.last != "" {
		if prev, err := read(sip.Body{Type: contentType, Data: s.last}); err == nil {
			return s.say(prev.TimeDescriptions, s.again(prev, d))
		}
	}
	return s.say(nil, []stream{s.stream("RTP/AVP", choice{
		{"0", "PCMU/8000"}, {"8", "PCMA/8000"}, {"101", events},
	}, d)})
}

// again returns the streams of our last description with another direction.
//
// RFC 3264 §8: "if the previous SDP had N "m=" lines, the new SDP MUST have at
// least N "m=" lines." Refused ones stay, with port 0.
func (s *Session) again(prev *description, d Direction) []stream {
	streams := make([]stream, len(prev.lines))
	for i := range prev.lines {
		l := &prev.lines[i]
		if l.port == 0 || l.detail == nil {
			streams[i] = refuse(l)
			continue
		}
		streams[i] = s.stream(l.proto, choose(l), d)
	}
	return streams
}

// Answer returns the answer to an offer: the first audio stream that can be
// accepted is, in the mirrored direction; all others are refused by port 0.
// When streams are offered and none can be accepted the error is a
// *sip.Status of 488 with a Warning that says why; 415 and 400 tell of a body
// that is not SDP or cannot be read.
func (s *Session) Answer(offer sip.Body) (sip.Body, error) {
	d, err := s.Reader.read(offer)
	if err != nil {
		return sip.Body{}, err
	}
	// RFC 3264 §6: "For each "m=" line in the offer, there MUST be a
	// corresponding "m=" line in the answer."
	streams := make([]stream, len(d.lines))
	warning := ""
	accepted, wanted := false, false
	for i := range d.lines {
		l := &d.lines[i]
		if l.port != 0 {
			wanted = true
			if l.detail != nil && !accepted {
				if c := choose(l); c.sound() {
					streams[i], accepted = s.stream(l.proto, c, d.direction(l).Reverse()), true
					continue
				}
			}
			if warning == "" {
				warning = complaint(l)
			}
		}
		streams[i] = refuse(l)
	}
	if wanted && !accepted {
		return sip.Body{}, sip.NewStatus(488, "").With("Warning", warning)
	}
	// RFC 3264 §6: "The "t=" line in the answer MUST equal that of the offer."
	return s.say(d.TimeDescriptions, streams), nil
}

// complaint is the warning (RFC 3261 §20.43) that a refused stream deserves.
func complaint(l *line) string {
	switch {
	case l.media != "audio":
		return `304 dum "Media type not available: audio only"`
	case l.detail == nil:
		return `302 dum "Incompatible transport protocol: RTP/AVP only"`
	}
	return `305 dum "Incompatible media format: PCMU or PCMA only"`
}

// stream is an audio stream of ours.
func (s *Session) stream(proto string, c choice, d Direction) stream {
	port := s.Port
	if port == 0 {
		port = Discard
	}
	return stream{media: "audio", port: port, proto: proto, choice: c, direction: d}
}

// say writes a description and keeps it as our last word.
//
// RFC 3264 §8: the origin line "MUST be identical to that in the previous SDP,
// except that the version in the origin field MUST increment by one from the
// previous SDP.  If the version in the origin line does not increment, the SDP
// MUST be identical to the SDP with that version number."
func (s *Session) say(t []sdp.TimeDescription, streams []stream) sip.Body {
	if s.id == 0 {
		// §5: "MUST be representable with a 64 bit signed integer"
		s.id, s.version = rand.Uint64N(1<<62)+1, 1
	}
	if len(t) == 0 {
		t = []sdp.TimeDescription{{}} // t=0 0: the line is not optional
	}
	text := s.print(t, streams)
	if s.last != "" && text != s.last {
		s.version++
		text = s.print(t, streams)
	}
	s.last = text
	return sip.Body{Type: contentType, Data: text}
}
