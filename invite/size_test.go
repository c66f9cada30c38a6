package invite_test

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"dum/invite"
	"dum/sip"
)

// perCall is the heap that one of n things takes that make leaves behind once
// every timer of their making has run out.
func perCall(p *peer, n int, make func()) int {
	heap := func() uint64 {
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		var ms runtime.MemStats
		for range 3 {
			runtime.GC()
		}
		runtime.ReadMemStats(&ms)
		return ms.HeapAlloc
	}
	make() // what is made once is not counted
	before := heap()
	for range n {
		make()
	}
	return int(heap()-before) / n
}

const held = 1000

// A call that is only held costs little and has no goroutine: 5 KB is what a
// process with 100,000 of them can afford.
func TestHeldCallIsSmall(t *testing.T) {
	const limit = 5000
	t.Run("callee", func(t *testing.T) {
		take := func(ctx context.Context, in *invite.Incoming) error {
			_, err := in.Accept(ctx, sdp("a1"), invite.Handler{Ended: func(*invite.Session, error) {}})
			return err
		}
		inBubble(t, take, func(t *testing.T, p *peer) {
			var dialogs []*sip.Message
			goroutines := 0
			n := perCall(p, held, func() {
				p.send(p.newInvite("o1"))
				ok := p.expect("200 INVITE", "a1")
				p.ack(ok, "")
				if len(dialogs) == 0 {
					synctest.Wait()
					goroutines = runtime.NumGoroutine()
				}
				dialogs = append(dialogs, bye(p, ok))
			})
			n -= bytesOf(dialogs)
			t.Logf("%d bytes a call", n)
			if n > limit {
				t.Errorf("%d bytes a call", n)
			}
			if now := runtime.NumGoroutine(); now > goroutines {
				t.Errorf("%d goroutines, were %d", now, goroutines)
			}
			for _, m := range dialogs {
				p.send(m)
				p.expect("200 BYE", "")
			}
		})
	})
	t.Run("caller", func(t *testing.T) {
		inBubble(t, nil, func(t *testing.T, p *peer) {
			sessions := make([]*invite.Session, 0, held+1)
			n := perCall(p, held, func() {
				s, _ := p.established(invite.Options{Offer: sdp("o1")})
				sessions = append(sessions, s)
			})
			t.Logf("%d bytes a call", n)
			if n > limit {
				t.Errorf("%d bytes a call", n)
			}
			for _, s := range sessions {
				p.end(s)
			}
		})
	})
}

// bye is the peer's BYE, made of nothing that is the manager's.
func bye(p *peer, ok *sip.Message) *sip.Message {
	m, err := sip.Parse(p.within(ok, sip.BYE, 2, "").String(), sip.Limits{})
	if err != nil {
		p.Fatal(err)
	}
	return m
}

// bytesOf is about what the test itself keeps for each message.
func bytesOf(ms []*sip.Message) int {
	var before, after runtime.MemStats
	copies := make([]*sip.Message, len(ms))
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i, m := range ms {
		copies[i], _ = sip.Parse(string([]byte(m.String())), sip.Limits{})
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(copies)
	return int(after.HeapAlloc-before.HeapAlloc) / len(ms)
}
