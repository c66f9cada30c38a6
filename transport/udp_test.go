package transport_test

import (
	"errors"
	"net"
	"net/netip"
	"runtime"
	"syscall"
	"testing"

	"dum/trace"
	"dum/transport"
)

// Flows are values: the same socket and peer are the same flow, and nothing else
// is.
func TestUDPFlowsAreValues(t *testing.T) {
	u, alice := transport.NewUDP(transport.UDPOptions{}), newSpy()
	defer u.Close()
	listen(t, u, loopback, alice)
	one, two := netip.MustParseAddrPort("127.0.0.1:1"), netip.MustParseAddrPort("127.0.0.1:2")
	if flowTo(t, u, one, alice) != flowTo(t, u, one, newSpy()) {
		t.Error("one destination, two flows")
	}
	if flowTo(t, u, one, alice) == flowTo(t, u, two, alice) {
		t.Error("two destinations, one flow")
	}
	seen := map[transport.Flow]bool{flowTo(t, u, one, alice): true}
	if !seen[flowTo(t, u, one, alice)] || seen[flowTo(t, u, two, alice)] {
		t.Error("flows do not serve as keys")
	}
}

// What is sent leaves from the listening socket (RFC 3581 §4); without one that
// fits, from an ephemeral socket, or not at all.
func TestUDPSource(t *testing.T) {
	bob := newSpy()
	b := transport.NewUDP(transport.UDPOptions{})
	defer b.Close()
	to, to6 := listen(t, b, loopback, bob), listen(t, b, netip.IPv6Loopback(), bob)

	u := transport.NewUDP(transport.UDPOptions{Ephemeral: 1})
	defer u.Close()
	first := flowTo(t, u, to, newSpy())
	if again := flowTo(t, u, to, newSpy()); again != first {
		t.Errorf("a second ephemeral socket: %v, %v", first, again)
	}
	if _, err := u.Flow(transport.Destination{Remote: to6}, newSpy()); !errors.Is(err, transport.ErrTooMany) {
		t.Errorf("beyond the bound: %v", err)
	}
	addr := listen(t, u, loopback, newSpy())
	f := flowTo(t, u, to, newSpy())
	if f.Local() != addr {
		t.Errorf("sent from %v, listening on %v", f.Local(), addr)
	}
	send(t, f, message(1, 0))
	if in := bob.next(t, "receive"); in.flow.Remote() != addr {
		t.Errorf("arrived from %v, listening on %v", in.flow.Remote(), addr)
	}
	// The caller picks among several.
	second := listen(t, u, loopback, newSpy())
	for _, local := range []netip.AddrPort{addr, second} {
		f, err := u.Flow(transport.Destination{Remote: to, Local: local}, newSpy())
		if err != nil || f.Local() != local {
			t.Errorf("asked for %v, got %v, %v", local, f, err)
		}
	}

	none := transport.NewUDP(transport.UDPOptions{Ephemeral: -1})
	defer none.Close()
	if _, err := none.Flow(transport.Destination{Remote: to}, newSpy()); !errors.Is(err, transport.ErrNoListener) {
		t.Errorf("no socket at all: %v", err)
	}
	listen(t, none, netip.IPv6Loopback(), newSpy())
	if _, err := none.Flow(transport.Destination{Remote: to}, newSpy()); !errors.Is(err, transport.ErrNoListener) {
		t.Errorf("a socket of the other family: %v", err)
	}
	local := netip.AddrPortFrom(netip.IPv6Loopback(), 0)
	if _, err := u.Flow(transport.Destination{Remote: to, Local: local}, newSpy()); !errors.Is(err, transport.ErrNoListener) {
		t.Errorf("a local address of the other family: %v", err)
	}
}

// Keep-alives that phones send to hold a NAT open go no further.
func TestUDPKeepAlive(t *testing.T) {
	u, bob := transport.NewUDP(transport.UDPOptions{}), newSpy()
	defer u.Close()
	c, err := net.Dial("udp", listen(t, u, loopback, bob).String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, s := range []string{"\r\n\r\n", "\x00\x00\x00\x00", "", "\r\n", message(1, 0)} {
		if _, err := c.Write([]byte(s)); err != nil {
			t.Fatal(err)
		}
	}
	if e := bob.next(t, "receive"); e.data != message(1, 0) {
		t.Errorf("got %q", e.data)
	}
}

// Junk from many ports leaves memory and goroutines where they were.
func TestUDPFlood(t *testing.T) {
	u, bob := transport.NewUDP(transport.UDPOptions{}), newSpy()
	defer u.Close()
	to := net.UDPAddrFromAddrPort(listen(t, u, loopback, bob))
	junk := []byte("\xffthis is no SIP at all")
	flood := func(n int) {
		for range n {
			c, err := net.DialUDP("udp", nil, to)
			if err != nil {
				t.Fatal(err)
			}
			if _, err = c.Write(junk); err != nil {
				t.Fatal(err)
			}
			bob.next(t, "receive")
			c.Close()
		}
	}
	flood(100)
	memory := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, goroutines := memory(), runtime.NumGoroutine()
	flood(5000)
	if after := memory(); after > before+100_000 {
		t.Errorf("heap grew from %d to %d", before, after)
	}
	if n := runtime.NumGoroutine(); n != goroutines {
		t.Errorf("%d goroutines, %d before", n, goroutines)
	}
}

// A dead port is told at once where the platform says so, and it does not cost
// the datagrams to living peers.
func TestUDPUnreachable(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells an unconnected socket of ICMP errors")
	}
	for _, ip := range []netip.Addr{loopback, netip.IPv6Loopback()} {
		t.Run(ip.String(), func(t *testing.T) {
			u, alice, bob := transport.NewUDP(transport.UDPOptions{}), newSpy(), newSpy()
			defer u.Close()
			listen(t, u, ip, alice)
			gone := transport.NewUDP(transport.UDPOptions{})
			dead := listen(t, gone, ip, newSpy())
			gone.Close()
			b := transport.NewUDP(transport.UDPOptions{})
			defer b.Close()
			live := flowTo(t, u, listen(t, b, ip, bob), alice)
			f := flowTo(t, u, dead, alice)
			for i := range 50 {
				send(t, f, message(i, 0))
				send(t, live, message(i, 0))
				if e := bob.next(t, "receive"); e.data != message(i, 0) {
					t.Fatalf("message %d: %q", i, e.data)
				}
				e := alice.next(t, "unreachable")
				if e.flow != f || !errors.Is(e.err, syscall.ECONNREFUSED) {
					t.Fatalf("told of %v: %v; want %v", e.flow, e.err, f)
				}
			}
		})
	}
}

// A datagram that cannot be is an error and no more.
func TestUDPTooLarge(t *testing.T) {
	u, bob := transport.NewUDP(transport.UDPOptions{}), newSpy()
	defer u.Close()
	f := flowTo(t, u, listen(t, u, loopback, bob), bob)
	if err := f.Send(make([]byte, 66_000)); !errors.Is(err, syscall.EMSGSIZE) {
		t.Errorf("66,000 bytes: %v", err)
	}
	send(t, f, message(1, 0))
	bob.next(t, "receive")
}

func TestUDPTrace(t *testing.T) {
	sink := new(events)
	u := transport.NewUDP(transport.UDPOptions{Trace: trace.New(sink)})
	addr := listen(t, u, loopback, newSpy())
	u.Close()
	u.Close()
	path := trace.Path{Network: "UDP", Local: addr}
	sink.want(t, trace.FlowOpened{Path: path}, trace.FlowClosed{Path: path})
}

// BenchmarkUDPEcho is a round trip over loopback, two messages.
func BenchmarkUDPEcho(b *testing.B) {
	benchmarkEcho(b, transport.NewUDP(transport.UDPOptions{}), transport.NewUDP(transport.UDPOptions{}))
}

func benchmarkEcho(b *testing.B, client, server transport.Transport) {
	defer client.Close()
	defer server.Close()
	done := make(chan struct{})
	f := flowTo(b, client, listen(b, server, loopback, echo{}), receiver(func() { done <- struct{}{} }))
	msg := []byte(message(1, 500))
	round := func() {
		if err := f.Send(msg); err != nil {
			b.Fatal(err)
		}
		<-done
	}
	round() // the connection is up
	b.ReportAllocs()
	for b.Loop() {
		round()
	}
}

// echo sends everything back.
type echo struct{}

func (echo) Receive(f transport.Flow, data []byte) { f.Send(data) }
func (echo) Malformed(transport.Flow, []byte, int) {}
func (echo) Closed(transport.Flow, error)          {}
func (echo) Unreachable(transport.Flow, error)     {}

// receiver calls itself for every message.
type receiver func()

func (r receiver) Receive(transport.Flow, []byte)      { r() }
func (receiver) Malformed(transport.Flow, []byte, int) {}
func (receiver) Closed(transport.Flow, error)          {}
func (receiver) Unreachable(transport.Flow, error)     {}
