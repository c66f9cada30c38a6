package transport_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"dum/trace"
	"dum/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait of these tests.
const patience = 10 * time.Second

// event is one call of a handler.
type event struct {
	kind string // "receive", "malformed", "closed" or "unreachable"
	flow transport.Flow
	data string
	code int
	err  error
}

// spy is a handler that keeps what it is told. on, when set, runs within the call.
type spy struct {
	events chan event
	on     func(event)
}

func newSpy() *spy { return &spy{events: make(chan event, 1<<16)} }

func (s *spy) put(e event) {
	if s.on != nil {
		s.on(e)
	}
	s.events <- e
}

func (s *spy) Receive(f transport.Flow, data []byte) {
	s.put(event{kind: "receive", flow: f, data: string(data)})
}

func (s *spy) Malformed(f transport.Flow, data []byte, code int) {
	s.put(event{kind: "malformed", flow: f, data: string(data), code: code})
}

func (s *spy) Closed(f transport.Flow, err error) { s.put(event{kind: "closed", flow: f, err: err}) }

func (s *spy) Unreachable(f transport.Flow, err error) {
	s.put(event{kind: "unreachable", flow: f, err: err})
}

// next waits for the next event, which must be of a kind.
func (s *spy) next(t testing.TB, kind string) event {
	t.Helper()
	select {
	case e := <-s.events:
		if e.kind != kind {
			t.Fatalf("got %+v, want %s", e, kind)
		}
		return e
	case <-time.After(patience):
		t.Fatalf("nothing came, want %s", kind)
	}
	panic("unreachable")
}

// none fails if something came.
func (s *spy) none(t testing.TB) {
	t.Helper()
	select {
	case e := <-s.events:
		t.Fatalf("got %+v, want nothing", e)
	default:
	}
}

// kind is a transport that the conformance tests run over.
type kind struct {
	name string
	new  func() transport.Transport
}

func kinds() []kind {
	return []kind{
		{"UDP", func() transport.Transport { return transport.NewUDP(transport.UDPOptions{}) }},
		{"TCP", func() transport.Transport { return transport.NewTCP(transport.TCPOptions{}) }},
	}
}

// overAll runs a test over every transport and both families.
func overAll(t *testing.T, test func(t *testing.T, make func() transport.Transport, ip netip.Addr)) {
	for _, k := range kinds() {
		for _, ip := range []string{"127.0.0.1", "::1"} {
			t.Run(k.name+"/"+ip, func(t *testing.T) {
				test(t, func() transport.Transport {
					tr := k.new()
					t.Cleanup(func() { tr.Close() })
					return tr
				}, netip.MustParseAddr(ip))
			})
		}
	}
}

func listen(t testing.TB, tr transport.Transport, ip netip.Addr, h transport.Handler) netip.AddrPort {
	t.Helper()
	addr, err := tr.Listen(context.Background(), netip.AddrPortFrom(ip, 0), h)
	if err != nil {
		t.Fatalf("Listen: %v", err)
	}
	if addr.Port() == 0 || ip.IsValid() && addr.Addr() != ip {
		t.Fatalf("Listen on %v returned %v", ip, addr)
	}
	return addr
}

func flowTo(t testing.TB, tr transport.Transport, to netip.AddrPort, h transport.Handler) transport.Flow {
	t.Helper()
	f, err := tr.Flow(transport.Destination{Remote: to}, h)
	if err != nil {
		t.Fatalf("Flow: %v", err)
	}
	return f
}

func send(t testing.TB, f transport.Flow, msg string) {
	t.Helper()
	if err := f.Send([]byte(msg)); err != nil {
		t.Fatalf("Send: %v", err)
	}
}

// message is a SIP message with n as its CSeq and a body of a size.
func message(n, body int) string {
	return fmt.Sprintf("MESSAGE sip:bob@example.com SIP/2.0\r\nCSeq: %d MESSAGE\r\nContent-Length: %d\r\n\r\n%s",
		n, body, strings.Repeat("x", body))
}

var loopback = netip.MustParseAddr("127.0.0.1")

// events is a trace sink that keeps what it gets.
type events struct {
	mu  sync.Mutex
	got []trace.Event
}

func (e *events) Record(_ time.Time, ev trace.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.got = append(e.got, ev)
}

func (e *events) want(t *testing.T, want ...trace.Event) {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	if !slices.Equal(e.got, want) {
		t.Errorf("trace events\n%+v, want\n%+v", e.got, want)
	}
}

func (e *events) all() []trace.Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.got)
}
