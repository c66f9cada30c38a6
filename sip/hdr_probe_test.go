package sip

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// withHeaders returns a request that has the given header lines.
func withHeaders(t testing.TB, lines ...string) *Message {
	t.Helper()
	lines = append([]string{"OPTIONS sip:bob@biloxi.example.com SIP/2.0"}, lines...)
	m, err := Parse(strings.Join(lines, "\r\n")+"\r\n\r\n", Limits{})
	if err != nil {
		t.Fatalf("message with %q: %v", lines, err)
	}
	return m
}

// sent writes m out and reads it again, as the peer does.
func sent(t testing.TB, m *Message) *Message {
	t.Helper()
	got, err := Parse(m.String(), Limits{})
	if err != nil {
		t.Fatalf("%v in %q", err, m.String())
	}
	return got
}

// A headerCase is one row of the table of a header family.
type headerCase struct {
	name string
	run  func(t *testing.T)
}

func runCases(t *testing.T, cases []headerCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, c.run)
	}
}

// reads says that wire is decoded to want, and that want is written as text,
// which is decoded to want again.
func reads[T any](h Header[T], wire string, want T, text string) headerCase {
	return headerCase{h.Name() + "/" + wire, func(t *testing.T) {
		got, err := h.Get(withHeaders(t, h.Name()+": "+wire))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("read %#v, %v; want %#v", got, err, want)
		}
		m := withHeaders(t)
		h.Set(m, got)
		if s, _ := Named(h.Name()).Get(m); s != text {
			t.Errorf("written %q, want %q", s, text)
		}
		again, err := h.Get(sent(t, m))
		if err != nil || !reflect.DeepEqual(again, want) {
			t.Errorf("%q is read back as %#v, %v", text, again, err)
		}
	}}
}

// same is reads for wire text that is written as it was.
func same[T any](h Header[T], wire string, want T) headerCase { return reads(h, wire, want, wire) }

// lists says that the lines hold these values together.
func lists[T any](h Header[T], lines []string, want ...T) headerCase {
	return headerCase{h.Name() + "/" + strings.Join(lines, "|"), func(t *testing.T) {
		for i, l := range lines {
			lines[i] = h.Name() + ": " + l
		}
		got, err := h.Values(withHeaders(t, lines...))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("read %#v, %v; want %#v", got, err, want)
		}
	}}
}

// rejects says that the value is an error of its header, and that the message
// is read all the same.
func rejects[T any](h Header[T], wire string) headerCase {
	return headerCase{h.Name() + "/bad/" + wire, func(t *testing.T) {
		m := withHeaders(t, h.Name()+": "+wire, "Subject: still here")
		got, err := h.Get(m)
		if bad, ok := err.(*HeaderError); !ok || bad.Name != h.Name() || bad.Err == ErrMissing {
			t.Errorf("%q gives %#v, %v; want a HeaderError of %s", wire, got, err, h.Name())
		}
		if s, err := Subject.Get(m); s != "still here" || err != nil {
			t.Errorf("next header: %q, %v", s, err)
		}
		for range h.All(m) { // one bad value must not end the process
		}
	}}
}

// A probe is a descriptor with its type hidden, and values to try it with.
type probe struct {
	name     string
	typ      string
	list     bool
	samples  []string // two values in canonical form
	parse    func(s string) (any, error)
	values   func(m *Message) ([]any, []error)
	set      func(m *Message, vs ...any)
	add      func(m *Message, v any)
	prepend  func(m *Message, v any)
	first    func(m *Message)
	remove   func(m *Message)
	has      func(m *Message) bool
	get      func(m *Message) (any, error)
	poisoned func(text string) any
}

// known wraps a descriptor.
func known[T any](h Header[T], samples ...string) probe {
	return probe{
		name:    h.Name(),
		typ:     strings.ReplaceAll(fmt.Sprintf("%T", *new(T)), "sip.", ""),
		list:    h.codec.List,
		samples: samples,
		parse:   func(s string) (any, error) { return h.codec.Parse(s) },
		values: func(m *Message) (vs []any, errs []error) {
			for v, err := range h.All(m) {
				vs, errs = append(vs, v), append(errs, err)
			}
			return vs, errs
		},
		set: func(m *Message, vs ...any) {
			ts := make([]T, len(vs))
			for i, v := range vs {
				ts[i] = v.(T)
			}
			h.Set(m, ts...)
		},
		add:     func(m *Message, v any) { h.Add(m, v.(T)) },
		prepend: func(m *Message, v any) { h.Prepend(m, v.(T)) },
		first:   h.RemoveFirst,
		remove:  h.Remove,
		has:     h.Has,
		get:     func(m *Message) (any, error) { return h.Get(m) },
		poisoned: func(text string) any {
			v := reflect.New(reflect.TypeFor[T]())
			poison(v.Elem(), text)
			return v.Elem().Interface()
		},
	}
}

// poison puts text into every string of a value.
func poison(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Struct:
		for _, f := range v.Fields() {
			if f.CanSet() {
				poison(f, text)
			}
		}
	}
}
