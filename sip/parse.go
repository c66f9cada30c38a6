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
// the error, with all the headers that could be indexed, so that a request can
// be answered. A line that is no header is left out of it.
//
// RFC 3261 §18.3: for datagrams "If there are additional bytes in the transport
// packet beyond the end of the body, they MUST be discarded." Without a
// Content-Length the body reaches to the end of the packet.
func Parse(raw string, lim Limits) (*Message, error) {
	skip := 0
	for skip < len(raw) && (raw[skip] == '\r' || raw[skip] == '\n') {
		skip++
	}
	p := parser{
		text:       raw[skip:],
		skip:       skip,
		maxHead:    limit(lim.MaxHead, 64<<10),
		maxHeaders: limit(lim.MaxHeaders, 256),
		maxLine:    limit(lim.MaxLine, 16<<10),
	}
	m := p.head()
	if m == nil {
		return nil, p.err
	}
	m.takeBody(p.text, p.body)
	if len(m.raw) > limit(lim.MaxMessage, 1<<20) {
		p.fail(513, "Message Too Large", 0)
	}
	if p.err != nil {
		m.touch()
		return m, p.err
	}
	return m, nil
}

type parser struct {
	text       string
	skip       int // what was cut off before text
	maxHead    int
	maxHeaders int
	maxLine    int
	body       int   // where the body begins
	err        error // the first fault; nil or a *ParseError
}

// fail notes a fault. The first one counts.
func (p *parser) fail(status int, reason string, at int) {
	if p.err == nil {
		p.err = &ParseError{Status: status, Reason: reason, Offset: p.skip + at}
	}
}

// head indexes the start line and the headers. It returns nil when the text
// does not begin with a start line of SIP.
func (p *parser) head() *Message {
	// Only so much is searched: a flood of junk costs no more than that.
	s := p.text[:min(len(p.text), p.maxHead)]
	nl := strings.IndexByte(s, '\n')
	if nl < 0 || nl >= p.maxLine {
		p.fail(400, "No Start Line", 0)
		return nil
	}
	m := newMessage()
	if !m.parseStart(s[:nl+1]) {
		p.fail(400, "Bad Start Line", 0)
		return nil
	}
	var whole bool
	m.lines, whole = p.index(m.lines, s, nl+1)
	if !whole {
		p.body = len(p.text)
		if len(s) < len(p.text) {
			p.fail(513, "Head Too Large", len(s))
		}
		p.fail(400, "No Empty Line After Headers", len(s))
	}
	return m
}

// index takes the header lines from s[at:] up to the empty line; whole is false
// when that is missing.
func (p *parser) index(lines []line, s string, at int) (_ []line, whole bool) {
	for at < len(s) {
		if n := emptyLine(s[at:]); n > 0 {
			p.body = at + n
			return lines, true
		}
		end, flags := lineEnd(s[at:])
		if end < 0 {
			break
		}
		text := s[at : at+end]
		name, colon, id := cutName(text)
		switch {
		case end > p.maxLine:
			p.fail(400, "Header Too Long", at)
		case name == 0 || flags&bareCR != 0:
			p.fail(400, "Bad Header Line", at)
		case len(lines) >= p.maxHeaders:
			p.fail(400, "Too Many Headers", at)
		default:
			lines = append(lines, line{text: text, val: uint32(colon + 1), nameLen: uint16(name), id: id, flags: flags})
		}
		at += end
	}
	return lines, false
}

// emptyLine returns the length of the empty line that s begins with, 0 when it
// begins with something else.
func emptyLine(s string) int {
	switch {
	case s[0] == '\n':
		return 1
	case s[0] == '\r' && len(s) > 1 && s[1] == '\n':
		return 2
	}
	return 0
}

// lineEnd returns the length of the header line that s begins with, folds and
// line end included; -1 when it has no end.
func lineEnd(s string) (end int, flags lineFlag) {
	for {
		n := strings.IndexByte(s[end:], '\n')
		if n < 0 {
			return -1, flags
		}
		switch cr := strings.IndexByte(s[end:end+n], '\r'); {
		case cr < 0:
			flags |= bareLF
		case cr < n-1:
			flags |= bareCR
		}
		end += n + 1
		if end == len(s) || !isWSP(s[end]) {
			return end, flags
		}
		flags |= folded
	}
}

// cutName measures the name of a header line and recognizes it on the way. Its
// length is 0 when s does not begin with a name and a colon.
func cutName(s string) (name, colon int, id headerID) {
	var buf [maxKnownName]byte
	for name < len(s) && isTokenByte(s[name]) {
		if name < len(buf) {
			buf[name] = lower(s[name])
		}
		name++
	}
	// RFC 3261 §25.1: HCOLON is *( SP / HTAB ) ":".
	colon = name
	for colon < len(s) && isWSP(s[colon]) {
		colon++
	}
	if colon == len(s) || s[colon] != ':' || name > maxName {
		return 0, 0, hidNone
	}
	if name <= len(buf) {
		id = lookupLower(buf[:name])
	}
	return name, colon, id
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
	}
	if m.flags&(badLength|shortBody) != 0 {
		size = len(text) - at
	}
	m.body = text[at : at+size]
	m.raw = text[:at+size]
}
