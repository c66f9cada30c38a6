package lifecycle

import (
	"slices"
	"testing"
	"time"
)

// RFC 3261 §13.3.1.4: T1, doubling up to T2, for 64*T1.
func TestRepeat(t *testing.T) {
	var r Repeat
	if !r.Deadline().IsZero() {
		t.Error("a fresh Repeat has a deadline")
	}
	if again, giveUp := r.Expire(start, t1, t2); again || giveUp {
		t.Error("a fresh Repeat expires")
	}
	r.Start(start, t1)
	var sent []time.Duration
	for {
		now := r.Deadline()
		again, giveUp := r.Expire(now, t1, t2)
		if giveUp {
			if now != start.Add(64*t1) {
				t.Errorf("gives up after %v", now.Sub(start))
			}
			break
		}
		if !again {
			t.Fatalf("nothing at the deadline %v", now.Sub(start))
		}
		sent = append(sent, now.Sub(start))
	}
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	want := []time.Duration{ms(500), ms(1500), ms(3500), ms(7500), ms(11500), ms(15500), ms(19500), ms(23500), ms(27500), ms(31500)}
	if !slices.Equal(sent, want) {
		t.Errorf("sent at %v\n want %v", sent, want)
	}
	if !r.Deadline().IsZero() {
		t.Error("a deadline after giving up")
	}
}

func TestRepeatStops(t *testing.T) {
	var r Repeat
	r.Start(start, t1)
	if again, giveUp := r.Expire(start.Add(t1-1), t1, t2); again || giveUp {
		t.Error("expired too early")
	}
	r.Stop()
	if !r.Deadline().IsZero() {
		t.Error("a deadline after Stop")
	}
	if again, giveUp := r.Expire(start.Add(64*t1), t1, t2); again || giveUp {
		t.Error("expired after Stop")
	}
}

// A T1 above T2, as on a very slow link, does not make the interval shrink.
func TestRepeatSlow(t *testing.T) {
	var r Repeat
	r.Start(start, 10*time.Second)
	r.Expire(start.Add(10*time.Second), 10*time.Second, t2)
	if got := r.Deadline().Sub(start); got != 20*time.Second {
		t.Errorf("second at %v", got)
	}
}

func TestStale(t *testing.T) {
	var c Client
	if !c.Deadline().IsZero() {
		t.Error("a deadline before the first response: the transaction has its own")
	}
	c.RecvTrying(start, time.Minute)
	c.RecvProvisional(start.Add(30*time.Second), time.Minute)
	if got := c.Deadline().Sub(start); got != 90*time.Second {
		t.Errorf("a 1xx does not start the time anew: %v", got)
	}
	if a := c.Expire(start.Add(89 * time.Second)); a != 0 {
		t.Errorf("too early: %v", a)
	}
	if a := c.Expire(start.Add(90 * time.Second)); a != SendCancel {
		t.Errorf("got %v", a)
	}
	if !c.Deadline().IsZero() {
		t.Error("a deadline after CANCEL")
	}
	var forever Client
	forever.RecvProvisional(start, 0)
	if !forever.Deadline().IsZero() {
		t.Error("a deadline though the time is off")
	}
}

func TestRingAgain(t *testing.T) {
	var s Server
	s.Ring(start, time.Minute)
	if got := s.Deadline().Sub(start); got != time.Minute {
		t.Fatalf("deadline %v", got)
	}
	if a := s.Expire(start.Add(time.Minute)); a != SendRing {
		t.Fatalf("got %v", a)
	}
	if got := s.Deadline().Sub(start); got != 2*time.Minute {
		t.Fatalf("deadline %v", got)
	}
	s.Limit(start.Add(90 * time.Second))
	if got := s.Deadline().Sub(start); got != 90*time.Second {
		t.Fatalf("deadline %v with Expires", got)
	}
	if a := s.Expire(start.Add(90 * time.Second)); a != SendFinal|Over {
		t.Fatalf("got %v", a)
	}
	if !s.Deadline().IsZero() {
		t.Error("a deadline after the end")
	}
	var quiet Server
	quiet.Ring(start, 0)
	if !quiet.Deadline().IsZero() {
		t.Error("a deadline though repetition is off")
	}
}

// Whatever the order of inputs, the user hears of the end exactly once, and a
// BYE goes out once and never before the ACK of a callee's 2xx.
func TestSessionInvariants(t *testing.T) {
	inputs := []func(*Session) Action{
		(*Session).Acked, (*Session).Bye, (*Session).RecvBye, (*Session).ByeDone, (*Session).NoAck, (*Session).Kill,
	}
	const depth = 5
	var walk func(s Session, left int, over, byes int, path []int)
	walk = func(s Session, left int, over, byes int, path []int) {
		if over > 1 || byes > 1 || s.State() == Ended && over != 1 {
			t.Fatalf("callee=%v path %v: over %d times, %d BYEs, %v", s.callee, path, over, byes, s.State())
		}
		if left == 0 {
			return
		}
		for i, in := range inputs {
			next := s
			before := s.State()
			a := in(&next)
			o, b := over, byes
			if a.Has(Over) {
				o++
			}
			if a.Has(SendBye) {
				b++
				if s.callee && before == Accepted && i != 0 && i != 4 {
					t.Fatalf("path %v: BYE before the ACK", path)
				}
				if !s.callee && before == Accepted && i == 1 && !a.Has(SendAck) {
					t.Fatalf("path %v: BYE without ACK", path)
				}
			}
			walk(next, left-1, o, b, append(path[:len(path):len(path)], i))
		}
	}
	walk(Session{}, depth, 0, 0, nil)
	walk(Callee(), depth, 0, 0, nil)
}

func TestString(t *testing.T) {
	if got := (SendAck | SendBye | Over).String(); got != "SendAck SendBye Over" {
		t.Errorf("got %q", got)
	}
	if got := Action(0).String(); got != "-" {
		t.Errorf("got %q", got)
	}
	if got := State(200).String(); got != "?" {
		t.Errorf("got %q", got)
	}
}
