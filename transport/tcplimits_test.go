package transport_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"dum/sip"
	"dum/trace"
	"dum/transport"
)

func TestTCPSlowPeer(t *testing.T) {
	alice := newSpy()
	a := newTCP(t, transport.TCPOptions{QueueBytes: 200_000})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	f := flowTo(t, a, ln.Addr().(*net.TCPAddr).AddrPort(), alice)
	c, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	taken, full := 0, 0
	start := time.Now()
	for full < 1000 {
		switch err := f.Send([]byte(message(taken, 3000))); err {
		case nil:
			taken++
		case transport.ErrQueueFull:
			full++
		default:
			t.Fatal(err)
		}
	}
	if d := time.Since(start); d > patience/2 {
		t.Errorf("sending took %v", d)
	}
	c.SetReadDeadline(time.Now().Add(patience))
	var want bytes.Buffer
	for i := range taken {
		want.WriteString(message(i, 3000))
	}
	got := make([]byte, want.Len())
	if n, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Fatalf("read %d of %d bytes, the same: %v, %v", n, want.Len(), bytes.Equal(got, want.Bytes()), err)
	}
	// And the flow is as good as ever. The writer may still be putting away its pen.
	for {
		err := f.Send([]byte(message(1, 0)))
		if err == nil {
			break
		}
		if err != transport.ErrQueueFull {
			t.Fatal(err)
		}
		runtime.Gosched()
	}
	got = got[:len(message(1, 0))]
	if _, err := io.ReadFull(c, got); err != nil || string(got) != message(1, 0) {
		t.Errorf("after it: %q, %v", got, err)
	}
	alice.none(t)
}

func TestTCPLargerThanQueue(t *testing.T) {
	bob := newSpy()
	b := newTCP(t, transport.TCPOptions{Limits: sip.Limits{MaxMessage: 20 << 20}})
	a := newTCP(t, transport.TCPOptions{QueueBytes: 1000})
	f := flowTo(t, a, listen(t, b, loopback, bob), newSpy())
	send(t, f, message(1, 0))
	bob.next(t, "receive") // it is up
	big := message(2, 10<<20)
	send(t, f, big)
	if got := bob.next(t, "receive"); got.data != big {
		t.Errorf("got %d of %d bytes", len(got.data), len(big))
	}
}

func TestTCPWriteTimeout(t *testing.T) {
	alice := newSpy()
	a := newTCP(t, transport.TCPOptions{WriteTimeout: 50 * time.Millisecond, QueueBytes: 64 << 20})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	f := flowTo(t, a, ln.Addr().(*net.TCPAddr).AddrPort(), alice)
	for range 20 {
		if err := f.Send([]byte(message(1, 1<<20))); err != nil {
			break // given up already
		}
	}
	if e := alice.next(t, "closed"); !isTimeout(e.err) {
		t.Errorf("closed: %v", e.err)
	}
	alice.none(t)
}

func isTimeout(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}

func TestTCPReadTimeouts(t *testing.T) {
	bob := newSpy()
	slow := newTCP(t, transport.TCPOptions{MessageTimeout: 50 * time.Millisecond})
	c := dial(t, listen(t, slow, loopback, bob))
	write(t, c, message(1, 0))
	bob.next(t, "receive")
	write(t, c, "BYE sip:b")
	if e := bob.next(t, "closed"); !isTimeout(e.err) {
		t.Errorf("half a message: %v", e.err)
	}

	idle := newTCP(t, transport.TCPOptions{IdleTimeout: 50 * time.Millisecond})
	c = dial(t, listen(t, idle, loopback, bob))
	write(t, c, message(1, 0))
	bob.next(t, "receive")
	if e := bob.next(t, "closed"); !isTimeout(e.err) {
		t.Errorf("silence: %v", e.err)
	}
}

func TestTCPTooMany(t *testing.T) {
	sink := new(events)
	bob := newSpy()
	b := newTCP(t, transport.TCPOptions{MaxConns: 2, Trace: trace.New(sink)})
	to := listen(t, b, loopback, bob)
	first, second := dial(t, to), dial(t, to)
	for _, c := range []net.Conn{first, second} {
		write(t, c, message(1, 0))
		bob.next(t, "receive")
	}
	if got := readAll(t, dial(t, to)); got != "" {
		t.Errorf("the third connection read %q", got)
	}
	if _, err := b.Flow(transport.Destination{Remote: netip.MustParseAddrPort("127.0.0.1:1")}, bob); !errors.Is(err, transport.ErrTooMany) {
		t.Errorf("Flow: %v", err)
	}
	first.Close()
	bob.next(t, "closed")
	again := dial(t, to)
	write(t, again, message(1, 0))
	bob.next(t, "receive")
	refused := 0
	for _, ev := range sink.all() {
		if ev, ok := ev.(trace.FlowClosed); ok && ev.Err == transport.ErrTooMany {
			refused++
		}
	}
	if refused != 1 {
		t.Errorf("%d refusals traced", refused)
	}
}

func TestTCPIdleCost(t *testing.T) {
	bob := newSpy()
	b := newTCP(t, transport.TCPOptions{})
	to := listen(t, b, loopback, bob)
	heap := func() uint64 {
		runtime.GC()
		runtime.GC() // what the pool of buffers held goes with the second
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	connect := func() {
		c := dial(t, to)
		write(t, c, message(1, 20_000)+message(1, 0))
		bob.next(t, "receive")
		bob.next(t, "receive")
	}
	connect()
	const n = 200
	before, goroutines := heap(), runtime.NumGoroutine()
	for range n {
		connect()
	}
	if each := (heap() - before) / n; each > 6<<10 {
		t.Errorf("%d bytes of heap a connection, with the test's own end", each)
	}
	if each := (runtime.NumGoroutine() - goroutines) / n; each > 1 {
		t.Errorf("%d goroutines a connection", each)
	}
}
