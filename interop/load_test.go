package interop

import (
	"fmt"
	"testing"
	"time"

	"dum/internal/peer"
)

// settle is how long finished transactions are remembered: 64*T1, and a little.
const settle = 33 * time.Second

// SIPp calls and hangs up: nothing fails, nothing is unexpected, and when the
// last timer is over `dum answer` is as idle as it was.
func TestSIPpCallsAnswer(t *testing.T) {
	calls, rate := 1500, 250
	if full {
		calls, rate = 20000, 1000
	}
	if testing.Short() {
		calls, rate = 100, 100
	}
	for _, transport := range []struct{ name, flag string }{{"UDP", "u1"}, {"TCP", "t1"}} {
		t.Run(transport.name, func(t *testing.T) {
			s := sipp(t, "uac")
			ctx := within(t, 3*time.Minute)
			a := answer(ctx, t)
			idle := a.numbers(ctx, t)
			s.Remote, s.Transport, s.Calls, s.Rate, s.Limit = peer.Loopback(a.port), transport.flag, calls, rate, calls
			s.Args = []string{"-buff_size", "4000000"}
			fine(ctx, t, s, run(t, s.Command()), calls)

			pause(ctx, t, settle)
			done := a.numbers(ctx, t)
			if done.Calls != calls || done.Failed != 0 || done.Open != 0 {
				t.Errorf("dum answer counted %+v, want %d calls", done, calls)
			}
			if done.Goroutines != idle.Goroutines {
				t.Errorf("%d goroutines, idle were %d", done.Goroutines, idle.Goroutines)
			}
			t.Logf("heap: idle %d bytes, %s later %d", idle.HeapBytes, settle, done.HeapBytes)
			a.finish(ctx, t)
		})
	}
}

// We call and hang up, SIPp answers.
func TestCallCallsSIPp(t *testing.T) {
	calls, rate := 300, 100
	if full {
		calls, rate = 2000, 200
	}
	if testing.Short() {
		calls, rate = 50, 100
	}
	for _, transport := range []struct{ name, flag, scenario, param string }{
		{"UDP", "u1", "uas", ""},
		{"TCP", "t1", "sipp/answer.xml", ";transport=tcp"},
	} {
		t.Run(transport.name, func(t *testing.T) {
			s := sipp(t, transport.scenario)
			ctx := within(t, 2*time.Minute)
			s.Transport, s.Calls = transport.flag, calls
			server := listening(ctx, t, &s)
			code, got := called(ctx, t, caller(t, "--count", fmt.Sprint(calls), "--rate", fmt.Sprint(rate), "--duration", "0s",
				fmt.Sprintf("sip:service@%s%s", s.Local, transport.param)))
			if code != 0 || got.Calls != calls || got.Answered != calls || got.Failed != 0 {
				t.Errorf("dum call: exit code %d, %+v", code, got)
			}
			fine(ctx, t, s, server, calls)
		})
	}
}
