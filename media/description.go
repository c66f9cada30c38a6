package media

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"

	"dum/sip"
)

// A description is a session description that somebody sent.
type description struct {
	sdp.SessionDescription
	lines []line
}

// A line is one m= line. detail is nil for a stream that can only be refused:
// what it says beyond its first line does not matter then, and is not read.
type line struct {
	media, proto string
	port         int
	formats      []string
	detail       *sdp.MediaDescription
}

// audio tells whether the stream is of a kind that this package can accept.
func (l *line) audio() bool {
	return l.media == "audio" && (l.proto == "RTP/AVP" || l.proto == "RTP/AVPF")
}

// read parses a body. The SDP library knows a closed list of media and
// protocols and gives up on others ("image" and "udptl" of every fax machine
// among them), while RFC 3264 wants just those streams refused and the others
// kept; so the library is shown the session part and the audio streams only.
func read(body sip.Body) (*description, error) {
	text, err := unwrap(body)
	if errors.Is(err, errNoDescription) {
		return nil, sip.NewStatus(415, "").With("Accept", contentType)
	}
	if err != nil {
		return nil, err
	}
	d := &description{}
	if !strings.HasPrefix(text, "v=0") {
		return nil, malformed(errors.New("no v=0 line"))
	}
	head, sections := cut(text)
	known := 0
	for _, s := range sections {
		l, err := readLine(s)
		if err != nil {
			return nil, malformed(err)
		}
		if l.audio() {
			known++
		}
		d.lines = append(d.lines, l)
	}
	if known < len(sections) {
		var b strings.Builder
		b.WriteString(head)
		for i, s := range sections {
			if d.lines[i].audio() {
				b.WriteString(s)
			}
		}
		text = b.String()
	}
	if !strings.HasSuffix(text, "\n") {
		text += "\r\n" // a lost last line end is common and harmless
	}
	if err := d.UnmarshalString(text); err != nil {
		return nil, malformed(err)
	}
	rest := d.MediaDescriptions
	for i := range d.lines {
		if d.lines[i].audio() && len(rest) > 0 {
			d.lines[i].detail, rest = rest[0], rest[1:]
		}
	}
	return d, nil
}

func malformed(err error) *sip.Status {
	return sip.NewStatus(400, "Malformed Session Description").
		With("Warning", fmt.Sprintf("399 dum %q", err.Error()))
}

// cut parts a description into what stands before the first m= line and its
// media sections, each from its m= line to the next.
func cut(text string) (head string, sections []string) {
	start := strings.Index(text, "\nm=") + 1
	if start == 0 {
		return text, nil
	}
	head = text[:start]
	for rest := text[start:]; rest != ""; {
		end := strings.Index(rest, "\nm=") + 1
		if end == 0 {
			end = len(rest)
		}
		sections, rest = append(sections, rest[:end]), rest[end:]
	}
	return head, sections
}

// readLine reads the first line of a media section:
// m=<media> <port>[/<ports>] <proto> <fmt> …
func readLine(section string) (line, error) {
	first, _, _ := strings.Cut(section, "\n")
	fields := strings.Fields(strings.TrimPrefix(first, "m="))
	if len(fields) < 4 {
		return line{}, fmt.Errorf("m= line with %d fields", len(fields))
	}
	number, _, _ := strings.Cut(fields[1], "/")
	port, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return line{}, fmt.Errorf("m= line with port %q", fields[1])
	}
	return line{media: fields[0], port: int(port), proto: fields[2], formats: fields[3:]}, nil
}

// direction is what the sender of d says about the stream l.
func (d *description) direction(l *line) Direction {
	dir, _ := directionOf(d.Attributes)
	if own, ok := directionOf(l.detail.Attributes); ok {
		dir = own
	}
	// RFC 3264 §8.4 keeps the older way to put a peer on hold: a connection
	// address of 0.0.0.0, which says that nothing can be sent there.
	if d.address(l) == "0.0.0.0" {
		switch dir {
		case Sendrecv:
			dir = Sendonly
		case Recvonly:
			dir = Inactive
		case Sendonly, Inactive:
		}
	}
	return dir
}

// address is the connection address of the stream l.
func (d *description) address(l *line) string {
	c := l.detail.ConnectionInformation
	if c == nil {
		c = d.ConnectionInformation
	}
	if c == nil || c.Address == nil {
		return ""
	}
	return c.Address.Address
}
