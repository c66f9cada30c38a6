package sip

import (
	"slices"
	"testing"
)

func TestPreferenceHeaders(t *testing.T) {
	runCases(t, []headerCase{
		lists(AcceptContact, []string{`*;audio;methods="INVITE,BYE";require, *;+x="<a,b>"`}, Item{"*", `;audio;methods="INVITE,BYE";require`}, Item{"*", `;+x="<a,b>"`}),
		same(RejectContact, `*;actor="msg-taker";video`, Item{"*", `;actor="msg-taker";video`}),
		rejects(AcceptContact, ";audio"),
		rejects(RejectContact, "<sip:a@b>"),
		lists(RequestDisposition, []string{"proxy, recurse", "no-fork"}, "proxy", "recurse", "no-fork"),
		rejects(RequestDisposition, "no fork"),
		same(FeatureCaps, `*;+sip.pns="apns"`, Item{"*", `;+sip.pns="apns"`}),
		rejects(FeatureCaps, `*;+sip.pns="apns`),
	})
	m := withHeaders(t, `Feature-Caps: *;+sip.pns="apns";+sip.vapid="x"`)
	v, _ := FeatureCaps.Get(m)
	if f, ok := v.Params.Feature("+SIP.pns"); f != "apns" || !ok {
		t.Error(f, ok)
	}
}

func TestFeatures(t *testing.T) {
	c, err := Contact.Get(withHeaders(t, `Contact: <sip:a@b>;audio;video="FALSE";expires=7;methods="INVITE, BYE";mobility="!fixed";`+
		`+sip.instance="<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>";q=1;+x.n="#>=5"`))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for n := range c.Params.Features() {
		names = append(names, n)
	}
	if !slices.Equal(names, []string{"audio", "video", "methods", "mobility", "+sip.instance", "+x.n"}) {
		t.Errorf("%q", names)
	}
	audio, has := c.Params.Feature("AUDIO")
	video, _ := c.Params.Feature("video")
	if !has || !audio.Bool() || video.Bool() || !Feature("true").Bool() {
		t.Error(audio, video)
	}
	if _, has := c.Params.Feature("text"); has {
		t.Error("text")
	}
	inst, _ := c.Params.Feature("+sip.instance")
	if s, ok := inst.Text(); s != "urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF" || !ok {
		t.Error(s, ok)
	}
	if s, ok := audio.Text(); ok {
		t.Error(s)
	}
}

func TestFeatureHas(t *testing.T) {
	for _, c := range []struct {
		f     Feature
		token string
		want  bool
	}{
		{"INVITE,BYE", "invite", true},
		{"INVITE , BYE", "BYE", true},
		{"INVITE,BYE", "ACK", false},
		{"!fixed", "fixed", false},
		{"!fixed", "mobile", true},
		{"mobile,!fixed", "mobile", true},
		{"mobile,!fixed", "other", false},
		{"", "x", false},
		{",", "", false},
	} {
		if c.f.Has(c.token) != c.want {
			t.Errorf("%q has %q: not %v", c.f, c.token, c.want)
		}
	}
}

func TestFeatureNumber(t *testing.T) {
	for _, c := range []struct {
		f    Feature
		n    float64
		want bool
	}{
		{"#=5", 5, true},
		{"#=5", 4, false},
		{"#>=5", 5, true},
		{"#>=5", 4.9, false},
		{"#<=-1.5", -2, true},
		{"#<=5", 6, false},
		{"#1:5", 1, true},
		{"#1:5", 5.1, false},
		{"#1:x", 1, false},
		{"#5", 5, false},
		{"#=x", 0, false},
		{"5", 5, false},
	} {
		if c.f.Number(c.n) != c.want {
			t.Errorf("%q takes %v: not %v", c.f, c.n, c.want)
		}
	}
}

func TestWithFeature(t *testing.T) {
	p := Params("").WithFeature("audio", "").WithFeature("methods", "INVITE").WithFeature("+a", "<x\"y\r\n>").WithFeature("methods", "BYE")
	if p != `;audio;+a="<x\"y>";methods="BYE"` {
		t.Error(p)
	}
}
