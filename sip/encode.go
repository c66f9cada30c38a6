package sip

// String returns the message as it goes over the wire. A parsed message that
// nobody touched is the very text that was parsed.
func (m *Message) String() string {
	if m.raw != "" {
		return m.raw
	}
	return string(m.AppendTo(make([]byte, 0, m.size())))
}

// AppendTo writes the message to b.
//
// Header lines that came from the wire and were not touched go out as they
// came. The Content-Length of anything but an untouched message is made right:
// in its place if it was there, else as the last header.
func (m *Message) AppendTo(b []byte) []byte {
	if m.raw != "" {
		return append(b, m.raw...)
	}
	b = m.appendStart(b)
	length := false
	for i := range m.lines {
		l := &m.lines[i]
		if l.id != hidContentLength {
			b = l.append(b)
			continue
		}
		if length {
			continue // two of them are one too many
		}
		length = true
		if n, err := parseLength(l.value()); err == nil && n == len(m.body) {
			b = l.append(b)
		} else {
			b = m.appendLength(b)
		}
	}
	if !length {
		b = m.appendLength(b)
	}
	b = append(b, "\r\n"...)
	return append(b, m.body...)
}

func (m *Message) appendStart(b []byte) []byte {
	switch {
	case m.start != "":
		l := line{text: m.start, flags: bareLF}
		return l.append(b)
	case m.IsRequest():
		b = append(b, m.method...)
		b = append(b, ' ')
		b = append(b, m.target...)
		b = append(b, ' ')
		b = append(b, m.version...)
	default:
		b = append(b, m.version...)
		b = append(b, ' ')
		b = appendUint(b, uint64(max(m.code, 0)))
		b = append(b, ' ')
		b = append(b, m.target...)
	}
	return append(b, "\r\n"...)
}

func (m *Message) appendLength(b []byte) []byte {
	b = append(b, "Content-Length: "...)
	b = appendUint(b, uint64(len(m.body)))
	return append(b, "\r\n"...)
}

// size guesses the length of the encoding, rather too long than too short.
func (m *Message) size() int {
	n := 64 + len(m.start) + len(m.method) + len(m.target) + len(m.body)
	for i := range m.lines {
		n += len(m.lines[i].text)
	}
	return n
}
