package sip

import (
	"errors"
	"strings"
)

var errConflict = errors.New("conflicting values")

// Limits bound what [Parse] takes. A zero field means the default, a negative
// one means no limit.
type Limits struct {
	MaxMessage int // bytes of a whole message; default 1 MiB; more: 513
	MaxHead    int // bytes of start line and headers; default 64 KiB; more: 513
	MaxHeaders int // header lines; default 256; more: 400
	MaxLine    int // bytes of one line, folds included; default 16 KiB; more: 400
}

func limit(n, standard int) int {
	switch {
	case n == 0:
		return standard
	case n < 0:
		return int(^uint(0) >> 1)
	}
	return n
}

// Parse reads one message from the text of a datagram or from the text that a
// stream transport has cut out of its stream. Empty lines before it are
// skipped. It allocates the Message and, for more than two dozen headers,
// their table.
//
// The message is indexed, not judged: see [Message.Check]. The error is a
// [*ParseError]. Whenever there is a start line the message comes along with
// the error, with the headers up to the fault, so that a request can be
// answered.
//
// RFC 3261 §18.3: for datagrams "If there are additional bytes in the transport
// packet beyond the end of the body, they MUST be discarded." Without a
// Content-Length the body reaches to the end of the packet.
func Parse(raw string, lim Limits) (*Message, error) {
	skip := 0
	for skip < len(raw) && (raw[skip] == '\r' || raw[skip] == '\n') {
		skip++
	}
	p := parser{text: raw[skip:], skip: skip, lim: lim, headers: limit(lim.MaxHeaders, 256)}
	p.line = limit(lim.MaxLine, 16<<10)
	m, end, err := p.head()
	if m == nil {
		return nil, err
	}
	m.takeBody(p.text, end)
	if err != nil {
		m.touch()
		return m, err
	}
	if len(p.text) > limit(lim.MaxMessage, 1<<20) {
		return m, p.fail(513, "Message Too Large", 0)
	}
	return m, nil
}

type parser struct {
	text    string
	skip    int // what was cut off before text
	lim     Limits
	headers int
	line    int
}

func (p *parser) fail(status int, reason string, at int) error {
	return &ParseError{Status: status, Reason: reason, Offset: p.skip + at}
}

// head indexes start line and headers and returns where the body begins.
func (p *parser) head() (*Message, int, error) {
	s := p.text
	room := limit(p.lim.MaxHead, 64<<10)
	// Only that much is searched: a flood of junk costs no more than this.
	whole := len(s) <= room
	if !whole {
		s = s[:room]
	}
	nl := strings.IndexByte(s, '\n')
	if nl < 0 {
		return nil, 0, p.fail(400, "No Start Line", 0)
	}
	if nl >= p.line {
		return nil, 0, p.fail(400, "Start Line Too Long", 0)
	}
	m := newMessage()
	if !m.parseStart(s[:nl+1]) {
		return nil, 0, p.fail(400, "Bad Start Line", 0)
	}
	for at := nl + 1; at < len(s); {
		if s[at] == '\n' {
			return m, at + 1, nil
		}
		if s[at] == '\r' && at+1 < len(s) && s[at+1] == '\n' {
			return m, at + 2, nil
		}
		l, end := cutLine(s[at:])
		switch {
		case end < 0:
			at = len(s)
			continue
		case len(m.lines) >= p.headers:
			return m, len(p.text), p.fail(400, "Too Many Headers", at)
		case end > p.line:
			return m, len(p.text), p.fail(400, "Header Too Long", at)
		case l.nameLen == 0:
			return m, len(p.text), p.fail(400, "Bad Header Line", at)
		}
		m.lines = append(m.lines, l)
		at += end
	}
	if !whole {
		return m, len(p.text), p.fail(513, "Head Too Large", room)
	}
	return m, len(p.text), p.fail(400, "No Empty Line After the Headers", len(s))
}

// cutLine takes one header line with its folds from the start of s and returns
// its length, -1 when it has no end.
func cutLine(s string) (line, int) {
	var l line
	end := 0
	for {
		n := strings.IndexByte(s[end:], '\n')
		if n < 0 {
			return line{}, -1
		}
		if n == 0 || s[end+n-1] != '\r' {
			l.flags |= bareLF
		} else {
			n--
		}
		// A CR on its own is a line end to some and a character to others.
		if strings.IndexByte(s[end:end+n], '\r') >= 0 {
			l.nameLen = 0
			return line{}, len(s)
		}
		for s[end+n] != '\n' {
			n++
		}
		end += n + 1
		if end >= len(s) || !isWSP(s[end]) {
			break
		}
		l.flags |= folded
	}
	l.text = s[:end]
	colon := strings.IndexByte(l.text, ':')
	if colon < 0 {
		return line{}, end
	}
	name := colon
	for name > 0 && isWSP(s[name-1]) {
		name--
	}
	if name > maxName || !isToken(s[:name]) {
		return line{}, end
	}
	l.nameLen = uint16(name)
	l.val = uint32(colon + 1)
	l.id = lookupHeader(s[:name])
	return l, end
}

// parseStart reads the start line, its line end included. It returns false when
// that is no SIP at all; a start line that is SIP but malformed is noted for
// Check.
func (m *Message) parseStart(start string) bool {
	m.start = start
	s := strings.TrimSuffix(start[:len(start)-1], "\r")
	if strings.IndexByte(s, '\r') >= 0 {
		return false
	}
	sp := strings.IndexByte(s, ' ')
	if sp < 0 {
		return false
	}
	if isVersion(s[:sp]) {
		m.flags = response
		m.version = s[:sp]
		m.parseStatusLine(s[sp+1:])
		return true
	}
	// RFC 4475 §3.1.2.10 (trws) lets us overlook white space at the end.
	s = strings.TrimRight(s, " \t")
	last := strings.LastIndexByte(s, ' ')
	if last < 0 || !isVersion(s[last+1:]) {
		return false
	}
	m.version = s[last+1:]
	m.method = internMethod(s[:sp])
	if last > sp {
		m.target = s[sp+1 : last]
	}
	if !isToken(s[:sp]) || last <= sp {
		m.flags |= badStart
	}
	return true
}

func (m *Message) parseStatusLine(s string) {
	code, reason, _ := strings.Cut(s, " ")
	m.target = reason
	n, err := parseUint32(code)
	if err != nil || len(code) != 3 || n < 100 || n > 699 {
		m.flags |= badStart
		return
	}
	m.code = int32(n)
}

// isVersion reports whether s looks like a SIP version. RFC 3261 §7.1: "SIP-
// Version string is case-insensitive".
func isVersion(s string) bool { return len(s) > 4 && equalFold(s[:4], "SIP/") }

// takeBody finds the body, which begins at text[at:], by the Content-Length.
func (m *Message) takeBody(text string, at int) {
	size, found := len(text)-at, false
	for i := m.find(hidContentLength, "", 0); i >= 0; i = m.find(hidContentLength, "", i+1) {
		n, err := parseLength(m.lines[i].value())
		switch {
		case err != nil, found && n != size:
			m.flags |= badLength
		default:
			size, found = n, true
		}
	}
	if size > len(text)-at {
		m.flags |= shortBody
		size = len(text) - at
	}
	m.body = text[at : at+size]
	m.raw = text[:at+size]
}
