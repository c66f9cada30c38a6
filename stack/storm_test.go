package stack

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dum/sip"
)

// A storm of requests, copies, CANCELs, ACKs and stray responses on several
// sockets at once, to a user who answers now, later or never. Whatever happens:
// no panic, each request is delivered once and has one final response, and in
// the end nothing is left.
func TestStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		var mu sync.Mutex
		seen := map[string]int{} // deliveries by method and branch
		codes := []int{100, 180, 183, 200, 302, 404, 486, 603}
		answerIn := func(rnd *rand.Rand, s *seat, tx *ServerTx, d time.Duration, code int) {
			time.AfterFunc(d, func() {
				s.strand.Do(func(turn *Turn) {
					_ = tx.Respond(turn, sip.NewResponse(tx.Request(), code, ""))
					if code >= 200 {
						// A second one must not go out.
						if tx.Respond(turn, sip.NewResponse(tx.Request(), 500, "")) == nil {
							t.Error("two final responses")
						}
						s.strand.Close(turn)
					}
				})
			})
		}
		r.user.onRequest = func(turn *Turn, s *seat, tx *ServerTx) {
			via, _ := sip.Via.Get(tx.Request())
			mu.Lock()
			seen[string(tx.Method())+via.Branch()]++
			n := len(seen)
			mu.Unlock()
			rnd := rand.New(rand.NewPCG(uint64(n), 1))
			for range rnd.IntN(4) {
				answerIn(rnd, s, tx, time.Duration(rnd.IntN(5000))*ms, codes[rnd.IntN(len(codes))])
			}
			switch rnd.IntN(4) {
			case 0:
				reply(200)(turn, s, tx)
			case 1: // it panics, sometimes having answered
				if rnd.IntN(5) == 0 {
					panic("storm")
				}
			}
			answerIn(rnd, s, tx, time.Minute, 480)
		}
		r.user.onCancel = func(turn *Turn, s *seat, tx *ServerTx) {
			_ = tx.Respond(turn, sip.NewResponse(tx.Request(), 487, ""))
		}
		var wg sync.WaitGroup
		for w := range 6 {
			n := []*fakeNet{r.udp, r.tcp}[w%2]
			wg.Go(func() {
				rnd := rand.New(rand.NewPCG(uint64(w), 2))
				for range 1500 {
					call := rnd.IntN(300)
					q := req{callID: fmt.Sprint(call), branch: fmt.Sprint("z9hG4bK", call)}
					switch rnd.IntN(10) {
					case 0, 1, 2, 3:
						q.method = "INVITE"
					case 4:
						q.method = "CANCEL"
					case 5:
						q.method, q.to = "ACK", fmt.Sprintf("<sip:us@192.0.2.1>;tag=tag%d", rnd.IntN(300))
					case 6:
						q.method, q.branch = "MESSAGE", q.branch+"m"
						q.seq = 5
					case 7:
						q.method, q.branch, q.to = "BYE", fmt.Sprint("z9hG4bKbye", rnd.IntN(1000)), fmt.Sprintf("<sip:us@192.0.2.1>;tag=tag%d", rnd.IntN(300))
					case 8:
						q.method, q.branch = "INVITE", q.branch+"fork"
					case 9:
						n.in(peerAddr, "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKnone\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n\r\n")
						continue
					}
					n.in(peerAddr, q.String())
					if rnd.IntN(50) == 0 {
						time.Sleep(time.Duration(rnd.IntN(2000)) * ms)
					}
				}
			})
		}
		wg.Wait()
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		mu.Lock()
		many := 0
		for _, n := range seen {
			many += n
		}
		if len(seen) < 300 {
			t.Errorf("only %d requests got through", len(seen))
		}
		mu.Unlock()
		// A request can come again once it is forgotten, not before.
		t.Logf("%d requests, %d deliveries, %+v", len(seen), many, r.stack.Stats())
		for _, s := range r.user.seats {
			s.close()
		}
		r.panics = r.stack.Stats().Panics
		r.finish()
	})
}
