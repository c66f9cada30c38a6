package sip

import (
	"math"
	"strings"
	"unsafe"
)

// line is one header line of a message: the text as it goes over the wire, its
// line end and all its folds included, and where the parts lie in it.
type line struct {
	text    string
	val     uint32   // where the value begins
	nameLen uint16   // 0 for a line that is no header (see Parse)
	id      headerID // hidNone for headers that this package does not know
	flags   lineFlag
}

type lineFlag uint8

const (
	folded lineFlag = 1 << iota // the value goes on over several lines
	bareLF                      // a line end somewhere in it lacks its CR
	// A CR that ends no line is a line end to some peers and a character to
	// others. That makes two messages of one, so such a line is not taken.
	bareCR
)

// maxName bounds a header name; it has to fit line.nameLen.
const maxName = math.MaxUint16

// name returns the name as it came, compact or in odd case.
func (l *line) name() string { return l.text[:l.nameLen] }

// value returns the value without the white space around it and without folds.
func (l *line) value() string {
	v := trimLWS(l.text[l.val:])
	if l.flags&folded != 0 {
		v = unfold(v)
	}
	return v
}

// append writes the line to b. Bare line feeds, which came from a lenient
// peer, do not go on to the next.
func (l *line) append(b []byte) []byte {
	if l.flags&bareLF == 0 {
		return append(b, l.text...)
	}
	for rest := l.text; rest != ""; {
		i := strings.IndexByte(rest, '\n')
		b = append(b, strings.TrimSuffix(rest[:i], "\r")...)
		b = append(b, "\r\n"...)
		rest = rest[i+1:]
	}
	return b
}

// finishLine makes a line of b, which holds the name, ": " and from val on the
// value. CR, LF and NUL are dropped from the value: the one place that every
// written header passes. It owns b from now on.
func finishLine(id headerID, b []byte, nameLen, val int) line {
	for _, c := range b[val:] {
		if c == '\r' || c == '\n' || c == 0 {
			b = b[:val+len(dropBreaks(b[val:]))]
			break
		}
	}
	b = append(b, "\r\n"...)
	if nameLen > maxName {
		nameLen = 0
	}
	// b is ours alone and is not written to again, as in strings.Builder.
	return line{
		text:    unsafe.String(unsafe.SliceData(b), len(b)),
		val:     uint32(val),
		nameLen: uint16(nameLen),
		id:      id,
	}
}
