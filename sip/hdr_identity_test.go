package sip

import (
	"slices"
	"testing"
)

func TestIdentityHeaders(t *testing.T) {
	runCases(t, []headerCase{
		lists(PAssertedIdentity, []string{`"Cullen Jennings" <sip:fluffy@cisco.com>, tel:+14085264000`},
			Addr{Display: "Cullen Jennings", URI: URI{Scheme: "sip", User: "fluffy", Host: "cisco.com"}}, Addr{URI: URI{Scheme: "tel", Opaque: "+14085264000"}}),
		same(PPreferredIdentity, "<sip:fluffy@cisco.com>", Addr{URI: URI{Scheme: "sip", User: "fluffy", Host: "cisco.com"}}),
		rejects(PAssertedIdentity, "Cullen Jennings"),
		same(Identity, "eyJh.eyJ0.rq3p-_;info=<https://biloxi.example.org/a;b,c>;alg=ES256;ppt=shaken",
			SignedIdentity{"eyJh.eyJ0.rq3p-_", ";info=<https://biloxi.example.org/a;b,c>;alg=ES256;ppt=shaken"}),
		reads(Identity, `"sv5CTo05Kqp+Sm=";info=<x:y>`, SignedIdentity{"sv5CTo05Kqp+Sm=", ";info=<x:y>"}, "sv5CTo05Kqp+Sm=;info=<x:y>"),
		rejects(Identity, ";info=<https://x>"),
		rejects(Identity, "a b;info=<https://x>"),
		rejects(Identity, `"";info=<https://x>`),
		rejects(Identity, "ab;info=<https://x;alg=y"),
		same(IdentityInfo, "<https://a.example/cert>;alg=rsa-sha1", Addr{URI: URI{Scheme: "https", Opaque: "//a.example/cert"}, Params: ";alg=rsa-sha1"}),
	})
}

func TestSignedIdentity(t *testing.T) {
	info, err := ParseURI("https://cert.example.org/passport.cer;v=1")
	if err != nil {
		t.Fatal(err)
	}
	v := NewIdentity("eyJh.eyJ0.\r\n\"rq3p", info, "ES256", "shaken")
	m := withHeaders(t)
	Identity.Set(m, v)
	if got, _ := Named("y").Get(m); got != "eyJh.eyJ0.rq3p;info=<https://cert.example.org/passport.cer;v=1>;alg=ES256;ppt=shaken" {
		t.Error(got)
	}
	got, err := Identity.Get(sent(t, m))
	if err != nil || got.Info() != info.String() || got.Alg() != "ES256" || got.PPT() != "shaken" {
		t.Errorf("%#v, %v", got, err)
	}
	if v := NewIdentity("a", info, "", ""); v.Alg() != "" || v.PPT() != "" {
		t.Error(v)
	}
}

func TestPrivacy(t *testing.T) {
	runCases(t, []headerCase{
		same(Privacy, "id", PrivacySet("id")),
		same(Privacy, "header;session;user;critical", PrivacySet("header;session;user;critical")),
		rejects(Privacy, ""),
		rejects(Privacy, ";"),
		rejects(Privacy, "id critical"),
		rejects(Privacy, `"id"`),
	})
	v, err := Privacy.Get(withHeaders(t, "Privacy: ID ; user,,critical"))
	if err != nil || !slices.Equal(slices.Collect(v.All()), []string{"ID", "user", "critical"}) {
		t.Error(v, err)
	}
	if !v.Has("id") || !v.Has("CRITICAL") || v.Has("none") {
		t.Error(v)
	}
	if got := string(v.Append(nil)); got != "ID;user;critical" {
		t.Error(got)
	}
	if got := string(PrivacySet("id;a b;\r\nuser").Append(nil)); got != "id;user" {
		t.Error(got)
	}
}
