package sip

import "iter"

// Codec tells how one kind of header value is read and written.
type Codec[T any] struct {
	// Parse reads one value. It gets the value trimmed and without folds, and
	// for a List one element of the list. It must not keep state.
	Parse func(string) (T, error)
	// Append writes one value. Whatever it writes, CR, LF and NUL do not get
	// into the message.
	Append func([]byte, T) []byte
	// List marks a header whose value is a comma separated list, so that
	// several values may share a line (RFC 3261 §7.3.1).
	List bool
	// Lines asks that Set give each value of a List a line of its own, which
	// is the custom for addresses. Without it they share one line.
	Lines bool
}

// Header is a typed description of a header field: the door through which its
// values are read and written. It holds no message and no values; it may be
// copied, kept in variables and used by any number of goroutines.
//
// Reading is safe for concurrent use as long as nobody writes to the message.
// Each read decodes anew: nothing is cached in the message.
type Header[T any] struct {
	name    string
	id      headerID
	codec   Codec[T]
	missing *HeaderError // made once, so that asking for a header costs nothing; nil with Named
}

// NewHeader describes a header. A known name, full or compact and in any case,
// gives the descriptor the name that the RFCs write. Characters that cannot be
// part of a header name are dropped; with nothing left, the descriptor finds
// and writes nothing.
func NewHeader[T any](name string, codec Codec[T]) Header[T] {
	h := describe(name, codec)
	h.missing = &HeaderError{Name: h.name, Err: ErrMissing}
	return h
}

func describe[T any](name string, codec Codec[T]) Header[T] {
	name = cleanToken(name)
	id := lookupHeader(name)
	if id != hidNone {
		name = headerName[id]
	}
	return Header[T]{name: name, id: id, codec: codec}
}

// Named gives the raw text of any header, known ones included: the value
// without folds and without the white space around it, one per line, comma
// lists not split. Compact names find the full ones and the other way round. It
// allocates nothing, so it may be called where the header is used.
func Named(name string) Header[string] { return describe(name, rawCodec()) }

func rawCodec() Codec[string] {
	return Codec[string]{
		Parse:  func(s string) (string, error) { return s, nil },
		Append: func(b []byte, s string) []byte { return append(b, s...) },
	}
}

// Name returns the name that is written, such as "Call-ID".
func (h Header[T]) Name() string { return h.name }

// Has reports whether m has a line of this header, good or bad.
func (h Header[T]) Has(m *Message) bool { return h.find(m, 0) >= 0 }

// find returns the index of the first line of this kind from from on, or -1.
func (h Header[T]) find(m *Message, from int) int { return m.find(h.id, h.name, from) }

// Get returns the first value. The error is [ErrMissing] (by errors.Is) when
// there is none, and a [*HeaderError] when it cannot be read.
func (h Header[T]) Get(m *Message) (T, error) {
	for i := h.find(m, 0); i >= 0; i = h.find(m, i+1) {
		v := m.lines[i].value()
		if !h.codec.List {
			return h.parse(v)
		}
		for more := true; more; {
			var item string
			if item, v, more = cutComma(v); item != "" {
				return h.parse(item)
			}
		}
	}
	var zero T
	if h.missing == nil {
		return zero, &HeaderError{Name: h.name, Err: ErrMissing}
	}
	return zero, h.missing
}

func (h Header[T]) parse(s string) (T, error) {
	v, err := h.codec.Parse(s)
	if err != nil {
		var zero T
		return zero, &HeaderError{Name: h.name, Value: s, Err: err}
	}
	return v, nil
}

// All yields every value in wire order, lists split, each with its own error.
// Empty elements of a list ("a,,b") are skipped.
func (h Header[T]) All(m *Message) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for i := h.find(m, 0); i >= 0; i = h.find(m, i+1) {
			v := m.lines[i].value()
			if !h.codec.List {
				if !yield(h.parse(v)) {
					return
				}
				continue
			}
			for more := true; more; {
				var item string
				if item, v, more = cutComma(v); item == "" {
					continue
				}
				if !yield(h.parse(item)) {
					return
				}
			}
		}
	}
}

// Values returns every value, or the first error. No value at all is no error.
func (h Header[T]) Values(m *Message) ([]T, error) {
	var vs []T
	for v, err := range h.All(m) {
		if err != nil {
			return vs, err
		}
		vs = append(vs, v)
	}
	return vs, nil
}

// Set replaces every line of this header by the given values, in the place of
// the first line that was there, else at the end. No values is [Header.Remove].
func (h Header[T]) Set(m *Message, vs ...T) {
	at := h.find(m, 0)
	h.Remove(m)
	if h.name == "" || len(vs) == 0 {
		return
	}
	if at < 0 {
		at = len(m.lines)
	}
	if h.codec.List && !h.codec.Lines {
		m.insert(at, h.line(vs...))
		return
	}
	for i, v := range vs {
		m.insert(at+i, h.line(v))
	}
}

// Add puts a value on a line of its own after the last of its kind, else at
// the end.
func (h Header[T]) Add(m *Message, v T) {
	if h.name == "" {
		return
	}
	at := len(m.lines)
	for i := h.find(m, 0); i >= 0; i = h.find(m, i+1) {
		at = i + 1
	}
	m.insert(at, h.line(v))
}

// Prepend puts a value on a line of its own before the first of its kind. If
// there is none yet it goes to the top of the message, below the Via lines.
func (h Header[T]) Prepend(m *Message, v T) {
	if h.name == "" {
		return
	}
	at := h.find(m, 0)
	if at < 0 {
		at = 0
		for h.id != hidVia && at < len(m.lines) && m.lines[at].id == hidVia {
			at++
		}
	}
	m.insert(at, h.line(v))
}

// SetFirst replaces the first value and leaves the others as they are, also
// those on the same line. Without a first value it is [Header.Prepend].
func (h Header[T]) SetFirst(m *Message, v T) {
	if i := h.dropFirst(m); i >= 0 {
		m.insert(i, h.line(v))
		return
	}
	h.Prepend(m, v)
}

// Remove takes every line of this header out.
func (h Header[T]) Remove(m *Message) {
	for i := h.find(m, 0); i >= 0; i = h.find(m, i) {
		m.remove(i)
	}
}

// Copy replaces the lines of this header in dst by those of src, as they are
// there: nothing is decoded. It is how a response takes over what it has to
// repeat. Copying from a message to itself does nothing.
func (h Header[T]) Copy(dst, src *Message) {
	if dst == src || h.name == "" {
		return
	}
	at := h.find(dst, 0)
	h.Remove(dst)
	if at < 0 {
		at = len(dst.lines)
	}
	for i := h.find(src, 0); i >= 0; i = h.find(src, i+1) {
		dst.insert(at, src.lines[i])
		at++
	}
}

// RemoveFirst takes the first value out: the first element of the first line,
// whose other elements stay. It does nothing when there is no value.
func (h Header[T]) RemoveFirst(m *Message) { h.dropFirst(m) }

// dropFirst removes the first value and returns the line where it was, or where
// what followed it is now; -1 when there was none.
func (h Header[T]) dropFirst(m *Message) int {
	for i := h.find(m, 0); i >= 0; i = h.find(m, i) {
		l := &m.lines[i]
		item, rest, more := l.value(), "", false
		if h.codec.List {
			item, rest, more = cutComma(item)
		}
		if more && rest != "" {
			m.touch()
			*l = newLine(l.id, l.name(), rest)
		} else {
			m.remove(i)
		}
		if item != "" || !h.codec.List {
			return i
		}
	}
	return -1
}

// line builds a header line that holds vs, separated by commas.
func (h Header[T]) line(vs ...T) line {
	b := make([]byte, 0, 96)
	b = append(b, h.name...)
	b = append(b, ": "...)
	val := len(b)
	for i, v := range vs {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = h.codec.Append(b, v)
	}
	return finishLine(h.id, b, len(h.name), val)
}

// dropBreaks takes CR, LF and NUL out of b, in place.
func dropBreaks(b []byte) []byte {
	n := 0
	for _, c := range b {
		if c != '\r' && c != '\n' && c != 0 {
			b[n] = c
			n++
		}
	}
	return b[:n]
}

// newLine builds a header line from text.
func newLine(id headerID, name, value string) line {
	b := make([]byte, 0, len(name)+len(value)+4)
	b = appendToken(b, name)
	n := len(b)
	b = append(b, ": "...)
	val := len(b)
	b = append(b, value...)
	return finishLine(id, b, n, val)
}
