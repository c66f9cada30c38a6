package dialog_test

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"testing"

	"dum/dialog"
	"dum/sip"
	"dum/stack"
	"dum/transport"
)

// An echo is a datagram transport whose far end answers every request with 200,
// at once, and takes no notice of anything else.
type echo struct {
	handler transport.Handler
	answer  []byte
	silent  bool
	sent    int
}

func (e *echo) Network() transport.Network { return transport.Network{Name: "UDP", DefaultPort: 5060} }

func (e *echo) Listen(_ context.Context, _ netip.AddrPort, h transport.Handler) (netip.AddrPort, error) {
	e.handler = h
	return e.Local(), nil
}

func (e *echo) Flow(transport.Destination, transport.Handler) (transport.Flow, error) { return e, nil }
func (e *echo) Close() error                                                          { return nil }
func (e *echo) Local() netip.AddrPort                                                 { return netip.MustParseAddrPort(ourAddr) }
func (e *echo) Remote() netip.AddrPort                                                { return netip.MustParseAddrPort(peerIP + ":5060") }
func (e *echo) String() string                                                        { return "echo" }

// Send answers a request by its own head: all that a response repeats is there.
func (e *echo) Send(b []byte) error {
	e.sent++
	line, head, _ := bytes.Cut(b, []byte("\r\n"))
	if e.silent || bytes.HasPrefix(line, []byte("SIP/2.0")) || bytes.HasPrefix(line, []byte("ACK")) {
		return nil
	}
	e.answer = append(e.answer[:0], "SIP/2.0 200 OK\r\n"...)
	e.answer = append(e.answer, head...)
	e.handler.Receive(e, e.answer)
	return nil
}

// echoing is a world whose network is an echo.
func echoing(b *testing.B) (*world, *echo) {
	e := &echo{}
	m, err := dialog.NewManager(dialog.Config{Stack: stack.Config{
		Transports: []transport.Transport{e}, MaxTombstones: 10_000,
	}})
	if err != nil {
		b.Fatal(err)
	}
	w := &world{m: m}
	w.handle()
	if _, err := m.Listen(context.Background(), "udp://"+ourAddr); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { m.Close() })
	return w, e
}

// BenchmarkSetRequest is a request of ours within a dialog, from Send to its
// 200.
func BenchmarkSetRequest(b *testing.B) {
	w, e := echoing(b)
	set, err := w.m.NewSet(nil)
	if err != nil {
		b.Fatal(err)
	}
	l := &leg{set: set}
	inv := sip.NewRequest(sip.INVITE, uri("sip:bob@192.0.2.2"))
	e.silent = true
	set.Do(func(t *dialog.Turn) {
		set.AddUsage(t, l)
		set.Send(t, &dialog.Request{Msg: inv, OnResponse: func(*dialog.Turn, *dialog.Response) {}})
	})
	e.silent = false
	ok := sip.NewResponse(inv, 200, "")
	ok.SetToTag("bob")
	sip.Named("Contact").Set(ok, "<sip:bob@192.0.2.2>")
	set.Do(func(t *dialog.Turn) {
		if l.d, err = set.UACDialog(t, inv, &dialog.Inbound{Msg: ok}); err != nil {
			b.Fatal(err)
		}
	})
	answers := 0
	count := func(*dialog.Turn, *dialog.Response) { answers++ }
	send := func(t *dialog.Turn) {
		set.Send(t, &dialog.Request{Msg: l.d.NewRequest(t, sip.INFO), Dialog: l.d, OnResponse: count})
	}
	b.ReportAllocs()
	for b.Loop() {
		set.Do(send)
	}
	if answers != b.N {
		b.Fatalf("%d answers to %d requests", answers, b.N)
	}
}

// BenchmarkSetOpen is a request of the peer that opens a set, and its 200, which
// ends it.
func BenchmarkSetOpen(b *testing.B) {
	w, e := echoing(b)
	var req []byte
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		i++
		req = fmt.Appendf(req[:0], "MESSAGE sip:alice@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK%d\r\n"+
			"Max-Forwards: 70\r\nFrom: <sip:bob@192.0.2.2>;tag=b\r\nTo: <sip:alice@192.0.2.1>\r\nCall-ID: c%d\r\n"+
			"CSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n", i, i)
		e.handler.Receive(e, req)
	}
	if e.sent != b.N || w.m.Sets() != 0 {
		b.Fatalf("%d answers to %d requests, %d sets", e.sent, b.N, w.m.Sets())
	}
}

// BenchmarkSetServe is a request of the peer within a dialog, answered by its
// usage.
func BenchmarkSetServe(b *testing.B) {
	w, e := echoing(b)
	const head = "Max-Forwards: 70\r\nFrom: <sip:bob@192.0.2.2>;tag=b\r\nCall-ID: c\r\nContact: <sip:bob@192.0.2.2>\r\n" +
		"Content-Length: 0\r\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK"
	e.handler.Receive(e, []byte("INVITE sip:alice@192.0.2.1 SIP/2.0\r\n"+head+"0\r\nTo: <sip:alice@192.0.2.1>\r\nCSeq: 1 INVITE\r\n\r\n"))
	l := w.legs[0]
	l.take = func(t *dialog.Turn, _ *dialog.Dialog, tx *dialog.ServerTx) bool {
		l.set.Respond(t, tx, l.set.NewResponse(t, tx, 200, ""))
		return true
	}
	e.sent = 0
	i := 1
	var req []byte
	b.ReportAllocs()
	for b.Loop() {
		i++
		req = fmt.Appendf(req[:0], "INFO sip:alice@192.0.2.1 SIP/2.0\r\n%s%d\r\nTo: <sip:alice@192.0.2.1>;tag=%s\r\nCSeq: %d INFO\r\n\r\n",
			head, i, l.set.LocalTag(), i)
		e.handler.Receive(e, req)
	}
	if e.sent != b.N {
		b.Fatalf("%d answers to %d requests", e.sent, b.N)
	}
}
