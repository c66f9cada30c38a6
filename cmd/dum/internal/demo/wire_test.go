package demo

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"dum/sip"
	"dum/trace"
)

func TestWire(t *testing.T) {
	w := newWire()
	out := func(raw string, again bool) { w.Record(time.Time{}, trace.MessageOut{Raw: []byte(raw), Again: again}) }
	in := func(raw string) {
		m, err := sip.Parse(raw, sip.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		w.Record(time.Time{}, trace.MessageIn{Msg: m})
	}
	const invite = "INVITE sip:b SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n"
	out(invite, false)
	out(invite, true)
	in("SIP/2.0 100 Trying\r\nCSeq: 1 INVITE\r\n\r\n")
	in("SIP/2.0 180 Ringing\r\nCSeq: 1 INVITE\r\n\r\n")
	w.Record(time.Time{}, trace.SetOpened{})
	if err := w.expect(t.Context(), "> INVITE", "< 180 INVITE"); err != nil {
		t.Error(err)
	}
	if w.first == nil || w.first.Method() != sip.INVITE {
		t.Errorf("the first message is %v", w.first)
	}
	out("ACK sip:b SIP/2.0\r\nCSeq: 1 ACK\r\n\r\n", false)
	if err := w.expect(t.Context(), "> BYE"); err == nil || !strings.Contains(err.Error(), "on the wire was > ACK, not > BYE") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("too late"))
	if err := w.expect(ctx, "> ACK", "> BYE"); err == nil || !strings.Contains(err.Error(), "was only > ACK") || !strings.Contains(err.Error(), "too late") {
		t.Errorf("got %v", err)
	}
}

func TestMirror(t *testing.T) {
	if got := strings.Join(mirror([]string{"> INVITE", "< 200 INVITE"}), ", "); got != "< INVITE, > 200 INVITE" {
		t.Errorf("got %s", got)
	}
}

func TestPlay(t *testing.T) {
	var out strings.Builder
	s := &teller{w: &out}
	bad := errors.New("not so")
	err := s.play(
		step{"first", "\n\t\twhy,\n\t\tand how", func() error { return nil }},
		step{"second", "because", func() error { return bad }},
		step{"third", "never", func() error { t.Error("played on"); return nil }},
	)
	if !errors.Is(err, bad) || !strings.Contains(err.Error(), `step 2, "second"`) {
		t.Errorf("got %v", err)
	}
	const want = "\n 1. first\n    why,\n    and how\n\n\n 2. second\n    because\n\n    This was not to happen: not so\n"
	if out.String() != want {
		t.Errorf("told %q, want %q", out.String(), want)
	}
}
