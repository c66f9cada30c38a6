package siptest

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dum/sip"
	"dum/transport"
)

// TestPeers: a call between two peers over every transport, built by hand.
func TestPeers(t *testing.T) {
	for _, tt := range []struct {
		name   string
		bubble bool
		make   func() (a, b transport.Transport)
		addr   string
	}{
		{"UDP in memory", true, func() (a, b transport.Transport) { return memory((*Host).UDP) }, "0.0.0.0:0"},
		{"TCP in memory", true, func() (a, b transport.Transport) { return memory((*Host).TCP) }, "0.0.0.0:0"},
		{"UDP", false, func() (a, b transport.Transport) {
			return transport.NewUDP(transport.UDPOptions{}), transport.NewUDP(transport.UDPOptions{})
		}, "127.0.0.1:0"},
		{"TCP", false, func() (a, b transport.Transport) {
			return transport.NewTCP(transport.TCPOptions{}), transport.NewTCP(transport.TCPOptions{})
		}, "127.0.0.1:0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body := func(t *testing.T) {
				a, b := tt.make()
				call(t, NewPeer(t, a, tt.addr), NewPeer(t, b, tt.addr))
			}
			if tt.bubble {
				synctest.Test(t, body)
			} else {
				body(t)
			}
		})
	}
}

func memory(kind func(*Host) transport.Transport) (a, b transport.Transport) {
	n := new(Net)
	return kind(n.Host("alice", "192.0.2.1")), kind(n.Host("bob", "192.0.2.2"))
}

func call(t *testing.T, alice, bob *Peer) {
	alice.User = "alice"
	f := alice.FlowTo(bob.Addr())
	invite := alice.Request(sip.INVITE, bob.URI(), SDP("v=0\r\n"), Add("Record-Route", "<sip:p1;lr>, <sip:p2;lr>"))
	alice.Send(f, invite)
	in := bob.Expect("INVITE")
	if in.Body().Data != "v=0\r\n" || in.CallID() != invite.CallID() {
		t.Errorf("bob got\n%s", in.Raw)
	}
	alice.Send(f, invite) // a retransmission is not expected, nor is it an error
	bob.Reply(in, 100)
	ringing := bob.Reply(in, 180)
	bob.Reply(in, 180, Tag("fork"))
	ok := bob.Reply(in, 200, SDP("v=1\r\n"))
	if ringing.ToTag() != ok.ToTag() || ok.ToTag() == "" {
		t.Errorf("tags %q and %q", ringing.ToTag(), ok.ToTag())
	}
	alice.Expect("180")
	if got := alice.Expect("180 INVITE").ToTag(); got != "fork" {
		t.Errorf("tag %q", got)
	}
	resp := alice.Expect("2xx")
	alice.Send(f, alice.Ack(invite, resp.Message))
	ack := bob.Expect("ACK")
	if got, want := ack.RawURI(), bob.URI().String(); got != want || ack.ToTag() != ok.ToTag() {
		t.Errorf("ACK to %s, want %s\n%s", got, want, ack.Raw)
	}
	routes(t, ack.Message, "p2 p1")
	bye := bob.Within(sip.BYE, in.Message, ok)
	bob.Send(in.Flow, bye)
	got := alice.Expect("BYE")
	if got.RawURI() != alice.URI().String() || got.FromTag() != ok.ToTag() || got.ToTag() != invite.FromTag() {
		t.Errorf("alice got\n%s", got.Raw)
	}
	routes(t, got.Message, "p1 p2")
	alice.Reply(got, 200)
	bob.Expect("200 BYE")
	if bob.Again() != 1 {
		t.Errorf("%d retransmissions, want 1", bob.Again())
	}

	second := alice.Request(sip.INVITE, bob.URI())
	alice.Send(f, second)
	in = bob.Expect("INVITE")
	alice.Send(f, alice.Hop(sip.CANCEL, second, second))
	cancel := bob.Expect("CANCEL")
	if v1, _ := sip.Via.Get(cancel.Message); true {
		if v2, _ := sip.Via.Get(in.Message); v1 != v2 {
			t.Errorf("CANCEL on %v, INVITE on %v", v1, v2)
		}
	}
	bob.Reply(cancel, 200)
	bob.Reply(in, 487)
	alice.Expect("200 CANCEL")
	failed := alice.Expect("487")
	alice.Send(f, alice.Hop(sip.ACK, second, failed.Message))
	if ack := bob.Expect("ACK"); ack.ToTag() != failed.ToTag() {
		t.Errorf("ACK without the tag:\n%s", ack.Raw)
	}

	alice.SendText(f, `
OPTIONS {uri} SIP/2.0
Via: SIP/2.0/{transport} {local};branch={branch}
From: <{uri}>;tag={tag}
To: <sip:{remote}>
Call-ID: {call-id}
CSeq: 1 OPTIONS
Content-Length: {length}

hello
world
`)
	o := bob.Expect("OPTIONS")
	if o.Body().Data != "hello\r\nworld\r\n" || strings.Contains(o.Raw, "{") {
		t.Errorf("bob got\n%s", o.Raw)
	}
	alice.Drain()
	bob.Quiet(10 * time.Millisecond)
}

func routes(t *testing.T, m *sip.Message, want string) {
	t.Helper()
	var got []string
	for r := range sip.Route.All(m) {
		got = append(got, r.URI.Host)
	}
	if strings.Join(got, " ") != want {
		t.Errorf("routes %v, want %s", got, want)
	}
}

// failing is a test that takes note of its failures.
type failing struct {
	testing.TB
	said string
}

func (f *failing) Helper() {}
func (f *failing) Fatalf(format string, args ...any) {
	f.said = fmt.Sprintf(format, args...)
	panic(f)
}

// TestPeerFails: what Expect and Quiet do not let pass.
func TestPeerFails(t *testing.T) {
	for _, tt := range []struct {
		name string
		send string
		do   func(p *Peer)
		want string
	}{
		{"another message", "MESSAGE", func(p *Peer) { p.Expect("INVITE") }, "expected INVITE, got\nMESSAGE"},
		{"nothing", "", func(p *Peer) { p.Expect("INVITE") }, "no INVITE within 40s"},
		{"sooner", "", func(p *Peer) { p.Timeout = time.Second; p.Expect("200") }, "no 200 within 1s"},
		{"not quiet", "MESSAGE", func(p *Peer) { p.Quiet(time.Second) }, "expected nothing, got\nMESSAGE"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := memory((*Host).UDP)
				alice, bob := NewPeer(t, a, "0.0.0.0:0"), NewPeer(t, b, "0.0.0.0:0")
				f := &failing{TB: t}
				bob.t = f
				if tt.send != "" {
					alice.Send(alice.FlowTo(bob.Addr()), alice.Request(sip.Method(tt.send), bob.URI()))
				}
				func() {
					defer func() { recover() }()
					tt.do(bob)
				}()
				if !strings.Contains(f.said, tt.want) {
					t.Errorf("said %q, want %q", f.said, tt.want)
				}
			})
		})
	}
}

func TestPeerURI(t *testing.T) {
	n := new(Net)
	h := n.Host("six", "2001:db8::1")
	p := NewPeer(t, h.TCP(), "[::]:5060")
	if got := p.URI().String(); got != "sip:peer@[2001:db8::1]:5060;transport=tcp" {
		t.Errorf("URI %s", got)
	}
	if p.Addr() != netip.MustParseAddrPort("[2001:db8::1]:5060") {
		t.Errorf("at %v", p.Addr())
	}
	p.Close()
}

// TestPeerLoose: a loose peer takes what it waits for, whatever came before it,
// and its tap hears of everything, retransmissions too.
func TestPeerLoose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := memory((*Host).UDP)
		alice, bob := NewPeer(t, a, "0.0.0.0:0"), NewPeer(t, b, "0.0.0.0:0")
		var heard []string
		bob.Loose = true
		bob.Tap = func(r *Received, again bool) { heard = append(heard, fmt.Sprintf("%s %v", r.Method(), again)) }
		f := alice.FlowTo(bob.Addr())
		first, second := alice.Request(sip.INFO, bob.URI()), alice.Request(sip.MESSAGE, bob.URI())
		alice.Send(f, first)
		alice.Send(f, second)
		alice.Send(f, first)
		bob.Expect("MESSAGE")
		bob.Expect("INFO")
		settle()
		if got := strings.Join(heard, " "); got != "INFO false MESSAGE false INFO true" {
			t.Errorf("heard %q", got)
		}
	})
}
