package sip

import (
	"strings"
	"testing"
	"time"
)

// The first two blocks are the examples of RFC 3261 §19.1.4.
func TestURIEqual(t *testing.T) {
	for _, tt := range []struct {
		a, b  string
		equal bool
	}{
		{"sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp", true},
		{"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", true},
		{"sip:carol@chicago.com", "sip:carol@chicago.com;security=on", true},
		{"sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on", true},
		{"sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com", "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com", true},
		{"sip:alice@atlanta.com?subject=project%20x&priority=urgent", "sip:alice@atlanta.com?priority=urgent&subject=project%20x", true},

		{"SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", false},
		{"sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp", false},
		{"sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting", false},
		{"sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4", false},
		// "equality is not transitive"
		{"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off", false},

		{"sip:a@h", "sips:a@h", false},
		{"sip:a:pw@h", "sip:a@h", false},
		{"sip:a:pw@h", "sip:a:PW@h", false},
		{"sip:a:p%57@h", "sip:a:pW@h", true},
		// An escaped reserved character is not the bare one.
		{"sip:a%3Bb@h", "sip:a;b@h", false},
		{"sip:a%3Bb@h", "sip:a%3bb@h", true},
		{"sip:a%40b@h", "sip:a%40b@h", true},
		{"sip:a%zz@h", "sip:a%zz@h", true},
		{"sip:a%zz@h", "sip:a%ZZ@h", false},
		{"sip:a@h;user=phone", "sip:a@h", false},
		{"sip:a@h;ttl=1", "sip:a@h", false},
		{"sip:a@h;method=INVITE", "sip:a@h", false},
		{"sip:a@h;maddr=1.2.3.4", "sip:a@h", false},
		{"sip:a@h;m%61ddr=1.2.3.4", "sip:a@h", false},
		{"sip:a@h;lr", "sip:a@h", true},
		{"sip:a@h;lr;x=1", "sip:a@h;X=1;LR", true},
		{"sip:a@h;x=%41", "sip:a@h;x=a", true},
		{"sip:cal%6Cer@h;%6C%72;n%61me=v%61lue%25%34%31", "sip:caller@h;lr;name=value%2541", true},
		{"sip:a@h?a=1&a=2", "sip:a@h?a=2&a=1", true},
		{"sip:a@h?a=1&a=1", "sip:a@h?a=1&a=2", false},
		{"sip:a@h?a=1&b=2", "sip:a@h?a=1", false},
		{"sip:a@h?A=1", "sip:a@h?a=1", true},
		{"sip:a@[2001:db8::1]", "sip:a@[2001:DB8:0:0::1]", true},
		{"sip:a@[2001:db8::1]", "sip:a@[2001:db8::2]", false},
		{"sip:a@[2001:db8:::1]", "sip:a@[2001:db8:::1]", true},

		// RFC 3966 §5
		{"tel:+1-212-555-1212", "tel:+12125551212", true},
		{"tel:+1(212)555.1212", "TEL:+12125551212", true},
		{"tel:+12125551212", "tel:12125551212;phone-context=+1", false},
		{"tel:7042;phone-context=Example.com", "tel:7042;phone-context=example.com", true},
		{"tel:7042;phone-context=example.com", "tel:7042;phone-context=example.org", false},
		{"tel:863-1234;phone-context=+1-914-555", "tel:8631234;phone-context=+1914555", true},
		{"tel:+1212;ext=5-5;a=b", "tel:+1212;A=B;EXT=55", true},
		{"tel:+1212;ext=55", "tel:+1212", false},
		{"tel:+1212;ext=55", "tel:+1212;ext=56", false},
		{"tel:+12", "tel:+123", false},
		{"tel:A1;phone-context=x", "tel:a1;phone-context=x", true},

		// RFC 8141 §3.2, RFC 5031, RFC 9562
		{"urn:example:a123,z456", "URN:example:a123,z456", true},
		{"urn:example:a123,z456", "urn:EXAMPLE:a123,z456", true},
		{"urn:example:a123,z456", "urn:example:a123,z456?+abc", true},
		{"urn:example:a123,z456", "urn:example:a123,z456?=xyz", true},
		{"urn:example:a123,z456", "urn:example:a123,z456#789", true},
		{"urn:example:a123,z456", "urn:example:a123,z456/foo", false},
		{"urn:example:a123%2Cz456", "URN:EXAMPLE:a123%2cz456", true},
		{"urn:example:a123,z456", "urn:example:a123%2Cz456", false},
		{"urn:example:a123,z456", "urn:example:A123,z456", false},
		{"urn:service:sos", "urn:service:SOS", true},
		{"urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "urn:uuid:F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6", true},
		{"urn:x", "urn:x:", false},

		{"isbn:2983792873", "ISBN:2983792873", true},
		{"isbn:2983792873", "isbn:2983792874", false},
	} {
		a, err := ParseURI(tt.a)
		if err != nil {
			t.Fatalf("%q: %v", tt.a, err)
		}
		b, err := ParseURI(tt.b)
		if err != nil {
			t.Fatalf("%q: %v", tt.b, err)
		}
		if got := a.Equal(b); got != tt.equal {
			t.Errorf("%s = %s: %v", tt.a, tt.b, got)
		}
		if got := b.Equal(a); got != tt.equal {
			t.Errorf("%s = %s: %v", tt.b, tt.a, got)
		}
		if !a.Equal(a) || !b.Equal(b) {
			t.Errorf("%s or %s does not equal itself", tt.a, tt.b)
		}
	}
}

// A peer that sends thousands of parameters must not buy minutes with them.
func TestEqualIsBounded(t *testing.T) {
	for _, in := range []string{
		"sip:h" + strings.Repeat(";a", 8000), "sip:h?" + strings.Repeat("a&", 8000), "tel:1" + strings.Repeat(";a", 8000),
	} {
		a, err := ParseURI(in + "b")
		if err != nil {
			t.Fatal(err)
		}
		b, err := ParseURI(in + "c")
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if !a.Equal(a) || a.Equal(b) {
			t.Errorf("%.10q: long lists are the same when they are the same text", in)
		}
		if d := time.Since(start); d > time.Second {
			t.Errorf("%.10q: took %v", in, d)
		}
	}
	if _, ok := Params(";a=" + strings.Repeat("<", 1<<20) + ";b").Get("b"); !ok {
		t.Error("the parameter after the brackets is lost")
	}
}
