package stack

import (
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"dum/sip"
	"dum/trace"
)

// recorder is a sink that keeps the events of one kind.
type recorder struct {
	mu     sync.Mutex
	events []trace.Event
}

func (r *recorder) Record(_ time.Time, ev trace.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch ev := ev.(type) {
	case trace.MessageOut:
		ev.Raw = slices.Clone(ev.Raw)
		r.events = append(r.events, ev)
	case trace.MessageDropped:
		ev.Raw = slices.Clone(ev.Raw)
		r.events = append(r.events, ev)
	default:
		r.events = append(r.events, ev)
	}
}

// all returns the events of type E.
func all[E trace.Event](r *recorder) (out []E) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, ev := range r.events {
		if e, ok := ev.(E); ok {
			out = append(out, e)
		}
	}
	return out
}

// A panic in a turn ends its strand, with a 500 for what is unanswered, and no
// other.
func TestPanicInATurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := &recorder{}
		r := newRig(t, Config{Trace: trace.New(rec)})
		r.udp.in(peerAddr, req{method: "INVITE"}.String())
		r.udp.in(peerAddr, req{method: "INVITE", callID: "b", branch: "z9hG4bKb"}.String())
		r.sendOn(r.user.seat(0), r.udp, sip.OPTIONS)
		r.udp.take()
		r.user.hears()
		r.user.seat(0).strand.Do(func(*Turn) { panic("boom") })
		m := r.one(r.udp)
		if m.Code() != 500 || m.CallID() != "call1" || m.ToTag() != "tag0" {
			t.Errorf("sent %s", m)
		}
		r.user.want(t, "fault stack: panic in a turn: boom")
		if r.stack.Find(Key{"call1", "tag0"}) != nil {
			t.Error("the strand is still bound")
		}
		ps := all[trace.Panic](rec)
		if len(ps) != 1 || ps[0].Value != "boom" || ps[0].CallID != "call1" || !strings.Contains(string(ps[0].Stack), "TestPanicInATurn") {
			t.Errorf("traced %v", ps)
		}
		// The other one runs on, and commands to the lost one still run.
		r.user.seat(1).respond(t, 486)
		ran := false
		r.user.seat(0).strand.Do(func(*Turn) { ran = true })
		if !ran {
			t.Error("a command was lost")
		}
		r.user.seat(1).close()
		r.panics = 1
		r.finish()
	})
}

// badTU panics wherever it can.
type badTU struct{ seat }

func (b *badTU) RecvRequest(*Turn, *ServerTx) { panic("request") }
func (b *badTU) Fault(*Turn, error)           { panic("fault") }

func TestPanicInFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		r.user.accept = func(*Inbound) (*Strand, *sip.Status) {
			return r.stack.NewStrand(&badTU{}), nil
		}
		r.udp.in(peerAddr, req{method: "OPTIONS"}.String())
		if m := r.one(r.udp); m.Code() != 500 {
			t.Errorf("sent %s", m)
		}
		r.panics = 1
		r.finish()
	})
}

// runtime.Goexit in a turn, as of a test that fails in one, ends the goroutine
// and not the strand.
func TestGoexitInATurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		s := r.user.newSeat(Key{"a", "b"})
		var wg sync.WaitGroup
		wg.Go(func() { s.strand.Do(func(*Turn) { runtime.Goexit() }) })
		wg.Wait()
		synctest.Wait()
		ran := false
		s.strand.Do(func(*Turn) { ran = true })
		if !ran {
			t.Error("the strand is stuck")
		}
		r.user.want(t)
		s.close()
		r.finish()
	})
}

func TestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		s := r.user.newSeat(Key{"a", "b"})
		at := func(d time.Duration) {
			s.strand.Do(func(turn *Turn) { turn.SetDeadline(turn.Now().Add(d)) })
		}
		var when []time.Duration
		r.user.onExpire = func(turn *Turn, s *seat) { when = append(when, r.since(turn.Now())) }
		at(10 * time.Second)
		at(2 * time.Second) // earlier: the timer is set anew
		time.Sleep(3 * time.Second)
		synctest.Wait()
		at(10 * time.Second)
		at(20 * time.Second) // later: it fires in vain and is set again
		time.Sleep(time.Hour)
		synctest.Wait()
		if !slices.Equal(when, []time.Duration{2 * time.Second, 23 * time.Second}) {
			t.Errorf("expired at %v", when)
		}
		at(time.Second)
		s.strand.Do(func(turn *Turn) { turn.SetDeadline(time.Time{}) })
		if s.strand.timer != nil {
			t.Error("an idle strand has a timer")
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(when) != 2 {
			t.Error("expired without a deadline")
		}
		at(time.Second)
		s.close()
		at(time.Second) // nothing comes of it
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(when) != 2 || s.strand.timer != nil {
			t.Error("a closed strand expired")
		}
		r.finish()
	})
}

// Expire and the transactions share the timer; each has its own instants.
func TestDeadlineAmongTransactions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		var when []time.Duration
		r.user.onExpire = func(turn *Turn, s *seat) {
			when = append(when, r.since(turn.Now()))
			if len(when) < 3 {
				turn.SetDeadline(turn.Now().Add(700 * ms))
			}
		}
		s, _ := r.send(r.udp, sip.OPTIONS)
		s.strand.Do(func(turn *Turn) { turn.SetDeadline(turn.Now().Add(700 * ms)) })
		time.Sleep(4 * time.Second)
		synctest.Wait()
		r.want(r.schedule(r.udp.take()), "OPTIONS 0s, OPTIONS 500ms, OPTIONS 1.5s, OPTIONS 3.5s")
		if !slices.Equal(when, []time.Duration{700 * ms, 1400 * ms, 2100 * ms}) {
			t.Errorf("expired at %v", when)
		}
		s.close()
		r.finish()
	})
}

// Idle, a strand is small, has no timer and its mailbox no memory.
func TestIdleStrand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if n := unsafe.Sizeof(Strand{}); n > 384 {
			t.Errorf("a strand takes %d bytes", n)
		}
		r := newRig(t, Config{})
		r.user.onRequest = reply(200)
		r.udp.in(peerAddr, req{method: "INVITE"}.String())
		st := r.user.seat(0).strand
		if st.timer != nil || st.servers != nil || st.clients != nil || !st.box.Idle() {
			t.Error("an answered call is not idle")
		}
		// What is left of the INVITE is its key, a tag and a little more.
		for i := range r.stack.txs.shards {
			sh := &r.stack.txs.shards[i]
			sh.mu.Lock()
			if n := sh.graves.bytes; n > 128 {
				t.Errorf("a tombstone takes %d bytes", n)
			}
			sh.mu.Unlock()
		}
		r.user.seat(0).close()
		r.finish()
	})
}

// Messages beyond the bound are dropped, commands are not, and a request over a
// stream gets an answer.
func TestMailboxBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := &recorder{}
		r := newRig(t, Config{Trace: trace.New(rec)})
		r.user.onRequest = reply(200)
		s := r.user.newSeat(Key{"call1", "ours"})
		send := func(n *fakeNet, i int) {
			n.in(peerAddr, req{method: "INFO", seq: i + 1, branch: "z9hG4bK" + n.network.Name + strings.Repeat("x", i),
				to: "<sip:us@192.0.2.1>;tag=ours"}.String())
		}
		ran := 0
		s.strand.Do(func(*Turn) {
			for i := range datagramBound + 6 {
				send(r.udp, i)
			}
			for range 5 {
				s.strand.Do(func(*Turn) { ran++ })
			}
			if r.stack.Stats().ServerTx != 0 {
				t.Error("turns are nested")
			}
		})
		synctest.Wait()
		if n := len(r.user.hears()); n != datagramBound || ran != 5 {
			t.Errorf("%d requests and %d commands", n, ran)
		}
		if n := len(all[trace.MessageDropped](rec)); n != 6 {
			t.Errorf("%d drops traced", n)
		}
		// What was dropped is not remembered: its copy is the first.
		r.udp.take()
		send(r.udp, datagramBound)
		r.user.want(t, "INFO")
		s.strand.Do(func(*Turn) {
			for i := range streamBound + 1 {
				send(r.tcp, i)
			}
		})
		synctest.Wait()
		if n := len(r.user.hears()); n != streamBound {
			t.Errorf("%d requests over the stream", n)
		}
		codes := map[int]int{}
		for _, o := range r.tcp.take() {
			codes[o.msg(t).Code()]++
		}
		if codes[200] != streamBound || codes[503] != 1 {
			t.Errorf("codes %v", codes)
		}
		s.close()
		r.finish()
	})
}

// What is on its way to a strand that ends meanwhile is answered.
func TestRequestToAClosingStrand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		s := r.user.newSeat(Key{"call1", "ours"})
		s.strand.Do(func(turn *Turn) {
			const ours = "<sip:us@192.0.2.1>;tag=ours"
			r.udp.in(peerAddr, req{method: "BYE", to: ours}.String())
			r.udp.in(peerAddr, req{method: "ACK", to: ours, branch: "z9hG4bKack"}.String())
			s.strand.Close(turn)
			s.strand.Close(turn)
		})
		if m := r.one(r.udp); m.Code() != 481 {
			t.Errorf("sent %s", m)
		}
		r.user.want(t)
		r.finish()
	})
}

// Closing a strand ends its transactions without a word.
func TestCloseWithTransactions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		r.udp.in(peerAddr, req{method: "INVITE"}.String())
		r.sendOn(r.user.seat(0), r.udp, sip.OPTIONS)
		invite := r.sendOn(r.user.seat(0), r.udp, sip.INVITE)
		r.udp.take()
		s := r.user.seat(0)
		s.close()
		if st := r.stack.Stats(); st.Strands != 0 || st.ClientTx != 0 || st.ServerTx != 0 {
			t.Errorf("%+v", st)
		}
		s.strand.Do(func(turn *Turn) {
			if err := s.tx.Respond(turn, sip.NewResponse(s.tx.Request(), 200, "")); !errors.Is(err, ErrClosed) {
				t.Errorf("respond: %v", err)
			}
			if err := s.tx.Respond(turn, sip.NewResponse(s.tx.Request(), 200, "")); !errors.Is(err, ErrAnswered) {
				t.Errorf("respond again: %v", err)
			}
			invite.Cancel(turn, nil)
		})
		r.none(r.udp)
		r.user.want(t, "INVITE")
		r.finish()
	})
}

// The end of the stack: every strand hears of it, nothing is left running.
func TestStackClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		r.udp.in(peerAddr, req{method: "INVITE"}.String())
		r.udp.in(peerAddr, req{method: "INVITE", callID: "b", branch: "z9hG4bKb"}.String())
		r.user.seat(1).respond(t, 486) // goes on without its TU
		r.user.seat(1).close()
		r.send(r.udp, sip.INVITE)
		// What its connections do then is no news any more.
		r.sendOn(r.user.seat(2), r.tcp, sip.INVITE)
		r.tcp.onClose = func() { r.tcp.handler.Closed(r.tcp.flow(peerAddr), nil) }
		r.user.hears()
		r.udp.take()
		if err := r.stack.Close(); err != nil {
			t.Fatal(err)
		}
		r.user.want(t, "fault "+ErrClosed.Error(), "fault "+ErrClosed.Error())
		if st := r.stack.Stats(); st.Strands != 0 || st.ClientTx != 0 || st.ServerTx != 0 {
			t.Errorf("%+v", st)
		}
		time.Sleep(time.Hour)
		r.none(r.udp)
		if !r.udp.closed || !r.tcp.closed {
			t.Error("a transport is open")
		}
		// Late comers.
		r.udp.in(peerAddr, req{method: "INVITE", callID: "c", branch: "z9hG4bKc"}.String())
		s := r.user.newSeat(Key{"late", "late"})
		s.strand.Do(func(turn *Turn) {
			if _, err := turn.Send(outgoing(sip.OPTIONS), r.udp.flow(peerAddr), s); !errors.Is(err, ErrClosed) {
				t.Errorf("send: %v", err)
			}
		})
		if _, err := r.stack.Listen(t.Context(), "udp://127.0.0.1:0"); !errors.Is(err, ErrClosed) {
			t.Errorf("listen: %v", err)
		}
		r.user.want(t)
		if err := r.stack.Close(); err != nil {
			t.Error(err)
		}
	})
}

// Close waits for a turn that a timer has begun.
func TestCloseWaitsForTimers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		s := r.user.newSeat(Key{"a", "b"})
		gate := make(chan struct{})
		r.user.onExpire = func(*Turn, *seat) { <-gate }
		s.strand.Do(func(turn *Turn) { turn.SetDeadline(turn.Now().Add(time.Second)) })
		time.Sleep(2 * time.Second)
		closed := make(chan struct{})
		go func() { r.stack.Close(); close(closed) }()
		synctest.Wait()
		select {
		case <-closed:
			t.Error("Close returned while a turn runs")
		default:
		}
		close(gate)
		<-closed
		r.user.want(t, "expire", "fault "+ErrClosed.Error())
	})
}

func TestTransactionStatesAreTraced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := &recorder{}
		r := newRig(t, Config{Trace: trace.New(rec)})
		r.user.onRequest = replyAndClose(486)
		r.udp.in(peerAddr, req{method: "INVITE"}.String())
		r.udp.in(peerAddr, req{method: "ACK", to: "<sip:us@192.0.2.1>;tag=tag0"}.String())
		s, _ := r.send(r.udp, sip.OPTIONS)
		r.udp.in(peerAddr, answer(r.udp.take()[1].msg(t), 200, "a"))
		var got []string
		for _, e := range all[trace.TransactionState](rec) {
			got = append(got, e.Kind+" "+string(e.Method)+" "+e.State)
		}
		want := []string{"server INVITE Proceeding", "server INVITE Completed", "server INVITE Confirmed",
			"client OPTIONS Trying", "client OPTIONS Completed"}
		if !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
		for _, e := range all[trace.MessageOut](rec) {
			if e.CallID == "" {
				t.Error("a message without Call-ID was traced")
			}
		}
		s.close()
		r.finish()
	})
}
