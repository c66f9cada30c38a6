package dum_test

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"testing"

	"dum"
	"dum/invite"
	"dum/stack"
	"dum/transport"
)

// A wire is a transport without a network: the benchmark is its only peer.
type wire struct {
	up   transport.Handler
	sent chan []byte // what the manager sends, copied
}

func (w *wire) Network() transport.Network {
	return transport.Network{Name: "UDP", DefaultPort: 5060}
}

func (w *wire) Listen(_ context.Context, at netip.AddrPort, h transport.Handler) (netip.AddrPort, error) {
	w.up = h
	return at, nil
}

func (w *wire) Flow(transport.Destination, transport.Handler) (transport.Flow, error) {
	return wireFlow{w}, nil
}

func (w *wire) Close() error { return nil }

type wireFlow struct{ *wire }

func (f wireFlow) Local() netip.AddrPort  { return netip.MustParseAddrPort("192.0.2.4:5060") }
func (f wireFlow) Remote() netip.AddrPort { return netip.MustParseAddrPort("192.0.2.1:5060") }
func (f wireFlow) String() string         { return "wire" }
func (f wireFlow) Send(b []byte) error {
	f.sent <- bytes.Clone(b)
	return nil
}

const requestText = "%s sip:service@192.0.2.4:5060 SIP/2.0\r\n" +
	"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK-%d-%s\r\n" +
	"From: sipp <sip:sipp@192.0.2.1:5060>;tag=%dSIPpTag00\r\n" +
	"To: service <sip:service@192.0.2.4:5060>%s\r\n" +
	"Call-ID: %d-26260@192.0.2.1\r\n" +
	"CSeq: %s\r\n" +
	"Contact: sip:sipp@192.0.2.1:5060\r\n" +
	"Max-Forwards: 70\r\n" +
	"Subject: Performance Test\r\n"

const sdpText = "Content-Type: application/sdp\r\nContent-Length: 129\r\n\r\n" +
	"v=0\r\no=user1 53655765 2353687637 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n" +
	"m=audio 6000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"

// BenchmarkCall is a whole call in process, as the answering side has it:
// INVITE, 200, ACK, BYE, 200. It includes the parsing of three messages, the
// encoding of two, and a goroutine for the handler.
func BenchmarkCall(b *testing.B) {
	w := &wire{sent: make(chan []byte, 4)}
	m, err := dum.New(dum.Config{
		Listen: []string{"udp://192.0.2.4:5060"},
		Stack:  stack.Config{Transports: []transport.Transport{w}, MaxTombstones: 10_000},
		Invite: func(ctx context.Context, in *invite.Incoming) error {
			_, err := in.Accept(ctx, answer, invite.Handler{})
			return err
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		w.up.Receive(wireFlow{w}, fmt.Appendf(nil, requestText+sdpText, "INVITE", i, "i", i, "", i, "1 INVITE"))
		tag := toTag(b, <-w.sent)
		w.up.Receive(wireFlow{w}, fmt.Appendf(nil, requestText+"Content-Length: 0\r\n\r\n", "ACK", i, "a", i, tag, i, "1 ACK"))
		w.up.Receive(wireFlow{w}, fmt.Appendf(nil, requestText+"Content-Length: 0\r\n\r\n", "BYE", i, "b", i, tag, i, "2 BYE"))
		if bye := <-w.sent; !bytes.HasPrefix(bye, []byte("SIP/2.0 200 ")) {
			b.Fatalf("answer to BYE:\n%s", bye)
		}
	}
}

// toTag is the tag parameter of the To of a 200.
func toTag(b *testing.B, msg []byte) string {
	_, to, ok := bytes.Cut(msg, []byte("\r\nTo: "))
	line, _, _ := bytes.Cut(to, []byte("\r\n"))
	at := bytes.Index(line, []byte(";tag="))
	if !ok || at < 0 || !bytes.HasPrefix(msg, []byte("SIP/2.0 200 ")) {
		b.Fatalf("not an answer to INVITE:\n%s", msg)
	}
	return string(line[at:])
}
