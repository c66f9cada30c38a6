package transport

import (
	"errors"
	"io"
	"math"
	"sync"

	"dum/sip"
)

const (
	// idleBuffer is all the buffer that a quiet connection holds; most messages
	// fit.
	idleBuffer = 2 << 10
	// busyBuffer is borrowed as soon as that is full, and given back when all
	// in it has been handed up.
	busyBuffer = 64 << 10
)

// framer cuts whole messages out of a byte stream, whatever the pieces in which
// it arrives. RFC 3261 §18.3: "In the case of stream-oriented transports such as
// TCP, the Content-Length header field indicates the size of the body."
type framer struct {
	maxHead, maxMessage int
	buffers             *sync.Pool  // of *[]byte, busyBuffer long
	ping                func(n int) // called for n times CRLFCRLF between messages

	own   []byte  // idleBuffer long, the connection's for good
	lent  *[]byte // from buffers, while own does not suffice
	buf   []byte  // own, what lent points to, or a larger one for a large message
	r, w  int     // buf[r:w] has been read and not handed up
	seen  int     // so much of it holds no end of a head
	whole int     // length of the message at r once its head is known, else 0
	crlf  int     // how much of a CRLFCRLF came last
}

// malformedError is input that cannot be cut into messages any more.
type malformedError struct {
	code   int
	reason string
	data   []byte // what there is of the message
}

func (e *malformedError) Error() string { return "transport: malformed message: " + e.reason }

func newFramer(lim sip.Limits, buffers *sync.Pool, ping func(n int)) *framer {
	f := &framer{
		maxHead:    bound(lim.MaxHead, 64<<10),
		maxMessage: bound(lim.MaxMessage, 1<<20),
		buffers:    buffers,
		ping:       ping,
		own:        make([]byte, idleBuffer),
	}
	f.buf = f.own
	return f
}

// bound is a limit of sip.Limits: zero the default, negative none.
func bound(n, def int) int {
	switch {
	case n == 0:
		return def
	case n < 0:
		return math.MaxInt
	}
	return n
}

// newBuffers makes the pool that the framers of one transport share.
func newBuffers() *sync.Pool {
	return &sync.Pool{New: func() any {
		b := make([]byte, busyBuffer)
		return &b
	}}
}

// next returns the next message, reading from src as needed. It is valid until
// the following call. The error is a *malformedError or that of src.
func (f *framer) next(src io.Reader) ([]byte, error) {
	for {
		msg, err := f.cut()
		if msg != nil || err != nil {
			return msg, err
		}
		if err := f.fill(src); err != nil {
			return nil, err
		}
	}
}

// partial tells that a message has begun and is not whole yet.
func (f *framer) partial() bool { return f.r < f.w }

// cut returns the message at r, nil when it is not whole yet.
func (f *framer) cut() ([]byte, error) {
	if f.whole == 0 {
		f.skip()
		if f.r == f.w {
			return nil, nil
		}
		if err := f.measure(); f.whole == 0 || err != nil {
			return nil, err
		}
	}
	if f.w-f.r < f.whole {
		return nil, nil
	}
	msg := f.buf[f.r : f.r+f.whole : f.r+f.whole]
	f.r += f.whole
	f.whole, f.seen = 0, 0
	return msg, nil
}

// skip takes the empty lines before a message. RFC 3261 §7.5: "implementations
// processing SIP messages over stream-oriented transports MUST ignore any CRLF
// appearing before the start-line."
func (f *framer) skip() {
	pings := 0
scan:
	for ; f.r < f.w; f.r++ {
		switch c := f.buf[f.r]; {
		case c == '\r' && f.crlf%2 == 0, c == '\n' && f.crlf == 1:
			f.crlf++
		case c == '\n' && f.crlf == 3:
			// RFC 5626 §5.4: "When a server receives a double CRLF sequence between
			// SIP messages on a connection-oriented transport such as TCP or SCTP,
			// it MUST immediately respond with a single CRLF over the same
			// connection."
			f.crlf = 0
			pings++
		case c == '\r':
			f.crlf = 1
		case c == '\n':
			f.crlf = 0
		default:
			f.crlf = 0
			break scan
		}
	}
	if pings > 0 {
		f.ping(pings)
	}
}

// measure finds the length of the message at r; whole stays 0 when its head is
// not complete.
func (f *framer) measure() error {
	b := f.buf[f.r:f.w]
	// Each message begins with a token: a method or "SIP". A TLS hello or other
	// noise need not be collected up to the limit before it is shown the door.
	if !token(b[0]) {
		return &malformedError{400, "no start line", b}
	}
	from := max(0, f.seen-len("\r\n\r"))
	head := sip.HeadLength(b[from:])
	if head < 0 {
		if len(b) >= f.maxHead {
			return &malformedError{513, "head too large", b[:f.maxHead]}
		}
		f.seen = len(b)
		return nil
	}
	head += from
	if head > f.maxHead {
		return &malformedError{513, "head too large", b[:f.maxHead]}
	}
	n, found, err := sip.ScanContentLength(b[:head])
	switch {
	case err != nil:
		return &malformedError{400, err.Error(), b[:head]}
	case !found:
		// RFC 3261 §20.14: "If a stream-based protocol (such as TCP) is used as
		// transport, then the header field MUST be used."
		return &malformedError{400, "no Content-Length", b[:head]}
	case n > f.maxMessage-head:
		return &malformedError{513, "message too large", b[:head]}
	}
	f.whole = head + n
	return nil
}

var errNoProgress = errors.New("transport: reader returns neither data nor error")

// fill reads once, having made room.
func (f *framer) fill(src io.Reader) error {
	f.makeRoom()
	for range 100 {
		n, err := src.Read(f.buf[f.w:])
		f.w += n
		if n > 0 {
			return nil // an error that came along comes again
		}
		if err != nil {
			return err
		}
	}
	return errNoProgress
}

func (f *framer) makeRoom() {
	if f.r == f.w {
		f.r, f.w = 0, 0
		f.release()
		return
	}
	if f.w < len(f.buf) {
		return
	}
	if f.r > 0 {
		f.w = copy(f.buf, f.buf[f.r:f.w])
		f.r = 0
		return
	}
	// Room grows with what has really come, not with what a Content-Length
	// promises, so that a promise costs nothing.
	old := f.buf
	if len(old) < busyBuffer {
		f.lent = f.buffers.Get().(*[]byte)
		f.buf = *f.lent
	} else {
		f.buf = make([]byte, 2*len(old))
	}
	copy(f.buf, old[:f.w])
}

// release goes back to the connection's own small buffer.
func (f *framer) release() {
	if f.lent != nil {
		f.buffers.Put(f.lent)
		f.lent = nil
	}
	f.buf = f.own
}

// token tells a character of RFC 3261 §25.1 "token".
func token(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	switch c {
	case '-', '.', '!', '%', '*', '_', '+', '`', '\'', '~':
		return true
	}
	return false
}
