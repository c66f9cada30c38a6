package interop

import (
	"context"
	"fmt"
	"testing"
	"time"

	"dum/internal/peer"
)

func phone(ctx context.Context, t *testing.T) *peer.Baresip {
	t.Helper()
	b, err := peer.StartBaresip(ctx, peer.Need(t, "baresip"), t.TempDir(), "phone")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.Stop()
		if t.Failed() {
			t.Log(b.Transcript())
		}
	})
	return b
}

func do(ctx context.Context, t *testing.T, b *peer.Baresip, command string) {
	t.Helper()
	if err := b.Do(ctx, command); err != nil {
		t.Fatal(err)
	}
}

func expect(ctx context.Context, t *testing.T, b *peer.Baresip, event string) peer.BaresipEvent {
	t.Helper()
	ev, err := b.Event(ctx, event)
	if err != nil {
		t.Fatal(err)
	}
	return ev
}

// each runs a test over UDP and over TCP.
func each(t *testing.T, f func(t *testing.T, ctx context.Context, param string)) {
	for _, transport := range []string{"udp", "tcp"} {
		t.Run(transport, func(t *testing.T) {
			peer.Need(t, "baresip")
			t.Parallel()
			f(t, within(t, time.Minute), ";transport="+transport)
		})
	}
}

// A phone calls, talks and hangs up.
func TestPhoneCallsAnswer(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, param string) {
		a := answer(ctx, t, "--ring")
		b := phone(ctx, t)
		do(ctx, t, b, fmt.Sprintf("dial sip:dum@%s%s", peer.Loopback(a.port), param))
		expect(ctx, t, b, "CALL_ESTABLISHED")
		if n := a.numbers(ctx, t); n.Calls != 1 || n.Open != 1 {
			t.Errorf("while the call is up: %+v", n)
		}
		do(ctx, t, b, "hangup")
		expect(ctx, t, b, "CALL_CLOSED")
		if n := a.finish(ctx, t); n.Calls != 1 || n.Failed != 0 || n.Open != 0 {
			t.Errorf("at the end: %+v", n)
		}
	})
}

// A phone calls, and the answerer hangs up: an orderly end says BYE.
func TestAnswerHangsUpOnPhone(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, param string) {
		a := answer(ctx, t)
		b := phone(ctx, t)
		do(ctx, t, b, fmt.Sprintf("dial sip:dum@%s%s", peer.Loopback(a.port), param))
		expect(ctx, t, b, "CALL_ESTABLISHED")
		n := a.finish(ctx, t)
		expect(ctx, t, b, "CALL_CLOSED")
		if n.Calls != 1 || n.Failed != 0 || n.Open != 0 {
			t.Errorf("at the end: %+v", n)
		}
	})
}

// A phone calls somebody who is busy.
func TestAnswerRefusesPhone(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, param string) {
		a := answer(ctx, t, "--status", "486")
		b := phone(ctx, t)
		do(ctx, t, b, fmt.Sprintf("dial sip:dum@%s%s", peer.Loopback(a.port), param))
		if ev := expect(ctx, t, b, "CALL_CLOSED"); ev.Param != "486 Busy Here" {
			t.Errorf("the phone says %q", ev.Param)
		}
	})
}

// A phone gives up while it rings: CANCEL.
func TestPhoneCancels(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, param string) {
		a := answer(ctx, t, "--ring", "--delay", "30s")
		b := phone(ctx, t)
		do(ctx, t, b, fmt.Sprintf("dial sip:dum@%s%s", peer.Loopback(a.port), param))
		expect(ctx, t, b, "CALL_RINGING")
		do(ctx, t, b, "hangup")
		expect(ctx, t, b, "CALL_CLOSED")
		if n := a.finish(ctx, t); n.Open != 0 {
			t.Errorf("at the end: %+v", n)
		}
	})
}

// We call a phone and hang up.
func TestCallHangsUpOnPhone(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, param string) {
		b := phone(ctx, t)
		p := caller(t, "--duration", "1s", fmt.Sprintf("sip:phone@%s%s", peer.Loopback(b.Port), param))
		expect(ctx, t, b, "CALL_INCOMING")
		do(ctx, t, b, "accept")
		expect(ctx, t, b, "CALL_ESTABLISHED")
		expect(ctx, t, b, "CALL_CLOSED")
		if code, got := called(ctx, t, p); code != 0 || got.Answered != 1 || got.EndedByPeer != 0 {
			t.Errorf("dum call: exit code %d, %+v", code, got)
		}
	})
}

// We call a phone without an offer of our own.
func TestLateOfferToPhone(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, param string) {
		b := phone(ctx, t)
		p := caller(t, "--late-offer", "--duration", "1s", fmt.Sprintf("sip:phone@%s%s", peer.Loopback(b.Port), param))
		expect(ctx, t, b, "CALL_INCOMING")
		do(ctx, t, b, "accept")
		expect(ctx, t, b, "CALL_CLOSED")
		if code, got := called(ctx, t, p); code != 0 || got.Answered != 1 {
			t.Errorf("dum call: exit code %d, %+v", code, got)
		}
	})
}

// We call a phone and it hangs up.
func TestPhoneHangsUpOnCall(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, param string) {
		b := phone(ctx, t)
		p := caller(t, "--duration", "1m", fmt.Sprintf("sip:phone@%s%s", peer.Loopback(b.Port), param))
		expect(ctx, t, b, "CALL_INCOMING")
		do(ctx, t, b, "accept")
		expect(ctx, t, b, "CALL_ESTABLISHED")
		do(ctx, t, b, "hangup")
		if code, got := called(ctx, t, p); code != 0 || got.Answered != 1 || got.EndedByPeer != 1 {
			t.Errorf("dum call: exit code %d, %+v", code, got)
		}
	})
}

// We call a phone and it refuses.
func TestPhoneRefusesCall(t *testing.T) {
	each(t, func(t *testing.T, ctx context.Context, param string) {
		b := phone(ctx, t)
		p := caller(t, fmt.Sprintf("sip:phone@%s%s", peer.Loopback(b.Port), param))
		expect(ctx, t, b, "CALL_INCOMING")
		do(ctx, t, b, "hangup")
		if code, got := called(ctx, t, p); code != 1 || got.Failures["486"] != 1 {
			t.Errorf("dum call: exit code %d, %+v", code, got)
		}
	})
}
