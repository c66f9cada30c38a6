package sip

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// head makes a message of header lines, separated by "|".
func head(tb testing.TB, lines string) *Message {
	tb.Helper()
	return mustParse(tb, "OPTIONS sip:h SIP/2.0\r\n"+strings.ReplaceAll(lines, "|", "\r\n")+"\r\n\r\n")
}

// headLines returns the header lines of a message, separated by "|", without
// the Content-Length that writing adds.
func headLines(m *Message) string {
	s := strings.TrimSuffix(m.String(), "\r\n\r\n")
	_, s, _ = strings.Cut(s, "\r\n")
	s = strings.TrimSuffix(s, "Content-Length: 0")
	return strings.ReplaceAll(strings.TrimSuffix(s, "\r\n"), "\r\n", "|")
}

func TestHeaderGet(t *testing.T) {
	m := head(t, `v: SIP/2.0/UDP a, SIP/2.0/UDP b|VIA: SIP/2.0/UDP c|m: "x,y" <sip:a@b>,<sip:c@d>|max-forwards: 0068|X-Y: 1|x-y: 2`)
	if h, err := Via.Get(m); err != nil || h.Host != "a" {
		t.Errorf("Via: %v %v", h, err)
	}
	if n, err := MaxForwards.Get(m); err != nil || n != 68 {
		t.Errorf("Max-Forwards: %v %v", n, err)
	}
	hops, err := Via.Values(m)
	if err != nil || len(hops) != 3 || hops[2].Host != "c" {
		t.Errorf("Via: %v %v", hops, err)
	}
	contacts, err := Contact.Values(m)
	if err != nil || len(contacts) != 2 || contacts[0].Display != "x,y" || contacts[1].URI.User != "c" {
		t.Errorf("Contact: %v %v", contacts, err)
	}
	if vs, _ := Named("X-Y").Values(m); !slices.Equal(vs, []string{"1", "2"}) {
		t.Errorf("X-Y: %q", vs)
	}
	if v, err := Named("contact").Get(m); err != nil || v != `"x,y" <sip:a@b>,<sip:c@d>` {
		t.Errorf("raw Contact: %q %v", v, err)
	}
	if v, err := Named("V").Get(m); err != nil || v != "SIP/2.0/UDP a, SIP/2.0/UDP b" {
		t.Errorf("raw Via: %q %v", v, err)
	}
	if !Contact.Has(m) || Route.Has(m) || Named("X").Has(m) {
		t.Error("Has")
	}
}

func TestHeaderMissing(t *testing.T) {
	m := head(t, "Supported:|Contact: ,")
	for name, err := range map[string]error{
		"Via":     second(Via.Get(m)),
		"Contact": second(Contact.Get(m)), // a list without elements
		"Foo":     second(Named("Foo").Get(m)),
	} {
		he, ok := errors.AsType[*HeaderError](err)
		if !errors.Is(err, ErrMissing) || !ok || he.Name != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	if v, err := Named("k").Get(m); err != nil || v != "" {
		t.Errorf("an empty header is there: %q %v", v, err)
	}
	if vs, err := Contact.Values(m); vs != nil || err != nil {
		t.Errorf("Contact: %v %v", vs, err)
	}
	if n := testing.AllocsPerRun(10, func() { Route.Get(m) }); n != 0 {
		t.Errorf("asking for what is not there allocates %v times", n)
	}
}

func second[T any](_ T, err error) error { return err }

// A bad value is an error of that value and of no other.
func TestHeaderBad(t *testing.T) {
	m := head(t, "Contact: <sip:a@b>, <bad>, <sip:c@d>|Contact: *, <sip:e@f>|Max-Forwards: many")
	var got []string
	for a, err := range Contact.All(m) {
		if err != nil {
			he, ok := errors.AsType[*HeaderError](err)
			if !ok || he.Name != "Contact" {
				t.Errorf("error %v", err)
			}
			got = append(got, "bad "+he.Value)
			continue
		}
		got = append(got, a.URI.User)
	}
	if want := []string{"a", "bad <bad>", "c", "", "e"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if vs, err := Contact.Values(m); err == nil || len(vs) != 1 {
		t.Errorf("Values: %v %v", vs, err)
	}
	_, err := MaxForwards.Get(m)
	if err == nil || errors.Is(err, ErrMissing) || err.Error() != `sip: Max-Forwards: not a number in range in "many"` {
		t.Errorf("Max-Forwards: %v", err)
	}
	for range Contact.All(m) {
		break // must not go on
	}
}

func TestHeaderSet(t *testing.T) {
	a, b := Addr{URI: URI{Scheme: "sip", Host: "a"}}, Addr{URI: URI{Scheme: "sip", Host: "b"}}
	list := NewHeader("Foo", Codec[string]{Parse: rawCodec().Parse, Append: rawCodec().Append, List: true})
	for name, tt := range map[string]struct {
		before string
		change func(*Message)
		want   string
	}{
		"set new":            {"A: 1", func(m *Message) { MaxForwards.Set(m, 70) }, "A: 1|Max-Forwards: 70"},
		"set in place":       {"A: 1|max-forwards:  5|B: 2", func(m *Message) { MaxForwards.Set(m, 70) }, "A: 1|Max-Forwards: 70|B: 2"},
		"set all of a kind":  {"m: <sip:x>|B: 2|Contact: <sip:y>", func(m *Message) { Contact.Set(m, a) }, "Contact: <sip:a>|B: 2"},
		"set two":            {"A: 1|Route: <sip:x>|B: 2", func(m *Message) { Route.Set(m, a, b) }, "A: 1|Route: <sip:a>|Route: <sip:b>|B: 2"},
		"set none":           {"A: 1|Route: <sip:x>|B: 2", func(m *Message) { Route.Set(m) }, "A: 1|B: 2"},
		"set list":           {"A: 1", func(m *Message) { list.Set(m, "x", "y") }, "A: 1|Foo: x, y"},
		"add after its kind": {"m: <sip:x>|B: 2", func(m *Message) { Contact.Add(m, a) }, "m: <sip:x>|Contact: <sip:a>|B: 2"},
		"add new":            {"B: 2", func(m *Message) { Contact.Add(m, a) }, "B: 2|Contact: <sip:a>"},
		"prepend":            {"A: 1|Route: <sip:x>", func(m *Message) { Route.Prepend(m, a) }, "A: 1|Route: <sip:a>|Route: <sip:x>"},
		"prepend new":        {"Via: v|Via: w|A: 1", func(m *Message) { Route.Prepend(m, a) }, "Via: v|Via: w|Route: <sip:a>|A: 1"},
		"prepend via":        {"A: 1", func(m *Message) { Via.Prepend(m, Hop{Transport: "UDP", Host: "h"}) }, "Via: SIP/2.0/UDP h|A: 1"},
		"remove":             {"m: <sip:x>|B: 2|CONTACT: <sip:y>", func(m *Message) { Contact.Remove(m) }, "B: 2"},
		"remove unknown":     {"x-y: 1|B: 2|X-Y: 3", func(m *Message) { Named("X-y").Remove(m) }, "B: 2"},
		"remove first line":  {"v: SIP/2.0/UDP a|B: 2|v: SIP/2.0/UDP b", func(m *Message) { Via.RemoveFirst(m) }, "B: 2|v: SIP/2.0/UDP b"},
		"remove first value": {"v:SIP/2.0/UDP a ,  SIP/2.0/UDP b,c|B: 2", func(m *Message) { Via.RemoveFirst(m) }, "v: SIP/2.0/UDP b,c|B: 2"},
		"remove past empty":  {"Route: ,|Route: ,<sip:x>, <sip:y>", func(m *Message) { Route.RemoveFirst(m) }, "Route: <sip:y>"},
		"remove nothing":     {"B: 2", func(m *Message) { Via.RemoveFirst(m) }, "B: 2"},
		"remove bad value":   {"Route: bad, <sip:y>", func(m *Message) { Route.RemoveFirst(m) }, "Route: <sip:y>"},
		"set first":          {"A: 1|m: <sip:x>, <sip:y>|m: <sip:z>", func(m *Message) { Contact.SetFirst(m, a) }, "A: 1|Contact: <sip:a>|m: <sip:y>|m: <sip:z>"},
		"set first of one":   {"A: 1|m: <sip:x>|m: <sip:z>", func(m *Message) { Contact.SetFirst(m, a) }, "A: 1|Contact: <sip:a>|m: <sip:z>"},
		"set first of none":  {"A: 1", func(m *Message) { Contact.SetFirst(m, a) }, "Contact: <sip:a>|A: 1"},
		"star":               {"A: 1", func(m *Message) { Contact.Set(m, Addr{Star: true}) }, "A: 1|Contact: *"},
		"no name":            {"A: 1", func(m *Message) { Named("\r\n").Set(m, "x"); Named("").Add(m, "y"); Named(":").Prepend(m, "z") }, "A: 1"},
	} {
		m := head(t, tt.before)
		tt.change(m)
		if got := headLines(m); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestHeaderCopy(t *testing.T) {
	src := head(t, "Record-Route: <sip:a;lr>,\r\n <sip:b;lr>|A: 1|RECORD-ROUTE:<sip:c>")
	dst := head(t, "X: 1|Record-Route: <sip:old>|Y: 2")
	RecordRoute.Copy(dst, src)
	if got := headLines(dst); got != "X: 1|Record-Route: <sip:a;lr>,| <sip:b;lr>|RECORD-ROUTE:<sip:c>|Y: 2" {
		t.Errorf("got %q", got)
	}
	Route.Copy(dst, src)
	RecordRoute.Copy(dst, dst)
	RecordRoute.Copy(dst, head(t, "A: 1"))
	if got := headLines(dst); got != "X: 1|Y: 2" {
		t.Errorf("got %q", got)
	}
}

// Descriptors from outside have the same rights as ours.
func TestNewHeader(t *testing.T) {
	even := NewHeader("X-Even", Codec[int]{
		Parse: func(s string) (int, error) {
			n, err := parseUint32(s)
			if err == nil && n%2 == 1 {
				err = errors.New("odd")
			}
			return int(n), err
		},
		Append: appendInt,
		List:   true,
	})
	m := head(t, "x-even: 2,3 , 4|X-EVEN: 6")
	var got []int
	bad := 0
	for n, err := range even.All(m) {
		if err != nil {
			bad++
			continue
		}
		got = append(got, n)
	}
	if !slices.Equal(got, []int{2, 4, 6}) || bad != 1 {
		t.Errorf("got %v and %d bad", got, bad)
	}
	even.Set(m, 8, 10)
	if got := headLines(m); got != "X-Even: 8, 10" {
		t.Errorf("got %q", got)
	}
	for in, want := range map[string]string{"t": "To", "call-id": "Call-ID", "x-FOO": "x-FOO", "a b\r\n": "ab", "z": "z"} {
		if got := Named(in).Name(); got != want {
			t.Errorf("Named(%q) is %q, want %q", in, got, want)
		}
	}
}
