package txn

import (
	"slices"
	"testing"
	"time"
)

// run calls Expire at every deadline and notes when which action came.
func run(m machine, t *Timers) (at []time.Duration, acts []Action) {
	for range 100 {
		d := m.Deadline()
		if d.IsZero() {
			break
		}
		// One nanosecond early nothing may happen.
		if a := m.Expire(d.Add(-1), t); a != 0 {
			at, acts = append(at, -1), append(acts, a)
		}
		at, acts = append(at, d.Sub(epoch)), append(acts, m.Expire(d, t))
	}
	return at, acts
}

const ms = time.Millisecond

func check(t *testing.T, m machine, timers *Timers, wantAt []time.Duration, repeated, last Action) {
	t.Helper()
	at, acts := run(m, timers)
	if !slices.Equal(at, wantAt) {
		t.Errorf("instants\n got %v\nwant %v", at, wantAt)
	}
	for i, a := range acts {
		want := repeated
		if i == len(acts)-1 {
			want = last
		}
		if a != want {
			t.Errorf("at %v: %v, want %v", at[i], a, want)
		}
	}
}

// RFC 3261 §17.1.1.2: "The value of 64*T1 is equal to the amount of time
// required to send seven requests in the case of an unreliable transport."
func TestInviteRetransmissions(t *testing.T) {
	timers := Timers{}.Resolved()
	m := new(ClientInvite)
	if a := m.Start(epoch, &timers, false); a != Send {
		t.Fatal(a)
	}
	check(t, m, &timers, []time.Duration{500 * ms, 1500 * ms, 3500 * ms, 7500 * ms, 15500 * ms, 31500 * ms, 32000 * ms},
		Resend, TimedOut|Terminated)
}

// RFC 3261 §17.1.2.2: "intervals of 500 ms, 1 s, 2 s, 4 s, 4 s, 4 s, etc."
func TestRequestRetransmissions(t *testing.T) {
	timers := Timers{}.Resolved()
	m := new(ClientRequest)
	m.Start(epoch, &timers, false)
	check(t, m, &timers, []time.Duration{500 * ms, 1500 * ms, 3500 * ms, 7500 * ms, 11500 * ms, 15500 * ms,
		19500 * ms, 23500 * ms, 27500 * ms, 31500 * ms, 32000 * ms}, Resend, TimedOut|Terminated)
}

func TestRequestRetransmissionsInProceeding(t *testing.T) {
	timers := Timers{}.Resolved()
	m := new(ClientRequest)
	m.Start(epoch, &timers, false)
	m.Recv(epoch.Add(100*ms), &timers, 100)
	check(t, m, &timers, []time.Duration{500 * ms, 4500 * ms, 8500 * ms, 12500 * ms, 16500 * ms, 20500 * ms,
		24500 * ms, 28500 * ms, 32000 * ms}, Resend, TimedOut|Terminated)
}

func TestFinalResponseRetransmissions(t *testing.T) {
	timers := Timers{}.Resolved()
	m := new(ServerInvite)
	m.Start(epoch, &timers, false)
	m.Respond(epoch, &timers, 486)
	check(t, m, &timers, []time.Duration{500 * ms, 1500 * ms, 3500 * ms, 7500 * ms, 11500 * ms, 15500 * ms,
		19500 * ms, 23500 * ms, 27500 * ms, 31500 * ms, 32000 * ms}, Resend, TimedOut|Terminated)
}

// A retransmission that is due with the end of the transaction is not sent: a
// timer that runs late must not send into the void.
func TestLimitGoesFirst(t *testing.T) {
	timers := Timers{}.Resolved()
	m := new(ClientInvite)
	m.Start(epoch, &timers, false)
	if a := m.Expire(epoch.Add(time.Hour), &timers); a != TimedOut|Terminated {
		t.Error(a)
	}
	// And late wake-ups do not make up for what was missed.
	r := new(ClientRequest)
	r.Start(epoch, &timers, false)
	if a := r.Expire(epoch.Add(9*time.Second), &timers); a != Resend {
		t.Error(a)
	}
	if d := r.Deadline().Sub(epoch); d != 10*time.Second {
		t.Error(d)
	}
}

func TestTimersScaleWithT1(t *testing.T) {
	timers := Timers{T1: 100 * ms}.Resolved()
	m := new(ClientInvite)
	m.Start(epoch, &timers, false)
	check(t, m, &timers, []time.Duration{100 * ms, 300 * ms, 700 * ms, 1500 * ms, 3100 * ms, 6300 * ms, 6400 * ms},
		Resend, TimedOut|Terminated)
	if d := timers.toT2(); d != 6300*ms {
		t.Errorf("Timer E is reset to T2 after %v", d)
	}
	if timers.D != 32*time.Second {
		t.Errorf("D = %v, which must not scale", timers.D)
	}
}

// A provisional response in time makes the 100 unnecessary.
func TestTrying(t *testing.T) {
	timers := Timers{}.Resolved()
	m := new(ServerInvite)
	m.Start(epoch, &timers, false)
	if d := m.Deadline().Sub(epoch); d != 200*ms {
		t.Errorf("100 due after %v", d)
	}
	m.Respond(epoch, &timers, 180)
	if !m.Deadline().IsZero() {
		t.Error("100 still due after a 180")
	}
	off := Timers{Trying: -1}.Resolved()
	m = new(ServerInvite)
	m.Start(epoch, &off, false)
	if !m.Deadline().IsZero() {
		t.Error("100 due although switched off")
	}
	if m.Again() != 0 {
		t.Error("something to resend before anything was said")
	}
}

func TestActionNames(t *testing.T) {
	for a, want := range map[Action]string{
		0:                              "",
		Send:                           "send",
		Deliver | Ack | Terminated:     "deliver, ack, terminated",
		Refuse:                         "refuse",
		TimedOut | Failed | SendTrying: "send 100, timed out, failed",
	} {
		if got := a.String(); got != want {
			t.Errorf("%d: %q, want %q", a, got, want)
		}
	}
}
