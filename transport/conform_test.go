package transport_test

import (
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"

	"dum/transport"
)

// A message goes, its answer comes back over the flow that it came on, and the
// same destination is the same flow.
func TestExchange(t *testing.T) {
	overAll(t, func(t *testing.T, make func() transport.Transport, ip netip.Addr) {
		alice, bob := newSpy(), newSpy()
		a, b := make(), make()
		listen(t, a, ip, alice)
		to := listen(t, b, ip, bob)

		f := flowTo(t, a, to, alice)
		send(t, f, message(1, 0))
		in := bob.next(t, "receive")
		if in.data != message(1, 0) {
			t.Fatalf("got %q", in.data)
		}
		if f.Remote() != to || in.flow.Local() != to {
			t.Errorf("remote %v of the sender, local %v of the receiver; want %v", f.Remote(), in.flow.Local(), to)
		}
		if f.Local() != in.flow.Remote() {
			t.Errorf("local %v of the sender is remote %v of the receiver", f.Local(), in.flow.Remote())
		}
		if f.Network() != a.Network() || in.flow.Network() != b.Network() {
			t.Errorf("networks %v, %v; want %v", f.Network(), in.flow.Network(), a.Network())
		}
		if want := a.Network().Name + " " + f.Local().String() + " -> " + to.String(); f.String() != want {
			t.Errorf("String = %q, want %q", f, want)
		}

		send(t, in.flow, message(2, 3))
		back := alice.next(t, "receive")
		if back.data != message(2, 3) || back.flow != f {
			t.Errorf("answer %q on %v, want it on %v", back.data, back.flow, f)
		}
		if again := flowTo(t, a, to, alice); again != f {
			t.Errorf("the destination is another flow now: %v", again)
		}
		if reverse := flowTo(t, b, in.flow.Remote(), bob); reverse != in.flow {
			t.Errorf("towards the sender: %v, want %v", reverse, in.flow)
		}
	})
}

// Order of arrival is kept, from the first message sent while a connection is
// still coming up.
func TestOrder(t *testing.T) {
	overAll(t, func(t *testing.T, make func() transport.Transport, ip netip.Addr) {
		alice, bob := newSpy(), newSpy()
		a, b := make(), make()
		listen(t, a, ip, alice)
		f := flowTo(t, a, listen(t, b, ip, bob), alice)
		const n = 2000
		for i := range n {
			send(t, f, message(i, i%200))
		}
		for i := range n {
			if got := bob.next(t, "receive"); got.data != message(i, i%200) {
				t.Fatalf("message %d is %.60q", i, got.data)
			}
		}
	})
}

// A message of nearly the largest datagram goes through whole, both ways.
func TestBigMessage(t *testing.T) {
	overAll(t, func(t *testing.T, make func() transport.Transport, ip netip.Addr) {
		alice, bob := newSpy(), newSpy()
		a, b := make(), make()
		listen(t, a, ip, alice)
		f := flowTo(t, a, listen(t, b, ip, bob), alice)
		for _, size := range []int{1300, 9000, 65000, 100} {
			send(t, f, message(1, size))
			in := bob.next(t, "receive")
			if in.data != message(1, size) {
				t.Fatalf("size %d: got %d bytes", size, len(in.data))
			}
			send(t, in.flow, in.data)
			if got := alice.next(t, "receive"); got.data != in.data {
				t.Fatalf("size %d: %d bytes came back", size, len(got.data))
			}
		}
	})
}

// Send keeps nothing of what it is given.
func TestSendKeepsNothing(t *testing.T) {
	overAll(t, func(t *testing.T, make func() transport.Transport, ip netip.Addr) {
		bob := newSpy()
		a, b := make(), make()
		f := flowTo(t, a, listen(t, b, ip, bob), newSpy())
		buf := []byte(message(7, 5))
		if err := f.Send(buf); err != nil {
			t.Fatal(err)
		}
		clear(buf)
		if got := bob.next(t, "receive"); got.data != message(7, 5) {
			t.Errorf("got %q", got.data)
		}
	})
}

// After Close nothing is taken, and Close may come from many sides at once.
func TestClose(t *testing.T) {
	overAll(t, func(t *testing.T, make func() transport.Transport, ip netip.Addr) {
		alice, bob := newSpy(), newSpy()
		a, b := make(), make()
		to := listen(t, b, ip, bob)
		f := flowTo(t, a, to, alice)
		send(t, f, message(1, 0))
		bob.next(t, "receive")

		var group sync.WaitGroup
		for range 4 {
			group.Go(func() { a.Close() })
			group.Go(func() { b.Close() })
		}
		group.Wait()
		if err := f.Send([]byte(message(2, 0))); !errors.Is(err, transport.ErrClosed) {
			t.Errorf("Send after Close: %v", err)
		}
		if _, err := a.Flow(transport.Destination{Remote: to}, alice); !errors.Is(err, transport.ErrClosed) {
			t.Errorf("Flow after Close: %v", err)
		}
		if _, err := a.Listen(t.Context(), netip.AddrPortFrom(ip, 0), alice); !errors.Is(err, transport.ErrClosed) {
			t.Errorf("Listen after Close: %v", err)
		}
		// The ends of connections have been told, each once, before Close returned.
		for _, s := range []*spy{alice, bob} {
			if a.Network().Reliable {
				s.next(t, "closed")
			}
			s.none(t)
		}
	})
}

// Many goroutines send at once and two sides close under them: nothing is torn,
// nothing hangs.
func TestCloseUnderLoad(t *testing.T) {
	overAll(t, func(t *testing.T, make func() transport.Transport, ip netip.Addr) {
		a, b := make(), make()
		bob := newSpy()
		var senders, closers sync.WaitGroup
		var got atomic.Int32
		bob.on = func(event) {
			if got.Add(1) == 50 {
				closers.Go(func() { b.Close() })
				closers.Go(func() { a.Close() })
			}
		}
		f := flowTo(t, a, listen(t, b, ip, bob), newSpy())
		for i := range 8 {
			senders.Go(func() {
				for {
					// Any other error is the network's, telling that the peer is gone.
					if err := f.Send([]byte(message(i, 1000))); errors.Is(err, transport.ErrClosed) {
						return
					}
				}
			})
		}
		senders.Wait()
		closers.Wait()
		for {
			select {
			case e := <-bob.events:
				if e.kind == "receive" && e.data != message(int(e.data[43]-'0'), 1000) {
					t.Fatalf("torn message %.80q", e.data)
				}
				continue
			default:
			}
			break
		}
	})
}

// Destinations that cannot be, and addresses in use, are errors at once.
func TestBadDestination(t *testing.T) {
	overAll(t, func(t *testing.T, make func() transport.Transport, ip netip.Addr) {
		a, b := make(), make()
		for _, to := range []netip.AddrPort{{}, netip.AddrPortFrom(ip, 0), netip.MustParseAddrPort("0.0.0.0:5060")} {
			if f, err := a.Flow(transport.Destination{Remote: to}, newSpy()); err == nil {
				t.Errorf("Flow to %v: %v", to, f)
			}
		}
		addr := listen(t, a, ip, newSpy())
		if got, err := b.Listen(t.Context(), addr, newSpy()); err == nil {
			t.Errorf("listening twice on %v: %v", addr, got)
		}
	})
}

// Mapped addresses are the plain ones.
func TestMapped(t *testing.T) {
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			a, b, bob := k.new(), k.new(), newSpy()
			defer a.Close()
			defer b.Close()
			// Every address of both families.
			to := listen(t, b, netip.Addr{}, bob)
			mapped := netip.AddrPortFrom(netip.MustParseAddr("::ffff:127.0.0.1"), to.Port())
			f := flowTo(t, a, mapped, newSpy())
			if f.Remote() != netip.AddrPortFrom(loopback, to.Port()) {
				t.Errorf("remote %v", f.Remote())
			}
			send(t, f, message(1, 0))
			in := bob.next(t, "receive").flow
			if !in.Remote().Addr().Is4() || !in.Local().Addr().Is4() {
				t.Errorf("received on %v", in)
			}
			send(t, flowTo(t, a, netip.AddrPortFrom(netip.IPv6Loopback(), to.Port()), newSpy()), message(2, 0))
			if in = bob.next(t, "receive").flow; in.Remote().Addr() != netip.IPv6Loopback() {
				t.Errorf("received on %v", in)
			}
			send(t, in, message(3, 0))
		})
	}
}
