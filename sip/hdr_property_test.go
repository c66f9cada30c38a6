package sip

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// eachSample runs f for every sample of every descriptor.
func eachSample(t *testing.T, f func(t *testing.T, p probe, sample string)) {
	for _, p := range allHeaders() {
		for _, s := range p.samples {
			t.Run(p.name+"/"+s, func(t *testing.T) { f(t, p, s) })
		}
	}
}

// TestHeaderRoundTrip: what is in canonical form is read, written as it was,
// and read as the same value by the peer.
func TestHeaderRoundTrip(t *testing.T) {
	eachSample(t, func(t *testing.T, p probe, sample string) {
		v, err := p.get(withHeaders(t, p.name+": "+sample))
		if err != nil {
			t.Fatal(err)
		}
		m := withHeaders(t)
		p.set(m, v)
		if got, _ := Named(p.name).Get(m); got != sample {
			t.Errorf("written %q", got)
		}
		if got, err := p.get(sent(t, m)); err != nil || !reflect.DeepEqual(got, v) {
			t.Errorf("read back %#v, %v; want %#v", got, err, v)
		}
		if s, ok := v.(fmt.Stringer); ok && !ownForm[p.name] && s.String() != sample {
			t.Errorf("as text: %q", s)
		}
	})
}

// ownForm has the headers whose form is not that of String of their values.
var ownForm = map[string]bool{"Date": true, "Expires": true, "Min-Expires": true, "Flow-Timer": true, "Target-Dialog": true, "P-DCS-Redirect": true}

// TestHeaderFolds: RFC 3261 §7.3.1 lets any value go on after a line break and
// white space, and lets white space stand before the colon.
func TestHeaderFolds(t *testing.T) {
	eachSample(t, func(t *testing.T, p probe, sample string) {
		want, err := p.get(withHeaders(t, p.name+": "+sample))
		if err != nil {
			t.Fatal(err)
		}
		folded := strings.ReplaceAll(sample, " ", "\r\n\t ")
		got, err := p.get(withHeaders(t, strings.ToUpper(p.name)+" \t:\r\n "+folded+"  "))
		if text, isText := want.(AuthParams); isText {
			// Kept as text: the folds are white space between parameters.
			if s, ok := got.(AuthParams); !ok || string(s.append(nil, authAny)) != string(text.append(nil, authAny)) {
				t.Errorf("got %q, %v; want %q", got, err, want)
			}
			return
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %#v, %v; want %#v", got, err, want)
		}
	})
}

// TestHeaderDoor walks one value through add, prepend, set and remove.
func TestHeaderDoor(t *testing.T) {
	for _, p := range allHeaders() {
		t.Run(p.name, func(t *testing.T) {
			m := withHeaders(t, "X-Before: 1", "X-After: 2")
			if _, err := p.get(m); !errors.Is(err, ErrMissing) || p.has(m) {
				t.Fatalf("missing header: %v, %v", err, p.has(m))
			}
			a, err := p.parse(p.samples[0])
			b, err2 := p.parse(p.samples[1])
			if err != nil || err2 != nil {
				t.Fatal(err, err2)
			}
			want := func(when string, vs ...any) {
				t.Helper()
				got, errs := p.values(sent(t, m))
				for _, err := range errs {
					if err != nil {
						t.Fatal(when, err)
					}
				}
				if !reflect.DeepEqual(got, vs) {
					t.Fatalf("after %s: %#v; want %#v", when, got, vs)
				}
			}
			if p.name == "Content-Length" {
				return // its value is not for the program to say
			}
			p.add(m, a)
			p.add(m, b)
			want("two adds", a, b)
			p.prepend(m, b)
			want("prepend", b, a, b)
			p.first(m)
			want("removing the first", a, b)
			p.set(m, b, a)
			want("set", b, a)
			p.first(m)
			want("removing the first again", a)
			p.remove(m)
			want("remove")
			if got := sent(t, m); Named("X-Before").Has(got) != true || Named("X-After").Has(got) != true {
				t.Error("other headers went too")
			}
		})
	}
}

// TestHeaderLists: RFC 3261 §7.3.1: several lines and one line with commas mean
// the same.
func TestHeaderLists(t *testing.T) {
	for _, p := range allHeaders() {
		if !p.list {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			a, b := p.samples[0], p.samples[1]
			apart, errs := p.values(withHeaders(t, p.name+": "+a, "X-Between: 1", p.name+": "+b, p.name+": "+a))
			if len(apart) != 3 || errors.Join(errs...) != nil {
				t.Fatalf("three lines: %#v, %v", apart, errs)
			}
			for _, lines := range [][]string{
				{a + ", " + b + ", " + a},
				{a + "," + b + "," + a},
				{a + " , " + b, a},
				{a, b + "\r\n ,\r\n " + a},
				{a + ",, " + b, ",", a + ","},
			} {
				for i := range lines {
					lines[i] = p.name + ": " + lines[i]
				}
				got, _ := p.values(withHeaders(t, lines...))
				if !reflect.DeepEqual(got, apart) {
					t.Errorf("%q: %#v; want %#v", lines, got, apart)
				}
			}
			// A bad element is an error of its own and hides no other.
			if got, errs := p.values(withHeaders(t, p.name+": "+a+`, "\, `+"", p.name+": "+b)); len(got) != 3 ||
				errs[0] != nil || errs[1] == nil || errs[2] != nil {
				t.Errorf("with a bad one between: %#v, %v", got, errs)
			}
		})
	}
}

// TestHeaderInjection: no text of a program, in whatever field of a value, gets
// out of its line.
func TestHeaderInjection(t *testing.T) {
	for _, evil := range []string{
		"x\r\nEvil: 1", "x\nEvil: 1", "x\rEvil: 1", "\r\n\r\nEvil", "a\x00b", "\"\r\nEvil: 1\r\n\"", "<\r\nEvil: 1>",
		";a=\"\r\nEvil: 1", "\\\r\nEvil: 1", "a=\"b\r\nEvil: 1\"",
	} {
		for _, p := range allHeaders() {
			m := withHeaders(t, "X-Before: 1", "X-After: 2")
			p.add(m, p.poisoned(evil))
			p.set(m, p.poisoned(evil), p.poisoned(evil))
			p.prepend(m, p.poisoned(evil))
			text := m.String()
			if strings.ContainsAny(strings.ReplaceAll(text, "\r\n", ""), "\r\n\x00") || strings.Contains(text, "\nEvil") {
				t.Errorf("%s with %q: %q", p.name, evil, text)
			}
			got, err := Parse(text, Limits{})
			if err != nil {
				t.Fatalf("%s with %q: %v", p.name, evil, err)
			}
			for name := range got.Fields() {
				if name != p.name && name != "X-Before" && name != "X-After" && name != "Content-Length" {
					t.Errorf("%s with %q has made a header %q", p.name, evil, name)
				}
			}
			p.values(got)
		}
	}
}
