package siptest

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"dum/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ear is a handler that writes down what it hears.
type ear struct {
	mu     sync.Mutex
	heard  []string
	flows  []transport.Flow
	closed []error
	gone   []error
	kept   []byte // the last borrowed data, kept against the rule
}

func (e *ear) Receive(f transport.Flow, data []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard = append(e.heard, string(data))
	e.flows = append(e.flows, f)
	e.kept = data
}
func (e *ear) Malformed(f transport.Flow, data []byte, code int) { panic("nothing is malformed here") }
func (e *ear) Closed(f transport.Flow, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = append(e.closed, err)
}
func (e *ear) Unreachable(f transport.Flow, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.gone = append(e.gone, err)
}

func (e *ear) take() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := strings.Join(e.heard, " ")
	e.heard = nil
	return s
}

func listen(t *testing.T, tr transport.Transport, e *ear) netip.AddrPort {
	t.Helper()
	at, err := tr.Listen(t.Context(), netip.MustParseAddrPort("0.0.0.0:5060"), e)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func flow(t *testing.T, tr transport.Transport, to netip.AddrPort, e *ear) transport.Flow {
	t.Helper()
	f, err := tr.Flow(transport.Destination{Remote: to}, e)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func send(t *testing.T, f transport.Flow, messages ...string) {
	t.Helper()
	for _, m := range messages {
		if err := f.Send([]byte(m)); err != nil {
			t.Fatalf("%v: %v", f, err)
		}
	}
}

// networks are the two kinds of network.
func networks() []string { return []string{"UDP", "TCP"} }

// pair is two hosts that listen.
func pair(t *testing.T, kind string) (n *Net, a, b transport.Transport, alice, bob *ear, to netip.AddrPort) {
	n = new(Net)
	open := (*Host).UDP
	if kind == "TCP" {
		open = (*Host).TCP
	}
	a, b = open(n.Host("alice", "192.0.2.1")), open(n.Host("bob", "192.0.2.2"))
	alice, bob = new(ear), new(ear)
	t.Cleanup(func() { a.Close(); b.Close() })
	listen(t, a, alice)
	return n, a, b, alice, bob, listen(t, b, bob)
}

func settle() { time.Sleep(10 * time.Millisecond); synctest.Wait() }

func TestNetDelivers(t *testing.T) {
	for _, kind := range networks() {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n, a, b, alice, bob, to := pair(t, kind)
				f := flow(t, a, to, alice)
				buf := []byte("one")
				if err := f.Send(buf); err != nil {
					t.Fatal(err)
				}
				clear(buf) // Send keeps nothing
				send(t, f, "two", "three")
				if bob.take() != "" {
					t.Error("arrived at once")
				}
				settle()
				if got := bob.take(); got != "one two three" {
					t.Errorf("bob heard %q", got)
				}
				if strings.Trim(string(bob.kept), "?") != "" {
					t.Errorf("borrowed data is still good: %q", bob.kept)
				}
				back := bob.flows[0]
				if bob.flows[1] != back || bob.flows[2] != back {
					t.Error("one way, several flows")
				}
				if back.Remote() != f.Local() || back.Local() != f.Remote() || f.Remote() != to {
					t.Errorf("%v and %v are not each other's", f, back)
				}
				if want := fmt.Sprintf("%s %v -> %v", a.Network().Name, f.Local(), to); f.String() != want {
					t.Errorf("String is %q, want %q", f, want)
				}
				send(t, back, "four")
				settle()
				if got := alice.take(); got != "four" || alice.flows[0] != f {
					t.Errorf("alice heard %q on %v, want it on %v", got, alice.flows, f)
				}
				if flow(t, a, to, alice) != f || flow(t, b, f.Local(), bob) != back {
					t.Error("the same destination is another flow")
				}
				want := 0
				if a.Network().Name == "UDP" {
					want = 4
				}
				if n.Datagrams() != want {
					t.Errorf("%d datagrams, want %d", n.Datagrams(), want)
				}
			})
		})
	}
}

func TestNetLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &Net{Latency: 50 * time.Millisecond}
		bob := new(ear)
		to := listen(t, n.Host("bob", "192.0.2.2").UDP(), bob)
		send(t, flow(t, n.Host("alice", "192.0.2.1").UDP(), to, new(ear)), "x")
		time.Sleep(50*time.Millisecond - 1)
		synctest.Wait()
		if bob.take() != "" {
			t.Error("too early")
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if bob.take() != "x" {
			t.Error("too late")
		}
	})
}

// TestNetOrder: what leaves at one moment arrives in the order of the senders,
// whoever was first to send.
func TestNetOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := new(Net)
		bob := new(ear)
		to := listen(t, n.Host("bob", "192.0.2.99").UDP(), bob)
		var flows []transport.Flow
		for i := range 20 {
			flows = append(flows, flow(t, n.Host("h", fmt.Sprintf("192.0.2.%d", i+1)).UDP(), to, new(ear)))
		}
		for range 20 {
			var wg sync.WaitGroup
			for i, f := range flows {
				wg.Go(func() { f.Send(fmt.Appendf(nil, "%02da", i)); f.Send(fmt.Appendf(nil, "%02db", i)) })
			}
			wg.Wait()
			settle()
			if got := strings.Fields(bob.take()); len(got) != 40 || !slices.IsSorted(got) {
				t.Fatalf("order %v", got)
			}
		}
	})
}

func TestNetFaults(t *testing.T) {
	for _, tt := range []struct {
		fault Fault
		nth   int
		want  string
		fates string
	}{
		{Deliver, 2, "1 2 3 4", "arrived arrived arrived arrived"},
		{Lose, 2, "1 3 4", "arrived lost arrived arrived"},
		{Double, 2, "1 2 2 3 4", "arrived doubled arrived arrived"},
		{Swap, 2, "1 3 2 4", "arrived delayed arrived late arrived"},
		{Swap, 4, "1 2 3 4", "arrived arrived arrived delayed late"},
		{Lose, 9, "1 2 3 4", "arrived arrived arrived arrived"},
	} {
		t.Run(fmt.Sprint(tt.fault, tt.nth), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := new(Net)
				var fates []string
				n.Watch(func(p Packet, f Fate) { fates = append(fates, f.String()) })
				n.Faults(FaultAt(tt.nth, tt.fault))
				bob := new(ear)
				to := listen(t, n.Host("bob", "192.0.2.2").UDP(), bob)
				send(t, flow(t, n.Host("alice", "192.0.2.1").UDP(), to, new(ear)), "1", "2", "3", "4")
				settle()
				if tt.fault == Swap && tt.nth == 4 {
					if got := bob.take(); got != "1 2 3" {
						t.Errorf("at first bob heard %q", got)
					}
					tt.want = "4"
					time.Sleep(time.Second)
					synctest.Wait()
				}
				if got := bob.take(); got != tt.want {
					t.Errorf("bob heard %q, want %q", got, tt.want)
				}
				if got := strings.Join(fates, " "); got != tt.fates {
					t.Errorf("fates %q, want %q", got, tt.fates)
				}
			})
		})
	}
}

// TestNetSwapWays: only a datagram of the same way overtakes.
func TestNetSwapWays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := new(Net)
		n.Faults(FaultAt(1, Swap))
		a, b := n.Host("alice", "192.0.2.1").UDP(), n.Host("bob", "192.0.2.2").UDP()
		alice, bob := new(ear), new(ear)
		from, to := listen(t, a, alice), listen(t, b, bob)
		send(t, flow(t, a, to, alice), "1")
		send(t, flow(t, b, from, bob), "2")
		settle()
		if bob.take() != "" || alice.take() != "2" {
			t.Error("overtaken by what went the other way")
		}
		send(t, flow(t, a, to, alice), "3")
		settle()
		if got := bob.take(); got != "3 1" {
			t.Errorf("bob heard %q", got)
		}
	})
}

func TestNetHold(t *testing.T) {
	for _, kind := range networks() {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n, a, _, alice, bob, to := pair(t, kind)
				hold := func() *Hold { return n.Hold(func(p *Packet) bool { return p.Data == "2" }) }
				f := flow(t, a, to, alice)
				h := hold()
				send(t, f, "1", "2", "3")
				settle()
				first, kept, rest := "1 3", 1, "2"
				if a.Network().Reliable {
					first, kept, rest = "1", 2, "2 3" // a stream keeps its order
				}
				if got := bob.take(); got != first || h.Kept() != kept {
					t.Errorf("bob heard %q and %d are kept, want %q and %d", got, h.Kept(), first, kept)
				}
				h.Release()
				settle()
				if got := bob.take(); got != rest {
					t.Errorf("after the release bob heard %q, want %q", got, rest)
				}
				send(t, f, "2")
				settle()
				if got := bob.take(); got != "2" {
					t.Errorf("the hold has not ended: bob heard %q", got)
				}
				h = hold()
				send(t, f, "2")
				settle()
				h.Drop()
				settle()
				if got := bob.take(); got != "" {
					t.Errorf("dropped, but bob heard %q", got)
				}
			})
		})
	}
}

func TestNetClose(t *testing.T) {
	for _, kind := range networks() {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, a, _, alice, bob, to := pair(t, kind)
				f := flow(t, a, to, alice)
				send(t, f, "1")
				settle()
				send(t, f, "2")
				a.Close()
				if err := f.Send([]byte("3")); !errors.Is(err, transport.ErrClosed) {
					t.Errorf("Send after Close: %v", err)
				}
				if _, err := a.Flow(transport.Destination{Remote: to}, alice); !errors.Is(err, transport.ErrClosed) {
					t.Errorf("Flow after Close: %v", err)
				}
				if _, err := a.Listen(t.Context(), netip.AddrPort{}, alice); !errors.Is(err, transport.ErrClosed) {
					t.Errorf("Listen after Close: %v", err)
				}
				settle()
				if got := bob.take(); got != "1 2" {
					t.Errorf("bob heard %q", got)
				}
				if a.Network().Reliable {
					if len(alice.closed) != 1 || alice.closed[0] != nil || len(bob.closed) != 1 || bob.closed[0] != io.EOF {
						t.Errorf("told of the end: alice %v, bob %v", alice.closed, bob.closed)
					}
				}
				send := bob.flows[0].Send([]byte("4"))
				if a.Network().Reliable && !errors.Is(send, transport.ErrClosed) {
					t.Errorf("Send to a peer that has closed: %v", send)
				}
				settle()
				if alice.take() != "" {
					t.Error("heard after Close")
				}
			})
		})
	}
}

func TestNetUnreachable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, icmp := range []bool{false, true} {
			n := &Net{ICMP: icmp}
			n.Host("bob", "192.0.2.2")
			alice := new(ear)
			send(t, flow(t, n.Host("alice", "192.0.2.1").UDP(), netip.MustParseAddrPort("192.0.2.2:5060"), alice), "1")
			settle()
			if told := len(alice.gone) == 1 && errors.Is(alice.gone[0], syscall.ECONNREFUSED); told != icmp {
				t.Errorf("ICMP %v: told %v", icmp, alice.gone)
			}
		}
	})
}

func TestNetConnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := new(Net)
		n.Host("bob", "192.0.2.2")
		a := n.Host("alice", "192.0.2.1").TCP()
		for to, want := range map[string]error{"192.0.2.2:5060": syscall.ECONNREFUSED, "192.0.2.3:5060": syscall.EHOSTUNREACH} {
			alice := new(ear)
			f := flow(t, a, netip.MustParseAddrPort(to), alice)
			send(t, f, "1")
			settle()
			if len(alice.closed) != 1 || !errors.Is(alice.closed[0], want) {
				t.Errorf("%s: told %v, want %v", to, alice.closed, want)
			}
			if err := f.Send(nil); !errors.Is(err, transport.ErrClosed) {
				t.Errorf("%s: Send: %v", to, err)
			}
			if flow(t, a, netip.MustParseAddrPort(to), alice) == f {
				t.Errorf("%s: the dead flow is given out again", to)
			}
		}
		a.Close()
	})
}

func TestNetBreak(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := new(Net)
		ha, hb := n.Host("alice", "192.0.2.1"), n.Host("bob", "192.0.2.2")
		a, b := ha.TCP(), hb.TCP()
		alice, bob := new(ear), new(ear)
		to := listen(t, b, bob)
		f := flow(t, a, to, alice)
		send(t, f, "1")
		settle()
		send(t, f, "2")
		n.Break(ha, hb, syscall.ECONNRESET)
		settle()
		if bob.take() != "1" || !slices.Equal(alice.closed, bob.closed) || len(bob.closed) != 1 || bob.closed[0] != syscall.ECONNRESET {
			t.Errorf("told of the break: alice %v, bob %v", alice.closed, bob.closed)
		}
		g := flow(t, a, to, alice)
		send(t, g, "3")
		settle()
		if got := bob.take(); got != "3" || g == f {
			t.Errorf("a new connection brings %q", got)
		}
		a.Close()
		b.Close()
	})
}

func TestNetAddresses(t *testing.T) {
	n := new(Net)
	h := n.Host("six", "2001:db8::1")
	if n.Host("other", "2001:db8::1") != h || h.Name() != "six" || h.String() != "six (2001:db8::1)" {
		t.Errorf("host %v", h)
	}
	u := h.UDP()
	defer u.Close()
	for _, tt := range []struct{ ask, want string }{
		{"[::]:5060", "[2001:db8::1]:5060"},
		{"[2001:db8::1]:5070", "[2001:db8::1]:5070"},
		{"[::]:0", "[2001:db8::1]:49152"},
		{"[::]:5060", ""},
		{"[2001:db8::2]:5060", ""},
	} {
		got, err := u.Listen(t.Context(), netip.MustParseAddrPort(tt.ask), new(ear))
		if tt.want == "" && err == nil || tt.want != "" && got != netip.MustParseAddrPort(tt.want) {
			t.Errorf("Listen %s is %v, %v, want %s", tt.ask, got, err, tt.want)
		}
	}
	for _, tr := range h.Transports() {
		if _, err := tr.Flow(transport.Destination{Remote: netip.MustParseAddrPort("192.0.2.1:5060")}, new(ear)); !errors.Is(err, transport.ErrNoListener) {
			t.Errorf("a flow over the wrong family: %v", err)
		}
	}
}

func TestMatch(t *testing.T) {
	req := "OPTIONS sip:a SIP/2.0\r\nCSeq: 1 OPTIONS\r\n\r\n"
	resp := "SIP/2.0 180 Ringing\r\nCSeq: 1 INVITE\r\n\r\n"
	for _, tt := range []struct {
		data, what string
		want       bool
	}{
		{req, "OPTIONS", true}, {req, "INVITE", false}, {req, "2xx", false}, {req, "*", true}, {req, "", true},
		{resp, "180", true}, {resp, "180 INVITE", true}, {resp, "180 BYE", false}, {resp, "1xx", true}, {resp, "2xx INVITE", false},
		{resp, "INVITE", false}, {"junk", "INVITE", false}, {"junk", "*", true},
	} {
		if p := (&Packet{Data: tt.data}); p.Is(tt.what) != tt.want {
			t.Errorf("%q is %q: %v, want %v", tt.data, tt.what, !tt.want, tt.want)
		}
	}
}
