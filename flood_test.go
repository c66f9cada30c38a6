package dum_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"dum"
	"dum/invite"
	"dum/request"
	"dum/sip"
)

// junk makes the i-th datagram of a flood: noise, keep-alives, torn messages,
// requests that cannot be answered or only with a refusal, and responses to
// nothing. Each has words of its own, so that nothing could be kept once for all.
func junk(r *rand.Rand, i int, port int) []byte {
	head := fmt.Sprintf("Via: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK%d\r\nFrom: <sip:a@example.com>;tag=%d\r\n"+
		"To: <sip:b@example.com>\r\nCall-ID: flood-%d\r\n", port, i, i, i)
	switch i % 10 {
	case 0:
		return []byte(strings.Repeat("\r\n", r.IntN(20)))
	case 1:
		return fmt.Appendf(nil, "INVITE sip:bob@example.com SIP/2.0\r\n%s", head)
	case 2:
		return fmt.Appendf(nil, "INVITE sip:bob@example.com SIP/7.0\r\n%sCSeq: 1 INVITE\r\n\r\n", head)
	case 3:
		return fmt.Appendf(nil, "INVITE sip:bob@example.com SIP/2.0\r\n%sCSeq: 1 BYE\r\n\r\n", head)
	case 4:
		return fmt.Appendf(nil, "SIP/2.0 200 OK\r\n%sCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n", head)
	case 5:
		return fmt.Appendf(nil, "ACK sip:bob@example.com SIP/2.0\r\n%sCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n", head)
	case 6:
		return fmt.Appendf(nil, "CANCEL sip:bob@example.com SIP/2.0\r\n%sCSeq: 1 CANCEL\r\nContent-Length: 0\r\n\r\n", head)
	case 7:
		return fmt.Appendf(nil, "DANCE sip:bob@example.com SIP/2.0\r\n%sCSeq: 1 DANCE\r\nContent-Length: 0\r\n\r\n", head)
	case 8:
		return fmt.Appendf(nil, "BYE sip:bob@example.com SIP/2.0\r\n%sCSeq: 1 BYE\r\nContent-Length: 999999\r\n\r\n", head)
	}
	b := make([]byte, r.IntN(1200))
	for j := range b {
		b[j] = byte(r.Uint32())
	}
	return b
}

// A flood of junk from many ports leaves nothing behind: no memory, no
// goroutine, and no harm to who calls meanwhile.
func TestJunkFlood(t *testing.T) {
	const packets, ports = 100_000, 500
	m, to := start(t, "udp", dum.Config{
		Invite: func(ctx context.Context, in *invite.Incoming) error {
			_, err := in.Accept(ctx, answer, invite.Handler{})
			return err
		},
	})
	alice, _ := start(t, "udp", dum.Config{})
	ua := alice.UserAgent(nil)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	// An answered OPTIONS tells that what came before it has been looked at.
	barrier := func() {
		t.Helper()
		if _, err := ua.Request(ctx, sip.OPTIONS, to, request.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	from := make([]*net.UDPConn, ports)
	for i := range from {
		c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(m.Addrs()[0].Addr))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		from[i] = c
	}
	barrier()
	heap, goroutines := inUse(), runtime.NumGoroutine()
	received := m.Stats().Received

	r := rand.New(rand.NewPCG(1, 2))
	for i := range packets {
		c := from[r.IntN(ports)]
		if _, err := c.Write(junk(r, i, c.LocalAddr().(*net.UDPAddr).Port)); err != nil {
			t.Fatal(err)
		}
		if i%200 == 199 {
			barrier()
		}
	}
	call, err := ua.Invite(ctx, to, invite.Options{Offer: offer})
	if err != nil {
		t.Fatal(err)
	}
	if err := call.Bye(ctx); err != nil {
		t.Error(err)
	}

	// A tenth were keep-alives, which the transport does not pass on.
	if n := m.Stats().Received - received; n < packets*85/100 {
		t.Errorf("only %d of %d datagrams arrived", n, packets)
	}
	// The last answer may be here before the turn that sent it is over, and the
	// handler's goroutine with it.
	for (m.Stats().Strands > 0 || runtime.NumGoroutine() > goroutines) && ctx.Err() == nil {
		runtime.Gosched()
	}
	if n := m.Stats().Strands; n > 0 {
		t.Errorf("%d sets are left", n)
	}
	if n := runtime.NumGoroutine(); n > goroutines {
		t.Errorf("%d goroutines, %d before", n, goroutines)
	}
	if n := inUse(); n > heap+2<<20 {
		t.Errorf("the heap grew from %d to %d bytes", heap, n)
	}
	t.Logf("heap %d -> %d bytes, goroutines %d -> %d, %+v", heap, inUse(), goroutines, runtime.NumGoroutine(), m.Stats())
}

func inUse() uint64 {
	var s runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}
