//go:build unix

package transport

import (
	"net"
	"syscall"
)

// rawWriter writes to the bare descriptor, which the runtime keeps in
// non-blocking mode: what fits into the socket's buffer goes, and no more.
type rawWriter struct {
	raw  syscall.RawConn
	run  func(fd uintptr)
	data []byte
	n    int
	err  error
}

func (r *rawWriter) init(c net.Conn) {
	sc, ok := c.(syscall.Conn)
	if !ok {
		return
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return
	}
	r.raw = raw
	r.run = func(fd uintptr) {
		for range 4 {
			r.n, r.err = syscall.Write(int(fd), r.data)
			if r.err != syscall.EINTR {
				return
			}
		}
	}
}

// try is called by one goroutine at a time.
func (r *rawWriter) try(b []byte) (int, error) {
	if r.raw == nil {
		return 0, nil
	}
	r.data = b
	err := r.raw.Control(r.run)
	r.data = nil
	switch {
	case err != nil:
		return 0, ErrClosed
	case r.err == nil:
		return r.n, nil
	case r.err == syscall.EAGAIN, r.err == syscall.EINTR:
		return 0, nil
	}
	return 0, r.err
}
