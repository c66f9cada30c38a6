package sip

import (
	"iter"
	"slices"
	"strings"
)

// Message is a request or a response. Make one with [Parse], [NewRequest] or
// [NewResponse]; the zero value is not a message. Do not copy a Message, use
// [Message.Clone].
//
// Reading never changes it, so that any number of goroutines may read one
// message at once. Writing is for one goroutine alone.
type Message struct {
	raw     string // the bytes that came, while nobody touched them
	start   string // the start line that came, with its line end; "" when it is to be built
	method  Method // requests
	target  string // requests: the Request-URI; responses: the reason phrase
	version string // "SIP/2.0"
	body    string
	lines   []line // on inline until they are too many
	code    int32  // responses
	flags   msgFlag
	inline  [inlineLines]line
}

// inlineLines headers fit a Message of 752 bytes, which fills a size class of the
// runtime (768 with its header),
// so that parsing a usual message allocates nothing else.
const inlineLines = 26

type msgFlag uint8

const (
	response  msgFlag = 1 << iota
	badStart          // the start line is malformed
	badLength         // Content-Length is no number, or two of them differ
	shortBody         // Content-Length says more than there is
)

// Body is the body of a message: its Content-Type and its bytes, in a string so
// that a received body is a part of the received text and not a copy. The zero
// value is no body.
type Body struct {
	Type string // the Content-Type value, such as "application/sdp"
	Data string
}

// IsZero reports whether there is no body.
func (b Body) IsZero() bool { return b == Body{} }

func newMessage() *Message {
	m := &Message{version: sipVersion}
	m.lines = m.inline[:0]
	return m
}

const sipVersion = "SIP/2.0"

// IsRequest reports whether m is a request and not a response.
func (m *Message) IsRequest() bool { return m.flags&response == 0 }

// Method returns the method of a request, and for a response the method in its
// CSeq, "" when that cannot be read.
func (m *Message) Method() Method {
	if m.IsRequest() {
		return m.method
	}
	seq, err := CSeq.Get(m)
	if err != nil {
		return ""
	}
	return seq.Method
}

// URI returns the Request-URI. It is an error for a response.
func (m *Message) URI() (URI, error) {
	if !m.IsRequest() {
		return URI{}, errURI
	}
	return ParseURI(m.target)
}

// RawURI returns the Request-URI as text, "" for a response.
func (m *Message) RawURI() string {
	if !m.IsRequest() {
		return ""
	}
	return m.target
}

// SetURI changes the Request-URI. It does nothing to a response.
func (m *Message) SetURI(u URI) {
	if m.IsRequest() {
		m.touchStart()
		m.target = u.String()
	}
}

// Code returns the status code of a response, 0 for a request.
func (m *Message) Code() int { return int(m.code) }

// Reason returns the reason phrase of a response, "" for a request.
func (m *Message) Reason() string {
	if m.IsRequest() {
		return ""
	}
	return m.target
}

// Version returns the SIP version of the start line: "SIP/2.0".
func (m *Message) Version() string { return m.version }

// CallID returns the Call-ID, "" when it is missing.
func (m *Message) CallID() string { return m.first(hidCallID) }

// FromTag returns the tag of From, "" when there is none.
func (m *Message) FromTag() string { return tagOf(m.first(hidFrom)) }

// ToTag returns the tag of To, "" when there is none.
func (m *Message) ToTag() string { return tagOf(m.first(hidTo)) }

func tagOf(addr string) string {
	_, _, params, err := splitAddr(addr)
	if err != nil {
		return ""
	}
	tag, _ := Params(params).Get("tag")
	return tag
}

// SetToTag gives To a tag, or another one, and keeps the rest of the line as it
// came. It does nothing when there is no To. Characters that cannot be part of
// a tag are dropped.
func (m *Message) SetToTag(tag string) {
	i := m.find(hidTo, "", 0)
	if i < 0 {
		return
	}
	tag = cleanToken(tag)
	m.touch()
	l := &m.lines[i]
	v := l.value()
	_, _, params, err := splitAddr(v)
	if err == nil && Params(params).Has("tag") {
		*l = newLine(hidTo, l.name(), v[:len(v)-len(params)]+string(Params(params).With("tag", tag)))
		return
	}
	end := len(strings.TrimRight(l.text, " \t\r\n"))
	l.text = l.text[:end] + ";tag=" + tag + l.text[end:]
}

// Body returns the body and its Content-Type.
func (m *Message) Body() Body {
	if m.body == "" {
		return Body{}
	}
	return Body{Type: m.first(hidContentType), Data: m.body}
}

// SetBody replaces the body and its Content-Type, which goes when b.Type is
// empty. Content-Disposition and the like stay. Content-Length is worked out
// when the message is written.
func (m *Message) SetBody(b Body) {
	m.touch()
	m.body = b.Data
	m.flags &^= badLength | shortBody
	if b.Type == "" {
		ContentType.Remove(m)
		return
	}
	ContentType.Set(m, b.Type)
}

// Fields yields the name and the value of each header line in wire order, names
// as they came and values without folds.
func (m *Message) Fields() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for i := range m.lines {
			l := &m.lines[i]
			if l.nameLen > 0 && !yield(l.name(), l.value()) {
				return
			}
		}
	}
}

// Clone returns a copy that shares nothing which can change.
func (m *Message) Clone() *Message {
	c := *m
	if len(m.lines) <= inlineLines {
		c.inline = [inlineLines]line{}
		c.lines = append(c.inline[:0], m.lines...)
	} else {
		c.lines = slices.Clone(m.lines)
	}
	return &c
}

// find returns the index of the first line from from on that is of the known
// kind id or, when that is hidNone, is called name; -1 when there is none.
func (m *Message) find(id headerID, name string, from int) int {
	for i := from; i < len(m.lines); i++ {
		l := &m.lines[i]
		if l.id == id && (id != hidNone || l.nameLen > 0 && equalFold(l.name(), name)) {
			return i
		}
	}
	return -1
}

// first returns the value of the first line of a known kind, "" when missing.
func (m *Message) first(id headerID) string {
	if i := m.find(id, "", 0); i >= 0 {
		return m.lines[i].value()
	}
	return ""
}

func (m *Message) insert(at int, l line) {
	m.touch()
	m.lines = slices.Insert(m.lines, at, l)
}

func (m *Message) remove(at int) {
	m.touch()
	m.lines = slices.Delete(m.lines, at, at+1)
}

// touch notes that the message is no longer what came.
func (m *Message) touch() { m.raw = "" }

func (m *Message) touchStart() {
	m.touch()
	m.start = ""
	m.flags &^= badStart
}
