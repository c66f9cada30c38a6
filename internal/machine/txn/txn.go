// Package txn holds the four transaction machines of SIP: RFC 3261 §17 as
// corrected by RFC 6026 (INVITE and its 2xx) and RFC 4320 (non-INVITE).
//
// A machine is a small value whose zero value is a transaction about to begin.
// It is told what happens and when, and answers with the [Action]s that its
// owner has to carry out; it knows neither sockets nor clocks nor messages.
// Deadline tells when Expire wants to be called next; calling it early, late or
// twice does no harm. TABLE.md shows every state and input.
package txn

import (
	"strings"
	"time"
)

// An Action is a set of things that the owner of a machine has to do.
type Action uint16

// The actions. Send and Resend differ only for those who count.
const (
	Send       Action = 1 << iota // hand the message that began this step to the transport
	Resend                        // hand the last message sent to the transport once more
	Deliver                       // pass the message received to the TU
	Ack                           // send the ACK of a non-2xx final response
	SendTrying                    // make and send a 100
	TimedOut                      // tell the TU that the peer stayed silent
	Failed                        // tell the TU that the transport failed
	Terminated                    // the transaction is over: destroy it
	Refuse                        // the TU may not do this: tell it so, send nothing
)

var actionNames = [...]string{"send", "resend", "deliver", "ack", "send 100", "timed out", "failed", "terminated", "refuse"}

// Has tells whether a holds any of the actions of b.
func (a Action) Has(b Action) bool { return a&b != 0 }

// String lists the actions: "resend, timed out".
func (a Action) String() string {
	var names []string
	for i, n := range actionNames {
		if a&(1<<i) != 0 {
			names = append(names, n)
		}
	}
	return strings.Join(names, ", ")
}

// Timers are the timer values of one stack, RFC 3261 table 4. The zero value of
// a field is the RFC's; [Timers.Resolved] fills them in, and the machines take
// only resolved ones.
type Timers struct {
	T1     time.Duration // round-trip estimate; 500 ms
	T2     time.Duration // longest retransmit interval of non-INVITE requests and INVITE responses; 4 s
	T4     time.Duration // longest life of a message in the network; 5 s
	D      time.Duration // wait for retransmitted responses of an INVITE; 32 s, at least that over UDP
	Trying time.Duration // how long the TU may take before we answer an INVITE with 100; 200 ms; negative: we never do
}

// Resolved returns t with the RFC's value in every field that is zero.
func (t Timers) Resolved() Timers {
	set := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	set(&t.T1, 500*time.Millisecond)
	set(&t.T2, 4*time.Second)
	set(&t.T4, 5*time.Second)
	set(&t.D, 32*time.Second)
	set(&t.Trying, 200*time.Millisecond)
	return t
}

// Long is 64*T1: timers B, F, H, J, L and M.
func (t *Timers) Long() time.Duration { return 64 * t.T1 }

// toT2 is how long a client's Timer E takes until it is reset to T2: with the
// values of RFC 3261, 500 ms + 1 s + 2 s = 3.5 s.
func (t *Timers) toT2() (sum time.Duration) {
	for d := t.T1; d < t.T2; d *= 2 {
		sum += d
	}
	return sum
}

// clock is what the four machines have in common: two timers and an interval.
type clock struct {
	retry    time.Time     // A, E, G, or the 100 that is due; zero: off
	limit    time.Time     // what ends the state; zero: off
	interval time.Duration // the last one of retry
	reliable bool          // the transport retransmits by itself
}

// Deadline tells when Expire wants to be called; the zero time is never.
func (c *clock) Deadline() time.Time {
	if c.retry.IsZero() || !c.limit.IsZero() && c.limit.Before(c.retry) {
		return c.limit
	}
	return c.retry
}

// Reliable tells whether the transaction runs over a reliable transport.
func (c *clock) Reliable() bool { return c.reliable }

func (c *clock) stop() { c.retry, c.limit = time.Time{}, time.Time{} }

// again arms the retransmission timer with the given interval.
func (c *clock) again(now time.Time, d time.Duration) {
	c.interval = d
	c.retry = now.Add(d)
}

// due tells whether a timer was set and its time has come.
func due(timer, now time.Time) bool { return !timer.IsZero() && !now.Before(timer) }
