package media

import (
	"strings"

	"github.com/pion/sdp/v3"
)

// events is the format that carries key presses (RFC 4733); it is no codec: a
// stream needs one beside it.
const events = "telephone-event/8000"

// static are the payload types that need no rtpmap (RFC 3551 §6).
var static = [...]struct{ format, codec string }{{"0", "PCMU/8000"}, {"8", "PCMA/8000"}}

// A choice is the formats taken from an offered stream, in the offer's order
// of preference, with the attributes that name them.
type choice struct {
	formats    []string
	attributes []sdp.Attribute
	codec      bool // a format that carries sound is among them
}

// choose picks the formats of l that this package accepts.
//
// RFC 3264 §6.1: "In the case of RTP, if a particular codec was referenced
// with a specific payload type number in the offer, that same payload type
// number SHOULD be used for that codec in the answer."
func choose(l *line) choice {
	var c choice
	for _, format := range l.formats {
		name := codecName(l, format)
		switch name {
		case "PCMU/8000", "PCMA/8000":
			c.codec = true
		case events:
		default:
			continue
		}
		c.formats = append(c.formats, format)
		c.attributes = append(c.attributes, sdp.Attribute{Key: "rtpmap", Value: format + " " + name})
		if name == events {
			c.attributes = append(c.attributes, sdp.Attribute{Key: "fmtp", Value: format + " 0-15"})
		}
	}
	return c
}

// codecName is "NAME/RATE" of a payload type of l, "" when nothing names it.
func codecName(l *line, format string) string {
	for _, a := range l.detail.Attributes {
		if a.Key != "rtpmap" {
			continue
		}
		if number, name, _ := strings.Cut(a.Value, " "); number == format {
			return canonical(strings.TrimSpace(name))
		}
	}
	for _, s := range static {
		if s.format == format {
			return s.codec
		}
	}
	return ""
}

// canonical brings the names that we compare to one spelling: names ignore
// case, and "/1" is the default number of channels (RFC 8866 §6.6).
func canonical(name string) string {
	name = strings.TrimSuffix(name, "/1")
	for _, known := range [...]string{"PCMU/8000", "PCMA/8000", events} {
		if strings.EqualFold(name, known) {
			return known
		}
	}
	return name
}
