package sip

import (
	"slices"
	"testing"
)

func TestUnfold(t *testing.T) {
	for in, want := range map[string]string{
		"plain":               "plain",
		"a\r\n b":             "a b",
		"a \t\r\n \t b":       "a b",
		"a\n\tb":              "a b",
		"a\r\n \r\n b":        "a b",
		"a  b\r\n c":          "a  b c",
		"newfangled\r\n more": "newfangled more",
	} {
		if got := unfold(in); got != want {
			t.Errorf("unfold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestTrimLWS(t *testing.T) {
	for in, want := range map[string]string{
		"": "", " ": "", "\r\n ": "", " a ": "a", "\t\r\n a b\r\n": "a b",
	} {
		if got := trimLWS(in); got != want {
			t.Errorf("trimLWS(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestUnquote(t *testing.T) {
	for in, want := range map[string]string{
		`plain`:      `plain`,
		`""`:         ``,
		`"a b"`:      `a b`,
		`"a\"b\\c"`:  `a"b\c`,
		`"half`:      `"half`,
		`"`:          `"`,
		`"a\`:        `"a\`,
		`"Ж"`:        `Ж`,
		"\"\\\x00\"": "\x00",
	} {
		if got := unquote(in); got != want {
			t.Errorf("unquote(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestAppendQuoted(t *testing.T) {
	for in, want := range map[string]string{
		``: `""`, `a b`: `"a b"`, `a"b\c`: `"a\"b\\c"`, "a\r\nb\x00c": `"abc"`,
	} {
		if got := string(appendQuoted(nil, in)); got != want {
			t.Errorf("appendQuoted(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSplit(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want []string
	}{
		{"", []string{""}},
		{"a", []string{"a"}},
		{"a,b , c", []string{"a", "b", "c"}},
		{`"a,b" <sip:c,d@e>;x="f,\",g",h`, []string{`"a,b" <sip:c,d@e>;x="f,\",g"`, "h"}},
		{`"open, a`, []string{`"open, a`}},
		{`<open, a`, []string{`<open, a`}},
		{`a,"b,c`, []string{"a", `"b,c`}},
		{`a>b,c`, []string{"a>b", "c"}},
		{",,", []string{"", "", ""}},
	} {
		var got []string
		rest, more := tt.in, true
		for more {
			var v string
			v, rest, more = cutComma(rest)
			got = append(got, v)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("split of %q: %q, want %q", tt.in, got, tt.want)
		}
	}
	if v, rest, more := cutSemi(` a="x;y" ; b;c`); v != `a="x;y"` || rest != "b;c" || !more {
		t.Errorf("cutSemi: %q %q %v", v, rest, more)
	}
}

func TestEqualFold(t *testing.T) {
	if !equalFold("Call-ID", "cALL-iD") || equalFold("a", "ab") || equalFold("[", "{") {
		t.Error("ASCII case")
	}
	// The Kelvin sign folds to k in Unicode, not in SIP.
	if equalFold("\u212a", "k") {
		t.Error("Unicode case")
	}
}

func TestToLower(t *testing.T) {
	if got := toLower("SIPS-9É"); got != "sips-9É" {
		t.Errorf("got %q", got)
	}
	if n := testing.AllocsPerRun(10, func() { toLower("already lower") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestParseUint32(t *testing.T) {
	for in, want := range map[string]uint32{"0": 0, "0068": 68, "4294967295": 1<<32 - 1, "00000000000001": 1} {
		if got, err := parseUint32(in); err != nil || got != want {
			t.Errorf("parseUint32(%q) = %d, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "-1", "+1", "1 ", "4294967296", "36893488147419103232", "1e3", "0x1"} {
		if got, err := parseUint32(in); err == nil {
			t.Errorf("parseUint32(%q) = %d", in, got)
		}
	}
	if _, err := parsePort("65536"); err == nil {
		t.Error("port 65536")
	}
}
