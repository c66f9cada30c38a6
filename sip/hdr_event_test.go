package sip

import (
	"testing"
	"time"
)

func TestEventHeaders(t *testing.T) {
	runCases(t, []headerCase{
		same(Event, "presence.winfo;id=7;x=y", EventType{"presence.winfo", ";id=7;x=y"}),
		rejects(Event, ""),
		rejects(Event, ";id=7"),
		rejects(Event, "presence, dialog"),
		lists(AllowEvents, []string{"presence, dialog", "x.y"}, "presence", "dialog", "x.y"),
		rejects(AllowEvents, "a b"),
		same(SubscriptionState, "active;expires=600", SubState{"active", ";expires=600"}),
		reads(SubscriptionState, "terminated ; reason = timeout", SubState{"terminated", "; reason = timeout"}, "terminated; reason = timeout"),
		rejects(SubscriptionState, "active expires=600"),
		rejects(SubscriptionState, `active;x="`),
		same(SIPETag, "dx200xyz", "dx200xyz"),
		same(SIPIfMatch, "dx200xyz", "dx200xyz"),
		rejects(SIPIfMatch, "dx 200"),
		same(SuppressIfMatch, "*", "*"),
		same(InfoPackage, "foo;a=b", Item{"foo", ";a=b"}),
		lists(RecvInfo, []string{"foo;a, bar"}, Item{"foo", ";a"}, Item{"bar", ""}),
		rejects(RecvInfo, "fo/o"),
	})
}

func TestEventMatch(t *testing.T) {
	for _, c := range []struct {
		a, b EventType
		want bool
	}{
		{EventType{Value: "presence"}, EventType{Value: "presence"}, true},
		{EventType{Value: "presence"}, EventType{Value: "Presence"}, false},
		{EventType{Value: "refer"}.WithID("93809824"), EventType{"refer", ";x;id=93809824"}, true},
		{EventType{Value: "refer"}.WithID("a"), EventType{Value: "refer"}.WithID("A"), false},
		{EventType{Value: "refer"}.WithID("a"), EventType{Value: "refer"}, false},
		{EventType{"refer", ";id"}, EventType{Value: "refer"}, false},
	} {
		if c.a.Match(c.b) != c.want || c.b.Match(c.a) != c.want {
			t.Errorf("%v and %v: not %v", c.a, c.b, c.want)
		}
	}
}

func TestSubState(t *testing.T) {
	v := SubState{Value: SubTerminated}.WithReason("probation").WithRetryAfter(1500 * time.Millisecond).WithExpires(time.Hour)
	if got := v.String(); got != "terminated;reason=probation;retry-after=2;expires=3600" {
		t.Error(got)
	}
	v, err := SubscriptionState.Get(withHeaders(t, "Subscription-State: Terminated;Reason=timeout;RETRY-AFTER=7;expires=x"))
	if err != nil || !v.Is(SubTerminated) || v.Is(SubActive) || v.Reason() != "timeout" {
		t.Error(v, err)
	}
	if d, ok := v.RetryAfter(); d != 7*time.Second || !ok {
		t.Error(d, ok)
	}
	if d, ok := v.Expires(); ok {
		t.Error("malformed expires is", d)
	}
}
