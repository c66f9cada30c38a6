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

// A peer that does not read stalls nobody: Send refuses what exceeds the bound,
// and what was taken arrives whole and in order once the peer reads again; then
// the flow is as good as ever.
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
	c.SetReadDeadline(time.Now().Add(patience))
	for round := range 3 {
		var want bytes.Buffer
		start := time.Now()
		for n, full := 0, 0; full < 1000; n++ {
			msg := message(n, 3000)
			switch err := f.Send([]byte(msg)); err {
			case nil:
				want.WriteString(msg)
			case transport.ErrQueueFull:
				full++
			default:
				t.Fatal(err)
			}
		}
		if d := time.Since(start); d > patience/2 {
			t.Errorf("round %d: sending took %v", round, d)
		}
		got := make([]byte, want.Len())
		if n, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, want.Bytes()) {
			t.Fatalf("round %d: read %d of %d bytes, the same: %v, %v", round, n, want.Len(), bytes.Equal(got, want.Bytes()), err)
		}
	}
	alice.none(t)
}

// The time for a message runs from its own beginning, on a connection that is
// never between two messages.
func TestTCPBusyStream(t *testing.T) {
	const timeout = 200 * time.Millisecond
	bob := newSpy()
	c := dial(t, listen(t, newTCP(t, transport.TCPOptions{MessageTimeout: timeout}), loopback, bob))
	msg := message(1, 100)
	write(t, c, msg[:50])
	for start := time.Now(); time.Since(start) < 3*timeout; {
		write(t, c, msg[50:]+msg[:50])
		bob.next(t, "receive")
	}
}

// A message larger than the whole queue goes out when the first of it has gone.
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

// A peer that takes nothing at all is given up.
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

// A message that has begun must end; silence between messages is another limit.
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

// The table is bounded: beyond it nothing is dialled, and what is accepted is
// closed at once and traced.
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

// What is quiet costs little: one goroutine and a few KB a connection, also
// after a large message.
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
