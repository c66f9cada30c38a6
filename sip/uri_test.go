package sip

import (
	"strings"
	"testing"
)

func TestParseURI(t *testing.T) {
	for in, want := range map[string]URI{
		"sip:bob@biloxi.com":                       {Scheme: "sip", User: "bob", Host: "biloxi.com"},
		"SIP:Bob@Biloxi.Com":                       {Scheme: "sip", User: "Bob", Host: "Biloxi.Com"},
		"sips:192.0.2.4:5061":                      {Scheme: "sips", Host: "192.0.2.4", Port: 5061},
		"sip:[2001:db8::1]":                        {Scheme: "sip", Host: "[2001:db8::1]"},
		"sip:[2001:db8::1]:5070":                   {Scheme: "sip", Host: "[2001:db8::1]", Port: 5070},
		"sip:a@[fe80::1%25eth0]":                   {Scheme: "sip", User: "a", Host: "[fe80::1%25eth0]"},
		"sip:alice:secret@a.com":                   {Scheme: "sip", User: "alice", Password: "secret", Host: "a.com"},
		"sip:a.com;lr":                             {Scheme: "sip", Host: "a.com", Params: ";lr"},
		"sip:+1-212;isub=1@g;a=b":                  {Scheme: "sip", User: "+1-212;isub=1", Host: "g", Params: ";a=b"},
		"sip:a?b;c/d@h":                            {Scheme: "sip", User: "a?b;c/d", Host: "h"},
		"sip:a@h;p=1?Subject=x;y":                  {Scheme: "sip", User: "a", Host: "h", Params: ";p=1", Headers: "Subject=x;y"},
		"sip:a@h?X=1":                              {Scheme: "sip", User: "a", Host: "h", Headers: "X=1"},
		"sip:a@my_host":                            {Scheme: "sip", User: "a", Host: "my_host"},
		"sip:user;par=u%40example.net@example.com": {Scheme: "sip", User: "user;par=u%40example.net", Host: "example.com"},
		"tel:+1-212-555-1212;ext=5":                {Scheme: "tel", Opaque: "+1-212-555-1212;ext=5"},
		"urn:service:sos":                          {Scheme: "urn", Opaque: "service:sos"},
		"URN:uuid:F81D":                            {Scheme: "urn", Opaque: "uuid:F81D"},
		"soap.beep://192.0.2.103:3002":             {Scheme: "soap.beep", Opaque: "//192.0.2.103:3002"},
		"nobodyKnowsThisScheme:totallyopaque":      {Scheme: "nobodyknowsthisscheme", Opaque: "totallyopaque"},
		"cid:a@b":                                  {Scheme: "cid", Opaque: "a@b"},
	} {
		got, err := ParseURI(in)
		if err != nil || got != want {
			t.Errorf("ParseURI(%q) = %+v, %v", in, got, err)
			continue
		}
		// What was read is written as it was, but for the case of the scheme.
		scheme, rest, _ := strings.Cut(in, ":")
		if s := got.String(); s != strings.ToLower(scheme)+":"+rest {
			t.Errorf("%q comes back as %q", in, s)
		}
	}
}

func TestParseURIBad(t *testing.T) {
	for _, in := range []string{
		"", ":", "sip", "sip:", "sip:@", "sip:@h", "sip:a@", "sip::@h", "sip:a@h:", "sip:a@h:x", "sip:a@h:65536", "sip:a@h:-1",
		"sip:2001:db8::10", "sip:[2001:db8::1", "sip:[]", "sip:[x]", "sip:[::1]x", "sip:[::1]:", "sip:a@h@i", "sip: a@h", "sip:a@h ",
		"sip:a b@h", "<sip:a@h>", "sip:a@h>", "sip:\"a\"@h", "sip:a@h\r\n", "sip:a\x00@h", "1sip:a@h", "s p:a@h", "tel:", "a@b", "*",
		"sip:a@h;x=<y>", "sip:h\x7f",
	} {
		if got, err := ParseURI(in); err == nil {
			t.Errorf("ParseURI(%q) = %+v", in, got)
		}
	}
}

func TestParseURIAllocations(t *testing.T) {
	if n := testing.AllocsPerRun(10, func() {
		if _, err := ParseURI("sips:alice:pw@[2001:db8::1]:5061;transport=tcp;lr?Subject=x"); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestURIString(t *testing.T) {
	for _, tt := range []struct {
		uri  URI
		want string
	}{
		{URI{}, ""},
		{URI{Host: "h"}, "sip:h"},
		{URI{Scheme: "sip", User: "a", Host: "h", Params: "lr"}, "sip:a@h;lr"},
		{URI{Scheme: "sip", User: "a b", Password: "p@q:r", Host: "h"}, "sip:a%20b:p%40q:r@h"},
		{URI{Scheme: "sip", User: "a@b", Host: "h"}, "sip:a%40b@h"},
		{URI{Scheme: "sip", Host: "h>\r\nX: y"}, "sip:hX:y"},
		{URI{Scheme: "sip", Host: "h", Params: ";a=b?c@d"}, "sip:h;a=b%3Fc%40d"},
		{URI{Scheme: "sip", User: "u", Host: "h", Params: ";a=b?c@d"}, "sip:u@h;a=b%3Fc@d"},
		{URI{Scheme: "sip", Host: "h", Headers: "Subject=a b@c"}, "sip:h?Subject=a%20b%40c"},
		{URI{Scheme: "tel", Opaque: "+1 2"}, "tel:+1%202"},
		{URI{Scheme: "x\r\ny", Opaque: "z"}, "xy:z"},
		{URI{Scheme: "sip", User: "Жук", Host: "h"}, "sip:%D0%96%D1%83%D0%BA@h"},
	} {
		if got := tt.uri.String(); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.uri, got, tt.want)
		}
	}
}

func TestURIKind(t *testing.T) {
	for in, want := range map[string]bool{"sip:a@h": true, "SIPS:a@h": true, "tel:+1": false, "urn:x:y": false} {
		u, err := ParseURI(in)
		if err != nil || u.IsSIP() != want || u.IsZero() {
			t.Errorf("%q: %v %v", in, u.IsSIP(), err)
		}
	}
	if !(URI{}).IsZero() || (URI{}).IsSIP() {
		t.Error("the zero URI")
	}
}
