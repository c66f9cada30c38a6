package sip

import (
	"slices"
	"testing"
)

func TestParamsGet(t *testing.T) {
	p := Params(`;lr; Transport = TCP ;+sip.instance="<urn:uuid:a;b>";q="a\"b;c";empty=;x=<a;b>;tag=1;tag=2`)
	for _, tt := range []struct {
		name, value string
		ok          bool
	}{
		{"lr", "", true},
		{"LR", "", true},
		{"transport", "TCP", true},
		{"+SIP.instance", "<urn:uuid:a;b>", true},
		{"q", `a"b;c`, true},
		{"empty", "", true},
		{"x", "<a;b>", true},
		{"tag", "1", true},
		{"b", "", false},
		{"c", "", false},
		{"ttl", "", false},
	} {
		if v, ok := p.Get(tt.name); v != tt.value || ok != tt.ok {
			t.Errorf("Get(%q) = %q, %v, want %q, %v", tt.name, v, ok, tt.value, tt.ok)
		}
		if p.Has(tt.name) != tt.ok {
			t.Errorf("Has(%q) = %v", tt.name, !tt.ok)
		}
	}
	if _, ok := Params("").Get("a"); ok {
		t.Error("a parameter out of nothing")
	}
}

func TestParamsAll(t *testing.T) {
	var got []string
	for n, v := range Params(`;a;b=1;; c = "x y" ;d="un`).All() {
		got = append(got, n+"="+v)
	}
	if want := []string{"a=", "b=1", "c=x y", `d="un`}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for range Params(";a;b").All() {
		break // must not yield again
	}
}

func TestParamsChange(t *testing.T) {
	for _, tt := range []struct {
		got, want Params
	}{
		{Params("").With("tag", "x"), ";tag=x"},
		{Params(";lr").With("tag", "x"), ";lr;tag=x"},
		{Params(";TAG=a;lr;tag=b").With("tag", "x"), ";tag=x;lr"},
		{Params(";a").With("b", "x y"), `;a;b="x y"`},
		{Params(";a").With("b", ""), `;a;b=""`},
		{Params("").With("received", "[2001:db8::1]"), ";received=[2001:db8::1]"},
		{Params("").With("+sip.instance", "<urn:uuid:1>"), `;+sip.instance="<urn:uuid:1>"`},
		{Params("").Flag("lr"), ";lr"},
		{Params(";rport").With("rport", "5060"), ";rport=5060"},
		{Params(";rport=1").Flag("rport"), ";rport"},
		{Params(";a; b = 1 ;c").Without("B"), ";a;c"},
		{Params(";a;b").Without("c"), ";a;b"},
		{Params(";a").Without("a"), ""},
		{Params(`;x="a;b";b`).Without("b"), `;x="a;b"`},
		{Params("lr").With("a", "b"), "lr;a=b"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestCheckParams(t *testing.T) {
	for _, p := range []string{"", ";a", ";a=b", `;a="x;y" ; b = c`, ";received=[2001:db8::1]", " ;a ", ";received=2001:db8::9:255", ";rport="} {
		if err := checkParams(p); err != nil {
			t.Errorf("%q: %v", p, err)
		}
	}
	for _, p := range []string{";", ";;a", ";a;", ";a b", `;a="x`, `;a="x"y`, ";=x", "a", ";,"} {
		if err := checkParams(p); err == nil {
			t.Errorf("%q passed", p)
		}
	}
}
