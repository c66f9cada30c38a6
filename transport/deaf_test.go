//go:build unix

package transport_test

import (
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"dum/transport"
)

// A dial that hangs ends with its timeout, and at once with Close.
func TestTCPConnectTimeout(t *testing.T) {
	to := deaf(t)
	alice := newSpy()
	a := newTCP(t, transport.TCPOptions{ConnectTimeout: 50 * time.Millisecond})
	send(t, flowTo(t, a, to, alice), message(1, 0))
	if e := alice.next(t, "closed"); !isTimeout(e.err) {
		t.Errorf("closed: %v", e.err)
	}
	patient := newTCP(t, transport.TCPOptions{ConnectTimeout: -1, QueueBytes: 200})
	f := flowTo(t, patient, to, alice)
	for {
		if err := f.Send([]byte(message(1, 0))); err == transport.ErrQueueFull {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	patient.Close()
	if e := alice.next(t, "closed"); e.err != nil {
		t.Errorf("closed by us: %v", e.err)
	}
}

// deaf is an address that does not answer a connection request: a listener
// whose backlog is full and who accepts nobody.
func deaf(t *testing.T) netip.AddrPort {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	sa, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	to := netip.AddrPortFrom(loopback, uint16(sa.(*syscall.SockaddrInet4).Port))
	for range 10 {
		d := net.Dialer{Timeout: 200 * time.Millisecond}
		c, err := d.Dial("tcp", to.String())
		if err != nil {
			return to
		}
		t.Cleanup(func() { c.Close() })
	}
	t.Skip("this system answers beyond the backlog")
	return to
}
