package sip

import (
	"testing"
	"time"
)

func TestContactParams(t *testing.T) {
	const urn = "urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF"
	pub := URI{Scheme: "sip", User: "callee", Host: "example.com"}.WithParam("gr", urn)
	temp := URI{Scheme: "sip", User: "tgruu.7hs==jd7", Host: "example.com"}.WithParam("gr", "")
	a := Addr{URI: URI{Scheme: "sip", User: "callee", Host: "192.0.2.1"}.WithOutbound(), Params: ";methods=\"INVITE,BYE\";x=y"}.
		WithInstance(urn).WithRegID(1).WithQ(0.25).WithExpires(time.Hour).WithGRUU(pub, temp)
	m := withHeaders(t)
	Contact.Set(m, a)
	if got, _ := Named("Contact").Get(m); got != `<sip:callee@192.0.2.1;ob>;methods="INVITE,BYE";x=y;+sip.instance="<`+urn+`>"`+
		`;reg-id=1;q=0.25;expires=3600;pub-gruu="sip:callee@example.com;gr=`+urn+`";temp-gruu="sip:tgruu.7hs==jd7@example.com;gr"` {
		t.Error(got)
	}
	a, err := Contact.Get(sent(t, m))
	if err != nil || a.Instance() != urn || !a.URI.Outbound() || pub.Outbound() {
		t.Fatalf("%#v, %v", a, err)
	}
	if n, ok := a.RegID(); n != 1 || !ok {
		t.Error(n, ok)
	}
	if d, ok := a.Expires(); d != time.Hour || !ok {
		t.Error(d, ok)
	}
	if q, ok := a.Q(); q != 0.25 || !ok {
		t.Error(q, ok)
	}
	for text, want := range map[string]string{a.PubGRUU(): urn, a.TempGRUU(): ""} {
		u, err := ParseURI(text)
		if gr, ok := u.GRUU(); gr != want || !ok || err != nil {
			t.Errorf("%s: %q, %v, %v", text, gr, ok, err)
		}
	}
	if a = a.WithGRUU(URI{}, URI{}); a.PubGRUU() != "" || a.TempGRUU() != "" {
		t.Error(a)
	}
}

func TestContactParamsMissing(t *testing.T) {
	for _, s := range []string{"<sip:a@b>", "<sip:a@b>;expires=x;reg-id=0;q=2", "<sip:a@b>;expires;reg-id=2147483648"} {
		a, err := ParseAddr(s)
		if err != nil {
			t.Fatal(err)
		}
		_, expires := a.Expires()
		_, reg := a.RegID()
		_, gruu := a.URI.GRUU()
		_, push := a.URI.Push()
		if expires || reg || gruu || push || a.Instance() != "" || a.PubGRUU() != "" || a.URI.Outbound() {
			t.Error(s, expires, reg, gruu, push)
		}
	}
}

func TestPush(t *testing.T) {
	want := Push{Provider: "webpush", PRID: "https://push.example.net/a;b=c?d&e", Param: "TEAM.com.app:voip", PURR: "x=="}
	u := URI{Scheme: "sip", User: "alice", Host: "192.0.2.1", Params: ";transport=tcp"}.WithPush(want)
	text := u.String()
	if text != "sip:alice@192.0.2.1;transport=tcp;pn-provider=webpush;pn-prid=https:%2F%2Fpush.example.net%2Fa%3Bb%3Dc%3Fd%26e"+
		";pn-param=TEAM.com.app:voip;pn-purr=x%3D%3D" {
		t.Error(text)
	}
	again, err := ParseURI(text)
	if got, ok := again.Push(); got != want || !ok || err != nil {
		t.Errorf("%#v, %v, %v", got, ok, err)
	}
	if got, ok := (URI{Params: ";pn-purr=1"}).Push(); got != (Push{PURR: "1"}) || !ok {
		t.Errorf("%#v, %v", got, ok)
	}
}
