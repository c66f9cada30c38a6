package transport_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"dum/sip"
	"dum/trace"
	"dum/transport"
)

func newTCP(t testing.TB, opt transport.TCPOptions) *transport.TCP {
	tr := transport.NewTCP(opt)
	t.Cleanup(func() { tr.Close() })
	return tr
}

// dial opens a bare connection to a transport.
func dial(t testing.TB, to netip.AddrPort) *net.TCPConn {
	t.Helper()
	c, err := net.DialTCP("tcp", nil, net.TCPAddrFromAddrPort(to))
	if err != nil {
		t.Fatal(err)
	}
	c.SetDeadline(time.Now().Add(patience))
	t.Cleanup(func() { c.Close() })
	return c
}

func write(t testing.TB, c net.Conn, s string) {
	t.Helper()
	if _, err := io.WriteString(c, s); err != nil {
		t.Fatal(err)
	}
}

func readAll(t testing.TB, c net.Conn) string {
	t.Helper()
	b, err := io.ReadAll(c)
	if err != nil {
		t.Fatalf("%v after %q", err, b)
	}
	return string(b)
}

// However the bytes arrive, each message comes once, whole and in order.
func TestTCPFraming(t *testing.T) {
	bob := newSpy()
	to := listen(t, newTCP(t, transport.TCPOptions{}), loopback, bob)
	c := dial(t, to)
	c.SetNoDelay(true)
	three := message(1, 0) + "\r\n" + message(2, 300) + message(3, 1)
	write(t, c, three)
	for i := range three {
		write(t, c, three[i:i+1])
	}
	half := message(4, 5000)
	write(t, c, half[:2500])
	bob2 := bob.next(t, "receive").flow
	write(t, c, half[2500:])
	for i, want := range []string{message(2, 300), message(3, 1), message(1, 0), message(2, 300), message(3, 1), half} {
		if got := bob.next(t, "receive"); got.data != want || got.flow != bob2 {
			t.Fatalf("message %d: %.80q on %v", i, got.data, got.flow)
		}
	}
}

// RFC 5626 §5.4: a CRLFCRLF between messages is answered by one CRLF.
func TestTCPPing(t *testing.T) {
	bob := newSpy()
	c := dial(t, listen(t, newTCP(t, transport.TCPOptions{}), loopback, bob))
	write(t, c, "\r\n\r\n"+message(1, 0)+"\r\n\r\n\r\n")
	bob.next(t, "receive")
	c.CloseWrite()
	if got := readAll(t, c); got != "\r\n\r\n" {
		t.Errorf("two pings were answered by %q", got)
	}
}

// A stream that cannot be framed gets its answer, and then its end.
func TestTCPMalformed(t *testing.T) {
	head := "BYE sip:bob@example.com SIP/2.0\r\nTo: <sip:bob@example.com>\r\n"
	for name, c := range map[string]struct {
		in   string
		data string
		code int
	}{
		"no Content-Length":  {head + "\r\n", head + "\r\n", 400},
		"bad Content-Length": {head + "Content-Length: few\r\n\r\n", head + "Content-Length: few\r\n\r\n", 400},
		"large body":         {head + "l: 5000\r\n\r\n" + strings.Repeat("x", 5000), head + "l: 5000\r\n\r\n", 513},
		"large head":         {head + strings.Repeat("X: yyyyyyyyyyyyyyyyyyyyyyyyy\r\n", 100), "", 513},
		"another protocol":   {"\x16\x03\x01\x00\xa5\x01\x00", "", 400},
	} {
		t.Run(name, func(t *testing.T) {
			bob := newSpy()
			answer := "SIP/2.0 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
			bob.on = func(e event) {
				if e.kind == "malformed" {
					e.flow.Send([]byte(answer))
				}
			}
			tr := newTCP(t, transport.TCPOptions{Limits: sip.Limits{MaxHead: 1000, MaxMessage: 4000}})
			conn := dial(t, listen(t, tr, loopback, bob))
			write(t, conn, message(1, 0)+c.in)
			bob.next(t, "receive")
			e := bob.next(t, "malformed")
			if e.code != c.code || c.data != "" && e.data != c.data {
				t.Errorf("code %d with %q, want %d with %q", e.code, e.data, c.code, c.data)
			}
			if got := readAll(t, conn); got != answer {
				t.Errorf("the peer read %q", got)
			}
			if err := e.flow.Send([]byte("x")); !errors.Is(err, transport.ErrClosed) {
				t.Errorf("Send after it: %v", err)
			}
			conn.Close()
			if closed := bob.next(t, "closed"); closed.flow != e.flow || closed.err == nil {
				t.Errorf("closed %v: %v", closed.flow, closed.err)
			}
			bob.none(t)
		})
	}
}

// A connection that never comes up is told as closed, with the reason.
func TestTCPRefused(t *testing.T) {
	gone := newTCP(t, transport.TCPOptions{})
	dead := listen(t, gone, loopback, newSpy())
	gone.Close()
	alice := newSpy()
	a := newTCP(t, transport.TCPOptions{})
	f := flowTo(t, a, dead, alice)
	if l := f.Local(); l.Addr() != loopback {
		t.Errorf("local address %v while coming up", l)
	}
	f.Send([]byte(message(1, 0)))
	if e := alice.next(t, "closed"); e.flow != f || !errors.Is(e.err, syscall.ECONNREFUSED) {
		t.Errorf("closed %v: %v", e.flow, e.err)
	}
	if err := f.Send([]byte(message(2, 0))); !errors.Is(err, transport.ErrClosed) {
		t.Errorf("Send after it: %v", err)
	}
	if again := flowTo(t, a, dead, alice); again == f {
		t.Error("the dead flow is given out again")
	}
	alice.next(t, "closed")
	alice.none(t)
}

// The end that the peer makes, and the end that we make.
func TestTCPClosed(t *testing.T) {
	bob := newSpy()
	to := listen(t, newTCP(t, transport.TCPOptions{}), loopback, bob)
	c := dial(t, to)
	write(t, c, message(1, 0)+"BYE sip:half")
	f := bob.next(t, "receive").flow
	c.Close()
	if e := bob.next(t, "closed"); e.flow != f || e.err != io.EOF {
		t.Errorf("closed %v: %v", e.flow, e.err)
	}

	c = dial(t, to)
	write(t, c, message(1, 0))
	f = bob.next(t, "receive").flow
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() { f.(io.Closer).Close() })
	}
	c.Close()
	group.Wait()
	if e := bob.next(t, "closed"); e.flow != f || e.err != nil && e.err != io.EOF {
		t.Errorf("closed %v: %v", e.flow, e.err)
	}
	bob.none(t)
}

// One connection for one destination, whoever asks, and however many at once.
func TestTCPReuse(t *testing.T) {
	bob := newSpy()
	b := newTCP(t, transport.TCPOptions{})
	to := listen(t, b, loopback, bob)
	a := newTCP(t, transport.TCPOptions{})
	flows := make(chan transport.Flow, 16)
	var group sync.WaitGroup
	for range cap(flows) {
		group.Go(func() {
			f, err := a.Flow(transport.Destination{Remote: to, ServerName: "example.com"}, newSpy())
			if err != nil {
				t.Error(err)
			}
			flows <- f
		})
	}
	group.Wait()
	close(flows)
	first := <-flows
	for f := range flows {
		if f != first {
			t.Errorf("%v beside %v", f, first)
		}
	}
	// A local address may be asked for: the same one is the same connection.
	f, err := a.Flow(transport.Destination{Remote: to, Local: netip.AddrPortFrom(loopback, 5060)}, newSpy())
	if err != nil || f != first {
		t.Errorf("from the same address: %v, %v", f, err)
	}
	if runtime.GOOS != "linux" {
		return // elsewhere 127.0.0.2 is nobody
	}
	other := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.2"), 0)
	alice := newSpy()
	f, err = a.Flow(transport.Destination{Remote: to, Local: other}, alice)
	if err != nil || f == first {
		t.Fatalf("from another address: %v, %v", f, err)
	}
	send(t, f, message(1, 0))
	if in := bob.next(t, "receive"); in.flow.Remote().Addr() != other.Addr() {
		t.Errorf("arrived from %v", in.flow.Remote())
	}
	if again, err := a.Flow(transport.Destination{Remote: to, Local: other}, alice); again != f {
		t.Errorf("again: %v, %v", again, err)
	}
}

func TestTCPTrace(t *testing.T) {
	sink := new(events)
	bob := newSpy()
	b := transport.NewTCP(transport.TCPOptions{Trace: trace.New(sink)})
	to := listen(t, b, loopback, bob)
	c := dial(t, to)
	write(t, c, message(1, 0))
	f := bob.next(t, "receive").flow
	c.Close()
	bob.next(t, "closed")
	b.Close()
	point := trace.Path{Network: "TCP", Local: to}
	conn := trace.Path{Network: "TCP", Local: f.Local(), Remote: f.Remote()}
	sink.want(t, trace.FlowOpened{Path: point}, trace.FlowOpened{Path: conn},
		trace.FlowClosed{Path: conn, Err: io.EOF}, trace.FlowClosed{Path: point})
}

// A line-oriented server that never saw SIP is no danger.
func TestTCPStranger(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	alice := newSpy()
	a := newTCP(t, transport.TCPOptions{})
	send(t, flowTo(t, a, ln.Addr().(*net.TCPAddr).AddrPort(), alice), message(1, 0))
	c, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if line, err := bufio.NewReader(c).ReadString('\n'); err != nil || !strings.HasPrefix(line, "MESSAGE") {
		t.Fatalf("%q, %v", line, err)
	}
	write(t, c, "HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n")
	if e := alice.next(t, "malformed"); e.code != 400 {
		t.Errorf("code %d", e.code)
	}
	c.Close()
	alice.next(t, "closed")
}

func TestTCPListenCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	a := newTCP(t, transport.TCPOptions{})
	addr, err := a.Listen(ctx, netip.AddrPortFrom(loopback, 0), newSpy())
	if err != nil {
		t.Fatal(err)
	}
	cancel() // bounds only the opening
	dial(t, addr)
}

// BenchmarkTCPEcho is a round trip over loopback, two messages.
func BenchmarkTCPEcho(b *testing.B) {
	benchmarkEcho(b, transport.NewTCP(transport.TCPOptions{}), transport.NewTCP(transport.TCPOptions{}))
}
