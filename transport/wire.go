package transport

import (
	"net"
	"net/netip"
	"time"
)

// A wire is the medium beneath a conn: whole messages in, whole messages out.
// TCP and what runs over it as a byte stream is streamWire; a medium that keeps
// message boundaries itself needs no framer and brings a wire of its own.
// read, write and discard are called from one goroutine each; try with the
// conn's lock held.
type wire interface {
	// read waits for a message; it is valid until the following call.
	read() ([]byte, error)
	// try writes what goes without waiting, from the start of b; 0 is fine.
	try(b []byte) (int, error)
	// write writes all, in order, waiting as long as the peer makes progress.
	write(msgs [][]byte) error
	// finish tells the peer that nothing more comes.
	finish()
	// discard reads and forgets until the peer is done or the time is up.
	discard(until time.Time)
	// close ends every other method. It may be called more than once.
	close()
	local() netip.AddrPort
}

// streamWire runs on a byte stream.
type streamWire struct {
	net.Conn
	raw     rawWriter
	framer  *framer
	opt     *TCPOptions
	begun   bool      // the clock of MessageTimeout runs
	reading time.Time // the deadline that is set for reading
}

// newStreamWire puts a wire on c. inline tells that c is a bare socket, on
// which a write can be tried without waiting.
func newStreamWire(c net.Conn, opt *TCPOptions, f *framer, inline bool) *streamWire {
	w := &streamWire{Conn: c, opt: opt, framer: f}
	if inline {
		w.raw.init(c)
	}
	return w
}

func (w *streamWire) local() netip.AddrPort     { return addrPort(w.LocalAddr()) }
func (w *streamWire) close()                    { w.Conn.Close() }
func (w *streamWire) try(b []byte) (int, error) { return w.raw.try(b) }

func (w *streamWire) read() ([]byte, error) {
	w.begun = false
	return w.framer.next(w)
}

// Read reads for the framer, and minds the time: a message that has begun must
// come to its end, and a connection may be held to say something now and then.
func (w *streamWire) Read(b []byte) (int, error) {
	switch {
	case !w.framer.partial():
		w.limit(w.opt.IdleTimeout)
	case !w.begun:
		w.begun = true
		w.limit(w.opt.MessageTimeout)
	}
	return w.Conn.Read(b)
}

func (w *streamWire) limit(d time.Duration) {
	switch {
	case d > 0:
		w.reading = time.Now().Add(d)
	case w.reading.IsZero():
		return
	default:
		w.reading = time.Time{}
	}
	w.Conn.SetReadDeadline(w.reading)
}

// chunk is how much a peer must take within WriteTimeout: the time is for
// progress, not for all that waits.
const chunk = 64 << 10

func (w *streamWire) write(msgs [][]byte) error {
	bufs := net.Buffers(msgs)
	for len(bufs) > 0 {
		if w.opt.WriteTimeout > 0 {
			w.Conn.SetWriteDeadline(time.Now().Add(w.opt.WriteTimeout))
		}
		if len(bufs[0]) > chunk {
			n, err := w.Conn.Write(bufs[0][:chunk])
			bufs[0] = bufs[0][n:]
			if err != nil {
				return err
			}
			continue
		}
		some := bufs[:1]
		for n := len(bufs[0]); len(some) < len(bufs); some = bufs[:len(some)+1] {
			if n += len(bufs[len(some)]); n > chunk {
				break
			}
		}
		bufs = bufs[len(some):]
		if _, err := some.WriteTo(w.Conn); err != nil {
			return err
		}
	}
	return nil
}

func (w *streamWire) finish() {
	if c, ok := w.Conn.(interface{ CloseWrite() error }); ok {
		c.CloseWrite()
		return
	}
	w.close()
}

func (w *streamWire) discard(until time.Time) {
	w.Conn.SetReadDeadline(until)
	for buf := w.framer.own; ; {
		if _, err := w.Conn.Read(buf); err != nil {
			return
		}
	}
}
