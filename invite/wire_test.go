package invite_test

import (
	"context"
	"net/netip"
	"sync"

	"dum/sip"
	"dum/transport"
)

// A wire is a datagram transport without a network: what the manager sends is
// queued for the test, and the test hands in what the manager receives.
type wire struct {
	mu      sync.Mutex
	handler transport.Handler
	sent    []*sip.Message
	lose    func(m *sip.Message) bool // nil: nothing is lost
}

var (
	here  = netip.MustParseAddrPort("192.0.2.1:5060")
	there = netip.MustParseAddrPort("192.0.2.2:5060")
)

func (w *wire) Network() transport.Network {
	return transport.Network{Name: "UDP", DefaultPort: 5060}
}

func (w *wire) Listen(_ context.Context, _ netip.AddrPort, h transport.Handler) (netip.AddrPort, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.handler = h
	return here, nil
}

func (w *wire) Flow(to transport.Destination, _ transport.Handler) (transport.Flow, error) {
	return flow{w, to.Remote}, nil
}

func (w *wire) Close() error { return nil }

// take returns the oldest message that was sent and not taken; nil for none.
// The 100s are not of interest.
func (w *wire) take() *sip.Message {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.sent) > 0 {
		m := w.sent[0]
		w.sent = w.sent[1:]
		if m.IsRequest() || m.Code() != 100 {
			return m
		}
	}
	return nil
}

func (w *wire) inject(data string) {
	w.mu.Lock()
	h := w.handler
	w.mu.Unlock()
	h.Receive(flow{w, there}, []byte(data))
}

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
	if f.w.lose == nil || !f.w.lose(m) {
		f.w.sent = append(f.w.sent, m)
	}
	return nil
}
