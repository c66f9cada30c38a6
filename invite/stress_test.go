package invite_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dum/dialog"
	"dum/invite"
	"dum/sip"
	"dum/trace"
)

// Everything at once from many goroutines: nothing races, nothing hangs, and
// the end is told once.
func TestManyHands(t *testing.T) {
	var end endings
	h := invite.Handler{
		Ended: end.hear,
		Offer: func(_ context.Context, _ *invite.Session, offer sip.Body) (sip.Body, error) { return sdp("yes"), nil },
		Request: func(context.Context, *invite.Session, *sip.Message) (invite.Reply, error) {
			return invite.Reply{}, nil
		},
	}
	answered(t, h, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
		var mu sync.Mutex // of the peer's counters
		answering := make(chan struct{})
		go func() { // the peer says yes to everything
			defer close(answering)
			for s.Ended() == nil {
				for m := p.w.take(); m != nil; m = p.w.take() {
					mu.Lock()
					switch {
					case m.IsRequest() && m.Method() != sip.ACK:
						p.respond(m, 200, "alice", map[bool]string{true: "yes"}[m.Method() == sip.INVITE])
					case !m.IsRequest() && m.Code() == 200 && m.Method() == sip.INVITE:
						p.ack(m, "")
					}
					mu.Unlock()
				}
				time.Sleep(time.Millisecond)
			}
		}()
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				for range 5 {
					if _, err := s.Offer(t.Context(), sdp("ours")); err != nil && !errors.Is(err, dialog.ErrEnded) {
						t.Errorf("Offer: %v", err)
					}
				}
			})
			all.Go(func() {
				for range 5 {
					if _, err := s.Request(t.Context(), sip.INFO, invite.Request{}); err != nil && !errors.Is(err, dialog.ErrEnded) {
						t.Errorf("Request: %v", err)
					}
				}
			})
			all.Go(func() {
				for range s.Events(t.Context()) {
				}
			})
			all.Go(func() { <-s.Context().Done() })
			all.Go(func() {
				_, _, _ = s.LocalBody(), s.RemoteBody(), s.ID()
				for n := range 5 {
					mu.Lock()
					p.request(ok, sip.INFO, uint32(10+10*n+i), "")
					p.request(ok, sip.INVITE, uint32(100+10*n+i), "theirs")
					mu.Unlock()
				}
			})
			all.Go(func() {
				time.Sleep(20 * time.Second)
				if err := s.Bye(t.Context()); err != nil && !errors.Is(err, dialog.ErrEnded) {
					t.Errorf("Bye: %v", err)
				}
			})
		}
		synctest.Wait()
		time.Sleep(30 * time.Second)
		<-answering
		p.drainYes()
		all.Wait()
		p.hangup(end.once(p), false)
	})
}

// drainYes says yes to what is left.
func (p *peer) drainYes() {
	for m := p.next(); m != nil; m = p.next() {
		if m.IsRequest() && m.Method() != sip.ACK {
			p.respond(m, 200, "alice", "")
		}
	}
}

type sink struct {
	mu     sync.Mutex
	events []trace.Event
}

func (s *sink) Record(_ time.Time, ev trace.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, ev)
}

// A handler that forgets to answer leaves a trace.
func TestUnansweredIsTraced(t *testing.T) {
	seen := &sink{}
	inBubbleTraced(t, trace.New(seen), func(context.Context, *invite.Incoming) error { return nil }, func(t *testing.T, p *peer) {
		inv := p.newInvite("o1")
		p.send(inv)
		p.ackFailure(inv, p.expect("480 INVITE", ""))
		n := 0
		for _, ev := range seen.events {
			if u, ok := ev.(invite.Unanswered); ok && u.CallID == inv.CallID() && u.EventName() != "" {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d events", n)
		}
	})
}
