package sip

import (
	"testing"
	"time"
)

func TestCapabilityHeaders(t *testing.T) {
	runCases(t, []headerCase{
		same(Accept, "application/sdp;level=1", Item{"application/sdp", ";level=1"}),
		reads(Accept, "text / plain ; q=0.5", Item{"text/plain", "; q=0.5"}, "text/plain; q=0.5"),
		same(Accept, `a/b;x="1,2;3"`, Item{"a/b", `;x="1,2;3"`}),
		same(Accept, "*/*;q=0.1;;", Item{"*/*", ";q=0.1;;"}),
		lists(Accept, []string{`a/b;x="1,2", c/d`, "e/f"}, Item{"a/b", `;x="1,2"`}, Item{"c/d", ""}, Item{"e/f", ""}),
		lists(Accept, []string{""}),
		rejects(Accept, "text plain"),
		rejects(Accept, `a/b;x="1`),
		rejects(Accept, `a/b;x="1"2`),
		rejects(Accept, "a/b;x y=1"),
		rejects(Accept, ";q=1"),
		same(AcceptEncoding, "*;q=0", Item{"*", ";q=0"}),
		rejects(AcceptEncoding, "gzip/x"),
		same(AcceptLanguage, "en-gb;q=0.8", Item{"en-gb", ";q=0.8"}),
		lists(Allow, []string{"INVITE,ACK , BYE", "invite"}, INVITE, ACK, BYE, Method("invite")),
		rejects(Allow, "INV ITE"),
		lists(Supported, []string{"100rel,timer", "replaces"}, "100rel", "timer", "replaces"),
		lists(Supported, []string{""}),
		rejects(Supported, `"100rel"`),
		same(Require, "100rel", "100rel"),
		same(ProxyRequire, "foo", "foo"),
		same(Unsupported, "foo", "foo"),
		rejects(Unsupported, "foo;bar"),
	})
}

func TestContentHeaders(t *testing.T) {
	runCases(t, []headerCase{
		same(ContentDisposition, "session;handling=optional", Item{"session", ";handling=optional"}),
		rejects(ContentDisposition, ";handling=optional"),
		lists(ContentEncoding, []string{"gzip, tar"}, "gzip", "tar"),
		rejects(ContentEncoding, "g zip"),
		same(ContentLanguage, "fr", "fr"),
		same(MIMEVersion, "1.0", "1.0"),
		rejects(MIMEVersion, "1 0"),
	})
}

func TestTextHeaders(t *testing.T) {
	runCases(t, []headerCase{
		same(Subject, "Tech, Support; \"now\"", `Tech, Support; "now"`),
		same(Subject, "", ""),
		same(Organization, "Größe, AG", "Größe, AG"),
		reads(Server, "  HomeServer \t v2  ", "HomeServer \t v2", "HomeServer \t v2"),
		same(UserAgent, "Softphone (Beta; 1.5)", "Softphone (Beta; 1.5)"),
	})
}

func TestPointerHeaders(t *testing.T) {
	web := func(opaque string, p Params) Addr { return Addr{URI: URI{Scheme: "http", Opaque: opaque}, Params: p} }
	runCases(t, []headerCase{
		same(AlertInfo, "<http://x.example/a,b;c>;info=alert-autoanswer", web("//x.example/a,b;c", ";info=alert-autoanswer")),
		rejects(AlertInfo, "Bellcore-dr1"),
		rejects(AlertInfo, "*"),
		lists(CallInfo, []string{"<http://a/x,y>;purpose=icon, <http://b>"}, web("//a/x,y", ";purpose=icon"), web("//b", "")),
		rejects(CallInfo, "<http://a"),
		same(ErrorInfo, "<sip:rec@atlanta.com>", Addr{URI: URI{Scheme: "sip", User: "rec", Host: "atlanta.com"}}),
		lists(InReplyTo, []string{"70710@saturn.bell-tel.com, 17320@saturn.bell-tel.com"}, "70710@saturn.bell-tel.com", "17320@saturn.bell-tel.com"),
		rejects(InReplyTo, "a b@c"),
		reads(ReplyTo, "Bob <sip:bob@biloxi.com>", Addr{Display: "Bob", URI: URI{Scheme: "sip", User: "bob", Host: "biloxi.com"}}, `"Bob" <sip:bob@biloxi.com>`),
		rejects(ReplyTo, "Bob"),
	})
}

func TestTimeHeaders(t *testing.T) {
	runCases(t, []headerCase{
		same(Expires, "5", 5*time.Second),
		same(Expires, "4294967295", 4294967295*time.Second),
		reads(Expires, "4294967296", 4294967295*time.Second, "4294967295"),
		reads(Expires, "99999999999999999999999", 4294967295*time.Second, "4294967295"),
		reads(Expires, "007", 7*time.Second, "7"),
		rejects(Expires, ""),
		rejects(Expires, "-1"),
		rejects(Expires, "1.5"),
		rejects(Expires, "Thu, 01 Dec 1994 16:00:00 GMT"),
		same(MinExpires, "60", time.Minute),
		rejects(MinExpires, "soon"),
		same(Date, "Sat, 13 Nov 2010 23:29:00 GMT", time.Date(2010, 11, 13, 23, 29, 0, 0, time.UTC)),
		reads(Date, "Mon, 1 Nov 2010 23:29:00 UTC", time.Date(2010, 11, 1, 23, 29, 0, 0, time.UTC), "Mon, 01 Nov 2010 23:29:00 GMT"),
		rejects(Date, "Fri, 01 Jan 2010 16:00:00 EST"),
		rejects(Date, "Fri, 32 Jan 2010 16:00:00 GMT"),
		rejects(Date, "2010-01-01"),
		same(Priority, "urgent", "urgent"),
		rejects(Priority, "very urgent"),
	})
}

// TestSecondsAreWhole: a part of a second counts as one more, so that a short
// interval never becomes 0.
func TestSecondsAreWhole(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second:                 "0",
		0:                            "0",
		time.Nanosecond:              "1",
		1500 * time.Millisecond:      "2",
		time.Minute:                  "60",
		time.Duration(1<<63 - 1):     "4294967295",
		(1<<32 - 1) * time.Second:    "4294967295",
		(1<<32-1)*time.Second + 1000: "4294967295",
	} {
		m := withHeaders(t)
		Expires.Set(m, d)
		if got, _ := Named("Expires").Get(m); got != want {
			t.Errorf("%v is written as %s, want %s", d, got, want)
		}
	}
}

func TestDateIsWrittenInGMT(t *testing.T) {
	m := withHeaders(t)
	Date.Set(m, time.Date(2010, 11, 14, 1, 29, 0, 999, time.FixedZone("EET", 2*3600)))
	if got, _ := Named("Date").Get(m); got != "Sat, 13 Nov 2010 23:29:00 GMT" {
		t.Error(got)
	}
}

func TestHasToken(t *testing.T) {
	m := withHeaders(t, "k: Timer, \"bad\"", "Supported: 100rel", "Allow: INVITE, ACK, \"bad\", Bye")
	for token, want := range map[string]bool{"timer": true, "100REL": true, "replaces": false, "": false} {
		if HasToken(m, Supported, token) != want {
			t.Errorf("HasToken %q is not %v", token, want)
		}
	}
	for method, want := range map[Method]bool{INVITE: true, "invite": false, BYE: false, "Bye": true, "": false} {
		if Allows(m, method) != want {
			t.Errorf("Allows %q is not %v", method, want)
		}
	}
	if HasToken(m, Require, "timer") || Allows(withHeaders(t), INVITE) {
		t.Error("found in a header that is not there")
	}
}

// TestEmptyList: "Supported:" says that nothing is supported, which is not the
// same as no such header.
func TestEmptyList(t *testing.T) {
	m := withHeaders(t)
	Named("Recv-Info").Set(m, "")
	m = sent(t, m)
	if vs, err := RecvInfo.Values(m); !RecvInfo.Has(m) || len(vs) != 0 || err != nil {
		t.Error(RecvInfo.Has(m), vs, err)
	}
}
