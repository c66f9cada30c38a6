package sip

import (
	"testing"
	"time"
)

func TestParamsNumbers(t *testing.T) {
	p := Params(`;expires="60";big=4294967296;bad=1x;flag`)
	for _, c := range []struct {
		name string
		d    time.Duration
		dOK  bool
		n    uint32
		nOK  bool
	}{
		{"Expires", time.Minute, true, 60, true},
		{"big", (1<<32 - 1) * time.Second, true, 0, false},
		{"bad", 0, false, 0, false},
		{"flag", 0, false, 0, false},
		{"none", 0, false, 0, false},
	} {
		if d, ok := p.Seconds(c.name); d != c.d || ok != c.dOK {
			t.Error(c.name, d, ok)
		}
		if n, ok := p.Uint(c.name); n != c.n || ok != c.nOK {
			t.Error(c.name, n, ok)
		}
	}
	if got := p.WithSeconds("expires", 90*time.Second).WithUint("flag", 7); got != ";expires=90;big=4294967296;bad=1x;flag=7" {
		t.Error(got)
	}
}

func TestParamsWithQuoted(t *testing.T) {
	if got := Params(";text=a;x").WithQuoted("Text", "b\"\\\r\n\x00c"); got != `;x;Text="b\"\\c"` {
		t.Error(got)
	}
	if got := Params("").WithQuoted("a b;\r\n", ""); got != `;ab=""` {
		t.Error(got)
	}
}

func TestParamsWithQ(t *testing.T) {
	for q, want := range map[float32]Params{
		-1: ";q=0", 0: ";q=0", 0.0001: ";q=0.0", 0.001: ";q=0.001", 0.05: ";q=0.05", 0.1: ";q=0.1", 0.25: ";q=0.25",
		0.9999: ";q=1", 1: ";q=1", 7: ";q=1",
	} {
		if got := Params(";q=x").WithQ(q); got != want {
			t.Errorf("%v is written as %s, want %s", q, got, want)
		}
	}
	var nan float32
	nan /= nan
	if got := Params("").WithQ(nan); got != ";q=0" {
		t.Error(got)
	}
}

func TestItem(t *testing.T) {
	v := Item{Value: "Text/Plain"}.With("q", "0.5").Flag("x").With("charset", "a b")
	if got := v.String(); got != `Text/Plain;q=0.5;x;charset="a b"` || !v.Is("text/plain") || v.Is("text") {
		t.Error(got)
	}
	for params, want := range map[Params]float32{"": 1, ";q=0": 0, ";q=0.5": 0.5, ";q=": 1, ";q=2": 1, ";q=x": 1, ";q=-1": 1} {
		if got := (Item{Params: params}).Q(); got != want {
			t.Errorf("%q is %v, want %v", params, got, want)
		}
	}
	for v, want := range map[Item]string{
		{Value: ""}:                 `""`,
		{Value: "a b"}:              `"a b"`,
		{Value: "a\"\r\n;b"}:        `"a\";b"`,
		{Value: "x", Params: "a=b"}: "x;a=b",
		{Value: "host:1"}:           "host:1",
	} {
		if got := v.String(); got != want {
			t.Errorf("%#v is written as %s, want %s", v, got, want)
		}
	}
}
