package main

import (
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"dum/cmd/dum/internal/cli"
)

// silence is a peer that hears everything and says nothing.
func silence(t *testing.T) net.PacketConn {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// forced sends the second signal and sees that the command does not wait for
// the peer any more.
func forced(t *testing.T, p *process) {
	t.Helper()
	start := time.Now()
	p.signal(os.Interrupt)
	if code := p.wait(); code != cli.Interrupted {
		t.Errorf("exit code %d", code)
	}
	if d := time.Since(start); d > 3*time.Second { // left alone it is five
		t.Errorf("ended only after %s", d)
	}
}

func TestSecondSignalEndsCall(t *testing.T) {
	peer := silence(t)
	p := start(t, "call", "sip:"+peer.LocalAddr().String())
	p.find(p.out, "INVITE sent")
	p.signal(os.Interrupt)
	p.find(p.out, "cancelled")
	forced(t, p)
}

func TestSecondSignalEndsAnswer(t *testing.T) {
	peer := silence(t)
	a, target := answerer(t, "udp")
	host := strings.TrimPrefix(target, "sip:bob@")
	to, err := net.ResolveUDPAddr("udp", host)
	if err != nil {
		t.Fatal(err)
	}
	// Answered and never acknowledged, so that no BYE may be sent.
	invite := fmt.Sprintf("INVITE %[1]s SIP/2.0\r\nVia: SIP/2.0/UDP %[2]s;branch=z9hG4bKforce\r\nMax-Forwards: 70\r\n"+
		"From: <sip:a@%[2]s>;tag=1\r\nTo: <%[1]s>\r\nCall-ID: force\r\nCSeq: 1 INVITE\r\nContact: <sip:a@%[2]s>\r\nContent-Length: 0\r\n\r\n",
		target, peer.LocalAddr())
	if _, err := peer.WriteTo([]byte(invite), to); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4096)
	peer.SetReadDeadline(time.Now().Add(patience))
	n, _, err := peer.ReadFrom(buf)
	if err != nil || !strings.HasPrefix(string(buf[:n]), "SIP/2.0 200 ") {
		t.Fatalf("%q, %v", buf[:n], err)
	}
	a.signal(os.Interrupt)
	a.find(a.err, "hanging up 1 calls")
	forced(t, a)
	if got := last[numbers](t, a); got.Calls != 1 {
		t.Errorf("numbers %+v", got)
	}
}
