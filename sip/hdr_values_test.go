package sip

import (
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	runCases(t, []headerCase{
		same(RetryAfter, "120", Retry{After: 2 * time.Minute}),
		same(RetryAfter, "18000;duration=3600", Retry{After: 5 * time.Hour, Params: ";duration=3600"}),
		reads(RetryAfter, "120(I'm in a (long; \\) boring, ) meeting) ; a=b",
			Retry{2 * time.Minute, "I'm in a (long; ) boring, ) meeting", "; a=b"},
			`120 (I'm in a \(long; \) boring, \) meeting); a=b`),
		rejects(RetryAfter, ""),
		rejects(RetryAfter, "soon"),
		rejects(RetryAfter, "120 (no end"),
		rejects(RetryAfter, "120 soon"),
		rejects(RetryAfter, `120;a="b`),
	})
	r, _ := RetryAfter.Get(withHeaders(t, "Retry-After: 5 (x);duration=60"))
	if d, ok := r.Duration(); d != time.Minute || !ok {
		t.Error(d, ok)
	}
	if _, ok := (Retry{}).Duration(); ok {
		t.Error("a duration out of nothing")
	}
}

func TestWarning(t *testing.T) {
	runCases(t, []headerCase{
		same(Warning, `307 isi.edu "Session parameter 'foo' not understood"`, Warn{307, "isi.edu", "Session parameter 'foo' not understood"}),
		same(Warning, `301 [2001:db8::1]:5060 "Incompatible, \"E.164\""`, Warn{301, "[2001:db8::1]:5060", `Incompatible, "E.164"`}),
		reads(Warning, "399 -  no quotes", Warn{399, "-", "no quotes"}, `399 - "no quotes"`),
		lists(Warning, []string{`301 a "x, y", 302 b ""`}, Warn{301, "a", "x, y"}, Warn{302, "b", ""}),
		rejects(Warning, `30 isi.edu "x"`),
		rejects(Warning, `3O1 isi.edu "x"`),
		rejects(Warning, `301 "x"`),
		rejects(Warning, `301`),
		rejects(Warning, `301 a "x" y`),
		rejects(Warning, `301 a "x`),
	})
	if got := (Warn{Code: 7, Text: "x\r\ny"}).String(); got != `399 - "xy"` {
		t.Error(got)
	}
}

func TestTimestamp(t *testing.T) {
	runCases(t, []headerCase{
		same(Timestamp, "54", Stamp{Value: "54"}),
		same(Timestamp, "1622480000.123456789012", Stamp{Value: "1622480000.123456789012"}),
		same(Timestamp, "54.21 0.5", Stamp{"54.21", 500 * time.Millisecond}),
		reads(Timestamp, "54  2.000000001999", Stamp{"54", 2*time.Second + 1}, "54 2.000000001"),
		reads(Timestamp, "54 .25", Stamp{"54", 250 * time.Millisecond}, "54 0.25"),
		reads(Timestamp, "54 0", Stamp{"54", 0}, "54"),
		rejects(Timestamp, ""),
		rejects(Timestamp, "."),
		rejects(Timestamp, "1.2.3"),
		rejects(Timestamp, "1 2 3"),
		rejects(Timestamp, "-1"),
	})
	if got := (Stamp{Value: "now", Delay: -1}).String(); got != "0" {
		t.Error(got)
	}
}
