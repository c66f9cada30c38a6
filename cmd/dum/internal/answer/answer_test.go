package answer

import (
	"errors"
	"testing"

	"dum/dialog"
	"dum/invite"
	"dum/sip"
)

func TestBroken(t *testing.T) {
	for _, tt := range []struct {
		status int
		why    error
		want   bool
	}{
		{0, &invite.Hangup{}, false},
		{0, &invite.Hangup{Peer: true}, false},
		{0, invite.ErrCanceled, false},
		{0, invite.ErrExpired, false},
		{0, dialog.ErrEnded, false},
		{0, dialog.ErrShutdown, false},
		{486, sip.NewStatus(486, ""), false},
		{486, sip.NewStatus(400, ""), true},
		{0, sip.NewStatus(488, ""), true},
		{0, invite.ErrNoAck, true},
		{0, invite.ErrNoAnswer, true},
		{0, invite.ErrBody, true},
		{0, errors.New("out of luck"), true},
	} {
		a := &answerer{status: tt.status}
		if got := a.broken(tt.why); got != tt.want {
			t.Errorf("with --status %d, %v: broken %v", tt.status, tt.why, got)
		}
	}
}

func TestCounters(t *testing.T) {
	var over []int64
	a := &answerer{over: func(n int64) { over = append(over, n) }}
	a.calls.Add(2)
	a.open.Add(2)
	a.end(false)
	a.end(true)
	if len(over) != 2 || over[1] != 2 || a.failed.Load() != 1 || a.open.Load() != 0 {
		t.Errorf("over %v, failed %d, open %d", over, a.failed.Load(), a.open.Load())
	}
}
