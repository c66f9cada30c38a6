package transport

import (
	"context"
	"net/netip"
	"testing"
	"time"
)

// The queue of a socket that the system would not serve at once: bounded, in
// order, and gone when it is empty.
func TestUDPQueue(t *testing.T) {
	got := make(chan string, 100)
	b := NewUDP(UDPOptions{})
	defer b.Close()
	to, err := b.Listen(context.Background(), netip.MustParseAddrPort("127.0.0.1:0"), keep(got))
	if err != nil {
		t.Fatal(err)
	}
	u := NewUDP(UDPOptions{QueueBytes: 20})
	defer u.Close()
	f, err := u.Flow(Destination{Remote: to}, keep(got))
	if err != nil {
		t.Fatal(err)
	}
	s := f.(udpFlow).s

	// As if the first attempt had found the buffer full and the writer waited.
	s.busy.Store(true)
	for _, msg := range []string{"one", "two", "three"} {
		if err := f.Send([]byte(msg)); err != nil {
			t.Fatalf("%s: %v", msg, err)
		}
	}
	if err := f.Send(make([]byte, 10)); err != ErrQueueFull {
		t.Errorf("beyond the bound: %v", err)
	}
	if len(got) != 0 {
		t.Error("a datagram overtook the queue")
	}
	s.drain()
	for _, want := range []string{"one", "two", "three", "four"} {
		if want == "four" {
			if err := f.Send([]byte("four")); err != nil {
				t.Fatal(err)
			}
		}
		select {
		case msg := <-got:
			if msg != want {
				t.Errorf("got %q, want %q", msg, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%q did not come", want)
		}
	}
	if s.busy.Load() || s.queue != nil || s.bytes != 0 {
		t.Errorf("after all went: busy %v, %d bytes", s.busy.Load(), s.bytes)
	}
	if err := s.enqueue([]byte("five"), to); err != nil {
		t.Fatal(err)
	}
	if msg := <-got; msg != "five" {
		t.Errorf("got %q by way of the writer", msg)
	}
	u.Close()
	if err := s.enqueue([]byte("six"), to); err != ErrClosed {
		t.Errorf("after Close: %v", err)
	}
}

// keep is a handler that keeps messages.
type keep chan string

func (k keep) Receive(_ Flow, data []byte) { k <- string(data) }
func (k keep) Malformed(Flow, []byte, int) {}
func (k keep) Closed(Flow, error)          {}
func (k keep) Unreachable(Flow, error)     {}

// Which socket serves a destination. A "both" socket takes both families.
func TestChoose(t *testing.T) {
	socket := func(addr string) *udpSocket {
		s := &udpSocket{}
		if addr[0] == '~' {
			s.ephemeral, addr = true, addr[1:]
		}
		if addr[0] == '*' {
			s.both, addr = true, "[::]"+addr[1:]
		}
		s.local = netip.MustParseAddrPort(addr)
		return s
	}
	for _, c := range []struct {
		sockets       []string
		remote, local string
		want          int // -1: none
	}{
		{nil, "192.0.2.1:5060", "", -1},
		{[]string{"0.0.0.0:5060"}, "192.0.2.1:5060", "", 0},
		{[]string{"0.0.0.0:5060"}, "[2001:db8::1]:5060", "", -1},
		{[]string{"[::]:5060"}, "192.0.2.1:5060", "", -1},
		{[]string{"*:5060"}, "192.0.2.1:5060", "", 0},
		{[]string{"*:5060"}, "[2001:db8::1]:5060", "", 0},
		// From a loopback address no packet leaves the host.
		{[]string{"127.0.0.1:5060"}, "192.0.2.1:5060", "", -1},
		{[]string{"127.0.0.1:5060", "0.0.0.0:5070"}, "192.0.2.1:5060", "", 1},
		{[]string{"0.0.0.0:5070", "127.0.0.1:5060"}, "127.0.0.1:99", "", 1},
		{[]string{"10.0.0.1:5060", "127.0.0.1:5060"}, "127.0.0.1:99", "", 1},
		{[]string{"10.0.0.1:5060"}, "127.0.0.1:99", "", 0},
		// Listening points before ephemeral sockets.
		{[]string{"~0.0.0.0:9999", "0.0.0.0:5060"}, "192.0.2.1:5060", "", 1},
		{[]string{"~10.0.0.1:9999", "0.0.0.0:5060"}, "192.0.2.1:5060", "", 1},
		// The caller's choice.
		{[]string{"0.0.0.0:5060", "10.0.0.1:5070"}, "192.0.2.1:1", "10.0.0.1:0", 1},
		{[]string{"0.0.0.0:5060", "10.0.0.1:5070"}, "192.0.2.1:1", "10.0.0.1:5060", 0},
		{[]string{"0.0.0.0:5060", "10.0.0.1:5070"}, "192.0.2.1:1", "10.0.0.2:5070", -1},
		{[]string{"0.0.0.0:5060", "0.0.0.0:5070"}, "192.0.2.1:1", "0.0.0.0:5070", 1},
		// Link-local peers are reached over their own link.
		{[]string{"[fe80::1%a]:5060", "[fe80::1%b]:5060"}, "[fe80::2%b]:5060", "", 1},
		{[]string{"[fe80::1%a]:5060", "[2001:db8::5]:5060"}, "[2001:db8::1]:5060", "", 1},
	} {
		var sockets []*udpSocket
		for _, addr := range c.sockets {
			sockets = append(sockets, socket(addr))
		}
		var local netip.AddrPort
		if c.local != "" {
			local = netip.MustParseAddrPort(c.local)
		}
		got := -1
		for i, s := range sockets {
			if s == choose(sockets, netip.MustParseAddrPort(c.remote), local) {
				got = i
			}
		}
		if got != c.want {
			t.Errorf("%v to %s from %q: socket %d, want %d", c.sockets, c.remote, c.local, got, c.want)
		}
	}
}

// Among several addresses of one host the system's routing decides.
func TestChooseByRoute(t *testing.T) {
	a := &udpSocket{local: netip.MustParseAddrPort("127.0.0.9:5060")}
	b := &udpSocket{local: netip.MustParseAddrPort("127.0.0.1:5060")}
	if s := choose([]*udpSocket{a, b}, netip.MustParseAddrPort("127.0.0.1:5070"), netip.AddrPort{}); s != b {
		t.Errorf("chose %v", s.local)
	}
}

func TestSource(t *testing.T) {
	for _, ip := range []string{"127.0.0.1", "::1", "::ffff:127.0.0.1"} {
		want := netip.MustParseAddr(ip).Unmap()
		if got, err := Source(want); err != nil || got != want {
			t.Errorf("towards %v: %v, %v", want, got, err)
		}
	}
	if got, err := Source(netip.Addr{}); err == nil {
		t.Errorf("towards nothing: %v", got)
	}
}

func TestSetting(t *testing.T) {
	for v, want := range map[int]int{0: 7, -1: 0, 3: 3} {
		if got := setting(v, 7); got != want {
			t.Errorf("setting(%d) = %d, want %d", v, got, want)
		}
	}
}
