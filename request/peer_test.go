package request_test

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"dum/dialog"
	"dum/request"
	"dum/sip"
	"dum/stack"
	"dum/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const t1 = 500 * time.Millisecond

// A wire is a datagram transport without a network: the test plays the peer.
type wire struct {
	mu      sync.Mutex
	handler transport.Handler
	sent    []*sip.Message
}

var (
	here  = netip.MustParseAddrPort("192.0.2.1:5060")
	there = netip.MustParseAddrPort("192.0.2.2:5060")
)

func (w *wire) Network() transport.Network {
	return transport.Network{Name: "UDP", DefaultPort: 5060}
}

func (w *wire) Listen(_ context.Context, _ netip.AddrPort, h transport.Handler) (netip.AddrPort, error) {
	w.handler = h
	return here, nil
}

func (w *wire) Flow(to transport.Destination, _ transport.Handler) (transport.Flow, error) {
	return flow{w, to.Remote}, nil
}

func (w *wire) Close() error { return nil }

type flow struct {
	w      *wire
	remote netip.AddrPort
}

func (f flow) Network() transport.Network { return f.w.Network() }
func (f flow) Local() netip.AddrPort      { return here }
func (f flow) Remote() netip.AddrPort     { return f.remote }
func (f flow) String() string             { return "wire " + f.remote.String() }

func (f flow) Send(b []byte) error {
	m, err := sip.Parse(string(b), sip.Limits{})
	if err != nil {
		panic("sent what cannot be parsed: " + err.Error())
	}
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	f.w.sent = append(f.w.sent, m)
	return nil
}

type peer struct {
	*testing.T
	m *dialog.Manager
	w *wire
}

// inBubble runs f against a fresh manager that setup has prepared, and checks
// that nothing is left of it.
func inBubble(t *testing.T, setup func(m *dialog.Manager), f func(t *testing.T, p *peer)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{}
		m, err := dialog.NewManager(dialog.Config{Stack: stack.Config{Transports: []transport.Transport{w}}})
		if err != nil {
			t.Fatal(err)
		}
		if setup != nil {
			setup(m)
		}
		if _, err := m.Listen(t.Context(), "udp://192.0.2.1:5060"); err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		f(t, &peer{t, m, w})
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if n := m.Sets(); n != 0 {
			t.Errorf("%d sets are left", n)
		}
	})
}

// expect takes the next message that the manager has sent: a method, or "200".
func (p *peer) expect(what string) *sip.Message {
	p.Helper()
	synctest.Wait()
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if len(p.w.sent) == 0 {
		p.Fatalf("nothing sent, want %s", what)
	}
	m := p.w.sent[0]
	p.w.sent = p.w.sent[1:]
	got := string(m.Method())
	if !m.IsRequest() {
		got = fmt.Sprint(m.Code())
	}
	if got != what {
		p.Fatalf("sent %s, want %s:\n%s", got, what, m)
	}
	return m
}

func (p *peer) quiet() {
	p.Helper()
	synctest.Wait()
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if len(p.w.sent) > 0 {
		p.Fatalf("sent\n%s", p.w.sent[0])
	}
}

func (p *peer) inject(m *sip.Message) { p.w.handler.Receive(flow{p.w, there}, []byte(m.String())) }

func (p *peer) send(method sip.Method, n int) {
	m := sip.NewRequest(method, sip.URI{Scheme: "sip", User: "bob", Host: "192.0.2.1"})
	sip.Named("Via").Set(m, fmt.Sprintf("SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKpeer%d", n))
	sip.MaxForwards.Set(m, 70)
	sip.Named("From").Set(m, "<sip:alice@192.0.2.2>;tag=alice")
	sip.Named("To").Set(m, "<sip:bob@192.0.2.1>")
	sip.Named("Call-ID").Set(m, fmt.Sprintf("call%d@192.0.2.2", n))
	sip.CSeq.Set(m, sip.Seq{Number: 1, Method: method})
	m.SetBody(sip.Body{Type: "text/plain", Data: "hello"})
	p.inject(m)
}

var bob = sip.URI{Scheme: "sip", User: "bob", Host: "192.0.2.2"}

// do runs Do beside the test.
func (p *peer) do(ctx context.Context, method sip.Method, o request.Options) (resp **sip.Message, err *error) {
	resp, err = new(*sip.Message), new(error)
	go func() { *resp, *err = request.Do(ctx, p.m, nil, method, bob, o) }()
	return resp, err
}
