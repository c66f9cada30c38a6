package sip

import "testing"

func TestParseAddr(t *testing.T) {
	bob := URI{Scheme: "sip", User: "bob", Host: "h"}
	for in, want := range map[string]Addr{
		`sip:bob@h`:                        {URI: bob},
		` <sip:bob@h> `:                    {URI: bob},
		`<sip:bob@h>;tag=1`:                {URI: bob, Params: ";tag=1"},
		`sip:bob@h;tag=1`:                  {URI: bob, Params: ";tag=1"},
		`sip:bob@h ;   tag    = 19`:        {URI: bob, Params: ";   tag    = 19"},
		`<sip:bob@h;lr>;tag=1`:             {URI: URI{Scheme: "sip", User: "bob", Host: "h", Params: ";lr"}, Params: ";tag=1"},
		`Bob <sip:bob@h>`:                  {Display: "Bob", URI: bob},
		`Bob the  Builder<sip:bob@h>`:      {Display: "Bob the  Builder", URI: bob},
		`"B, \"o\\b\"; <x>" <sip:bob@h>`:   {Display: `B, "o\b"; <x>`, URI: bob},
		`"" <sip:bob@h>`:                   {URI: bob},
		`"Bob"<sip:bob@h>;a="<;>";tag = 2`: {Display: "Bob", URI: bob, Params: `;a="<;>";tag = 2`},
		`*`:                                {Star: true},
		`<tel:+1-2;ext=3>;q=0.5`:           {URI: URI{Scheme: "tel", Opaque: "+1-2;ext=3"}, Params: ";q=0.5"},
		`sip:bob@h?Route=%3Csip:x%3E`:      {URI: URI{Scheme: "sip", User: "bob", Host: "h", Headers: "Route=%3Csip:x%3E"}},
		// Lenient: RFC 4475 §3.1.2.14 and §3.1.2.15.
		`"Bob" < sip:bob@h >`:       {Display: "Bob", URI: bob},
		`Bell, A. <sip:bob@h>`:      {Display: "Bell, A.", URI: bob},
		`Bob "B" Smith <sip:bob@h>`: {Display: `Bob "B" Smith`, URI: bob},
	} {
		if got, err := ParseAddr(in); err != nil || got != want {
			t.Errorf("ParseAddr(%q) = %+v, %v", in, got, err)
		}
	}
	for _, in := range []string{
		"", "<>", "<sip:bob@h", "sip:bob@h>", `"Bob <sip:bob@h>`, `"Bob" sip:bob@h`, "Bob", "<sip:bob@h>x", "<sip:bob@h> tag=1",
		"<bob>", "* x", "sip:bob@h, sip:x@y", `Bob "x <sip:bob@h>`,
	} {
		if got, err := ParseAddr(in); err == nil {
			t.Errorf("ParseAddr(%q) = %+v", in, got)
		}
	}
}

func TestAddrString(t *testing.T) {
	bob := URI{Scheme: "sip", User: "bob", Host: "h", Params: ";lr"}
	for _, tt := range []struct {
		addr Addr
		want string
	}{
		{Addr{URI: bob}, "<sip:bob@h;lr>"},
		{Addr{URI: bob, Params: ";tag=1"}, "<sip:bob@h;lr>;tag=1"},
		{Addr{URI: bob, Params: "tag=1"}, "<sip:bob@h;lr>;tag=1"},
		{Addr{Display: `B "x" \`, URI: bob}, `"B \"x\" \\" <sip:bob@h;lr>`},
		{Addr{Star: true, Display: "x"}, "*"},
		{Addr{URI: bob}.WithTag("a"), "<sip:bob@h;lr>;tag=a"},
		{Addr{URI: bob, Params: ";tag=b;x"}.WithTag("a"), "<sip:bob@h;lr>;tag=a;x"},
	} {
		got := tt.addr.String()
		if got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.addr, got, tt.want)
		}
		if _, err := ParseAddr(got); err != nil {
			t.Errorf("%q does not come back: %v", got, err)
		}
	}
}

func TestAddrParams(t *testing.T) {
	a, err := ParseAddr(`<sip:bob@h;tag=no>;Q=0.33;TAG=yes`)
	if err != nil {
		t.Fatal(err)
	}
	if a.Tag() != "yes" || a.IsStar() {
		t.Errorf("tag %q", a.Tag())
	}
	if q, ok := a.Q(); !ok || q != 0.33 {
		t.Errorf("q %v %v", q, ok)
	}
	for in, want := range map[string]float32{"1": 1, "0": 0, "0.5": 0.5, "1.000": 1, ".5": 0.5, "0.": 0} {
		if q, ok := (Addr{Params: Params(";q=" + in)}).Q(); !ok || q != want {
			t.Errorf("q=%s: %v %v", in, q, ok)
		}
	}
	for _, in := range []string{"", ";q", ";q=", ";q=x", ";q=-0.5", ";q=1.1", ";q=NaN", ";q=Inf", ";q=0x1p-2", ";q=1e-1"} {
		if q, ok := (Addr{Params: Params(in)}).Q(); ok {
			t.Errorf("%s: %v", in, q)
		}
	}
}

func TestParseAddrAllocations(t *testing.T) {
	if n := testing.AllocsPerRun(10, func() {
		if _, err := ParseAddr(`"Alice Liddell" <sip:alice@example.com>;tag=1928301774`); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
