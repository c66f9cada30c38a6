package lifecycle

import "time"

// A Repeat times the repetitions of a 2xx to an INVITE. The zero value rests.
//
// RFC 3261 §13.3.1.4: "The 2xx response is passed to the transport with an
// interval that starts at T1 seconds and doubles for each retransmission until
// it reaches T2 seconds", for 64*T1 in all and "even if the transport at the
// UAS is reliable".
type Repeat struct {
	next, last time.Time
	interval   time.Duration
}

// Start begins: the 2xx goes out for the first time.
func (r *Repeat) Start(now time.Time, t1 time.Duration) {
	r.interval = t1
	r.next, r.last = now.Add(t1), now.Add(64*t1)
}

// Stop ends the repetitions: the ACK is here.
func (r *Repeat) Stop() { *r = Repeat{} }

// Deadline is when Expire wants to be called; zero while it rests.
func (r *Repeat) Deadline() time.Time {
	if r.next.Before(r.last) {
		return r.next
	}
	return r.last
}

// Expire is the time: again asks for one more repetition, giveUp tells that
// the ACK will not come any more.
func (r *Repeat) Expire(now time.Time, t1, t2 time.Duration) (again, giveUp bool) {
	switch {
	case r.last.IsZero():
		return false, false
	case !now.Before(r.last):
		r.Stop()
		return false, true
	case now.Before(r.next):
		return false, false
	}
	r.interval = min(2*r.interval, max(t1, t2))
	r.next = now.Add(r.interval)
	return true, false
}
