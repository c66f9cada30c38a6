package media

import (
	"slices"
	"strings"
)

// events is the format that carries key presses (RFC 4733); it is no codec: a
// stream needs one beside it.
const events = "telephone-event/8000"

// A format is a payload type: its number in a stream, and "NAME/RATE".
type format struct{ number, name string }

// static are the payload types that need no rtpmap (RFC 3551 §6).
var static = [...]format{{"0", "PCMU/8000"}, {"8", "PCMA/8000"}}

// A choice is the formats taken from an offered stream, in the offer's order
// of preference.
type choice []format

// sound tells whether a format that carries sound is among them.
func (c choice) sound() bool {
	return slices.ContainsFunc(c, func(f format) bool { return f.name != events })
}

// choose picks the formats of l that this package accepts.
//
// RFC 3264 §6.1: "In the case of RTP, if a particular codec was referenced
// with a specific payload type number in the offer, that same payload type
// number SHOULD be used for that codec in the answer."
func choose(l *line) choice {
	var c choice
	for _, number := range l.formats {
		switch name := codecName(l, number); name {
		case "PCMU/8000", "PCMA/8000", events:
			c = append(c, format{number, name})
		}
	}
	return c
}

// codecName is "NAME/RATE" of a payload type of l, "" when nothing names it.
func codecName(l *line, number string) string {
	for _, a := range l.detail.Attributes {
		if a.Key != "rtpmap" {
			continue
		}
		if n, name, _ := strings.Cut(a.Value, " "); n == number {
			return canonical(strings.TrimSpace(name))
		}
	}
	for _, s := range static {
		if s.number == number {
			return s.name
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
