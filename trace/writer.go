package trace

import (
	"bufio"
	"errors"
	"io"
	"sync"
	"time"
)

// flushDelay is how long a sink may hold back what it wrote: somebody may be
// watching.
const flushDelay = 100 * time.Millisecond

var errSinkClosed = errors.New("trace: sink is closed")

// writer is what the sinks that write share: a buffer, its lock, and the promise
// that what was written goes out soon. The first error sticks.
type writer struct {
	mu     sync.Mutex
	buf    *bufio.Writer
	timer  *time.Timer
	armed  bool
	closed bool
	err    error
}

// start sets the writer up; it must not be copied after.
func (w *writer) start(to io.Writer) { w.buf = bufio.NewWriterSize(to, 64<<10) }

// write writes b; w.mu is held.
func (w *writer) write(b []byte) {
	if w.closed || w.err != nil {
		return
	}
	if _, w.err = w.buf.Write(b); w.armed {
		return
	}
	w.armed = true
	if w.timer == nil {
		w.timer = time.AfterFunc(flushDelay, func() { w.Flush() })
	} else {
		w.timer.Reset(flushDelay)
	}
}

// Flush writes out what is buffered. The error is the first that writing met.
// What is recorded is also flushed by itself within a tenth of a second.
func (w *writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.flush()
}

func (w *writer) flush() error {
	w.armed = false
	if w.closed {
		return errSinkClosed
	}
	if w.err == nil {
		w.err = w.buf.Flush()
	}
	return w.err
}

// Close flushes, and ends the sink: what is recorded later is ignored. It does
// not close the writer that the sink was given. The error is the first that
// writing met; a second Close does nothing.
func (w *writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil
	}
	err := w.flush()
	w.closed = true
	if w.timer != nil {
		w.timer.Stop()
	}
	return err
}
