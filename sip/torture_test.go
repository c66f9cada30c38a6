package sip

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// vector reads one of the messages under testdata.
func vector(tb testing.TB, folder, name string) string {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", folder, name+".dat"))
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

// rfc4475 says what Check owes each message of RFC 4475: 0 is to take it.
var rfc4475 = []struct {
	name    string
	section string
	code    int
	look    func(*testing.T, *Message) // what else must be seen in it
}{
	{"wsinv", "3.1.1.1", 0, lookWsinv},
	{"intmeth", "3.1.1.2", 0, lookIntmeth},
	{"esc01", "3.1.1.3", 0, lookEsc01},
	{"escnull", "3.1.1.4", 0, lookEscnull},
	{"esc02", "3.1.1.5", 0, lookEsc02},
	{"lwsdisp", "3.1.1.6", 0, lookLwsdisp},
	{"longreq", "3.1.1.7", 0, lookLongreq},
	{"dblreq", "3.1.1.8", 0, lookDblreq},
	{"semiuri", "3.1.1.9", 0, lookSemiuri},
	{"transports", "3.1.1.10", 0, lookTransports},
	{"mpart01", "3.1.1.11", 0, lookMpart01},
	{"unreason", "3.1.1.12", 0, lookUnreason},
	{"noreason", "3.1.1.13", 0, lookNoreason},

	{"badinv01", "3.1.2.1", 400, nil},
	{"clerr", "3.1.2.2", 400, nil},
	{"ncl", "3.1.2.3", 400, nil},
	{"scalar02", "3.1.2.4", 400, lookScalar02},
	{"scalarlg", "3.1.2.5", 400, nil},
	{"quotbal", "3.1.2.6", 400, nil},
	{"ltgtruri", "3.1.2.7", 400, nil},
	{"lwsruri", "3.1.2.8", 400, nil},
	{"lwsstart", "3.1.2.9", 400, nil},
	{"trws", "3.1.2.10", 0, nil},
	{"escruri", "3.1.2.11", 0, lookEscruri},
	{"baddate", "3.1.2.12", 0, nil},
	{"regbadct", "3.1.2.13", 0, lookRegbadct},
	{"badaspec", "3.1.2.14", 0, lookBadaspec},
	{"baddn", "3.1.2.15", 0, lookBaddn},
	{"badvers", "3.1.2.16", 505, nil},
	{"mismatch01", "3.1.2.17", 400, nil},
	{"mismatch02", "3.1.2.18", 501, nil},
	{"bigcode", "3.1.2.19", 400, nil},

	{"badbranch", "3.2.1", 0, lookBadbranch},

	{"insuf", "3.3.1", 400, nil},
	{"unkscm", "3.3.2", 416, nil},
	{"novelsc", "3.3.3", 416, nil},
	{"unksm2", "3.3.4", 0, lookUnksm2},
	{"bext01", "3.3.5", 0, nil},
	{"invut", "3.3.6", 0, nil},
	{"regaut01", "3.3.7", 0, nil},
	{"multi01", "3.3.8", 400, nil},
	{"mcl01", "3.3.9", 400, nil},
	{"bcast", "3.3.10", 0, nil},
	{"zeromf", "3.3.11", 0, lookZeromf},
	{"cparam01", "3.3.12", 0, lookCparam01},
	{"cparam02", "3.3.13", 0, lookCparam02},
	{"regescrt", "3.3.14", 0, lookRegescrt},
	{"sdp01", "3.3.15", 0, nil},
	{"inv2543", "3.4.1", 0, lookInv2543},
}

func TestRFC4475(t *testing.T) {
	files, err := filepath.Glob("testdata/rfc4475/*.dat")
	if err != nil || len(files) != len(rfc4475) || len(rfc4475) != 49 {
		t.Fatalf("%d files and %d rows for 49 messages, %v", len(files), len(rfc4475), err)
	}
	for _, tt := range rfc4475 {
		t.Run(tt.name, func(t *testing.T) {
			raw := vector(t, "rfc4475", tt.name)
			m, err := Parse(raw, Limits{})
			if err != nil {
				t.Fatalf("§%s: %v", tt.section, err)
			}
			if tt.name == "dblreq" {
				raw = raw[:strings.Index(raw, "\r\n\r\n")+4]
			}
			checkVector(t, m, raw, tt.code)
			if tt.look != nil {
				tt.look(t, m)
			}
		})
	}
}

// checkVector holds a message against its bytes and the status it is owed, and
// sees that what is touched in it changes nothing else.
func checkVector(t *testing.T, m *Message, raw string, code int) {
	t.Helper()
	if st := m.Check(); st == nil && code != 0 || st != nil && st.Code != code {
		t.Errorf("Check: %v, want %d", st, code)
	}
	if m.String() != raw {
		t.Errorf("it comes out as %q", m)
	}
	if code != 0 {
		return
	}
	c := m.Clone()
	Named("X-Touched").Add(c, "1")
	out := strings.Replace(c.String(), "X-Touched: 1\r\n", "", 1)
	if !Named("l").Has(m) {
		out = strings.Replace(out, "\r\nContent-Length: "+string(appendUint(nil, uint64(len(m.body))))+"\r\n", "\r\n", 1)
	}
	if out != raw {
		t.Errorf("touched elsewhere it comes out as %q", out)
	}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
		return v
	}
}

func eq[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %#v, want %#v", what, got, want)
	}
}

func lookWsinv(t *testing.T, m *Message) {
	u := must[URI](t)(m.URI())
	eq(t, "Request-URI", u, URI{Scheme: "sip", User: "vivekg", Host: "chair-dnrc.example.com", Params: ";unknownparam"})
	to := must[Addr](t)(To.Get(m))
	eq(t, "To", to.URI, URI{Scheme: "sip", User: "vivekg", Host: "chair-dnrc.example.com"})
	eq(t, "To tag", m.ToTag(), "1918181833n")
	from := must[Addr](t)(From.Get(m))
	eq(t, "From name", from.Display, `J Rosenberg \"`)
	eq(t, "From tag", m.FromTag(), "98asjd8")
	eq(t, "Max-Forwards", must[int](t)(MaxForwards.Get(m)), 68)
	eq(t, "Call-ID", m.CallID(), "wsinv.ndaksdj@192.0.2.1")
	eq(t, "Content-Length", must[int](t)(ContentLength.Get(m)), 150)
	eq(t, "CSeq", must[Seq](t)(CSeq.Get(m)), Seq{9, INVITE})
	hops := must[[]Hop](t)(Via.Values(m))
	if len(hops) != 3 {
		t.Fatalf("Via: %v", hops)
	}
	for i, want := range []Hop{
		{"SIP/2.0", "UDP", "192.0.2.2", 0, ";branch=390skdjuw"},
		{"SIP/2.0", "TCP", "spindle.example.com", 0, "; branch  =   z9hG4bK9ikj8"},
		{"SIP/2.0", "UDP", "192.168.255.111", 0, "; branch= z9hG4bK30239"},
	} {
		eq(t, "Via", hops[i], want)
	}
	eq(t, "branch", hops[0].HasCookie(), false)
	eq(t, "branch", hops[1].Branch(), "z9hG4bK9ikj8")
	eq(t, "branch", hops[2].Branch(), "z9hG4bK30239")
	eq(t, "Subject", must[string](t)(Named("Subject").Get(m)), "")
	eq(t, "folded", must[string](t)(Named("newfangledheader").Get(m)), "newfangled value continued newfangled value")
	eq(t, "unusual", must[string](t)(Named("UnknownHeaderWithUnusualValue").Get(m)), ";;,,;;,;")
	eq(t, "Route", must[Addr](t)(Route.Get(m)).URI.Params, ";lr;unknownwith=value;unknown-no-value")
	contact := must[Addr](t)(Contact.Get(m))
	eq(t, "Contact name", contact.Display, `Quoted string ""`)
	v, _ := contact.Params.Get("newparam")
	eq(t, "newparam", v, "newvalue")
	eq(t, "secondparam", contact.Params.Has("secondparam"), true)
	q, ok := contact.Q()
	eq(t, "q", q, 0.33)
	eq(t, "q", ok, true)
	eq(t, "body", strings.HasSuffix(m.Body().Data, "a=rtpmap:31 LPC\r\n"), true)
}

func lookIntmeth(t *testing.T, m *Message) {
	const method = "!interesting-Method0123456789_*+`.%indeed'~"
	eq(t, "method", m.Method(), method)
	eq(t, "known", m.Method().Known(), false)
	eq(t, "CSeq", must[Seq](t)(CSeq.Get(m)), Seq{139122385, method})
	u := must[URI](t)(m.URI())
	eq(t, "user", u.User, "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*")
	eq(t, "password", u.Password, "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)")
	eq(t, "host", u.Host, "example.com")
	eq(t, "branch", must[Hop](t)(Via.Get(m)).Branch(), "z9hG4bK-.!%66*_+`'~")
	to := must[Addr](t)(To.Get(m))
	eq(t, "To name", to.Display, "BEL:\a NUL:\x00 DEL:\x7f")
	eq(t, "To user", to.URI.User, "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*")
	from := must[Addr](t)(From.Get(m))
	eq(t, "From name", from.Display, "token1~` token2'+_ token3*%!.-")
	eq(t, "From tag", from.Tag(), "_token~1'+`*%!-.")
	v, _ := from.Params.Get("fromParam''~+*_!.-%")
	eq(t, "From parameter", v, "работающий")
	eq(t, "Call-ID", m.CallID(), "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{")
	eq(t, "Max-Forwards", must[int](t)(MaxForwards.Get(m)), 255)
	eq(t, "extension", must[string](t)(Named("extensionHeader-!.%*+_`'~").Get(m)), "\uFEFF大停電")
}

func lookEsc01(t *testing.T, m *Message) {
	u := must[URI](t)(m.URI())
	eq(t, "scheme", u.Scheme, "sip")
	eq(t, "user", u.UserUnescaped(), "sips:user@example.com")
	eq(t, "host", u.Host, "example.net")
	eq(t, "To", must[Addr](t)(To.Get(m)).URI.UserUnescaped(), "user")
	eq(t, "From", must[Addr](t)(From.Get(m)).URI.UserUnescaped(), "I have spaces")
	plain := must[URI](t)(ParseURI("sip:caller@host5.example.net;lr;name=value%2541"))
	contact := must[Addr](t)(Contact.Get(m))
	eq(t, "Contact", contact.URI.Equal(plain), true)
	eq(t, "type", m.Body().Type, "application/sdp")
}

func lookEscnull(t *testing.T, m *Message) {
	eq(t, "To", must[Addr](t)(To.Get(m)).URI.UserUnescaped(), "null-\x00-null")
	contacts := must[[]Addr](t)(Contact.Values(m))
	eq(t, "contacts", len(contacts), 2)
	eq(t, "first", contacts[0].URI.UserUnescaped(), "\x00")
	eq(t, "second", contacts[1].URI.UserUnescaped(), "\x00\x00")
	eq(t, "distinct", contacts[0].URI.Equal(contacts[1].URI), false)
}

// Escapes mean nothing in a method, a display name or a header name.
func lookEsc02(t *testing.T, m *Message) {
	eq(t, "method", m.Method(), "RE%47IST%45R")
	eq(t, "To name", must[Addr](t)(To.Get(m)).Display, "%Z%45")
	eq(t, "branch", must[Hop](t)(Via.Get(m)).Branch(), "z9hG4bK209%fzsnel234")
	eq(t, "contacts", len(must[[]Addr](t)(Contact.Values(m))), 2)
	eq(t, "unknown header", Named("C%6Fntact").Has(m), true)
}

func lookLwsdisp(t *testing.T, m *Message) {
	eq(t, "From name", must[Addr](t)(From.Get(m)).Display, "caller")
	eq(t, "From tag", m.FromTag(), "323")
}

func lookLongreq(t *testing.T, m *Message) {
	hops := must[[]Hop](t)(Via.Values(m))
	eq(t, "hops", len(hops), 34)
	eq(t, "last hop", hops[33].Host, "host.example.com")
	eq(t, "received", hops[33].Received(), "192.0.2.5")
	to := must[Addr](t)(To.Get(m))
	eq(t, "To name", to.Display, "I have a user name of "+strings.Repeat("extreme", 10)+" proportion")
	eq(t, "To port", to.URI.Port, 6000)
	v, _ := to.URI.Params.Get("unknownparam1")
	eq(t, "To parameter", v, "very"+strings.Repeat("long", 20)+"value")
	eq(t, "To header parameter", strings.HasPrefix(string(to.Params), ";unknownheaderparamname=unknownheaderparamvalue"), false)
	from := must[Addr](t)(From.Get(m))
	eq(t, "From user", from.URI.User, strings.Repeat("amazinglylongcallername", 5))
	eq(t, "From tag", m.FromTag(), strings.Repeat("12", 1)+strings.Repeat("982", 50)+"424")
	eq(t, "Call-ID", m.CallID(), "longreq.one"+strings.Repeat("really", 20)+"longcallid")
	eq(t, "Contact", must[Addr](t)(Contact.Get(m)).URI.User, from.URI.User)
	eq(t, "length", must[int](t)(ContentLength.Get(m)), 150)
}

func lookDblreq(t *testing.T, m *Message) {
	eq(t, "method", m.Method(), REGISTER)
	eq(t, "Call-ID", m.CallID(), "dblreq.0ha0isndaksdj99sdfafnl3lk233412")
	eq(t, "body", m.Body().IsZero(), true)
}

func lookSemiuri(t *testing.T, m *Message) {
	u := must[URI](t)(m.URI())
	eq(t, "user", u.UserUnescaped(), "user;par=u@example.net")
	eq(t, "host", u.Host, "example.com")
	eq(t, "parameters", u.Params, "")
	list := NewHeader("Accept", Codec[string]{Parse: rawCodec().Parse, Append: rawCodec().Append, List: true})
	accept := must[[]string](t)(list.Values(m))
	want := []string{"application/sdp", "application/pkcs7-mime", "multipart/mixed", "multipart/signed", "message/sip", "message/sipfrag"}
	eq(t, "Accept", slices.Equal(accept, want), true)
}

func lookTransports(t *testing.T, m *Message) {
	var got []string
	for h, err := range Via.All(m) {
		if err != nil {
			t.Error(err)
		}
		got = append(got, h.Transport)
	}
	eq(t, "transports", strings.Join(got, " "), "UDP SCTP TLS UNKNOWN TCP")
	eq(t, "Call-ID", m.CallID(), "transports.kijh4akdnaqjkwendsasfdj")
}

func lookMpart01(t *testing.T, m *Message) {
	b := m.Body()
	eq(t, "type", b.Type, "multipart/mixed;boundary=7a9cbec02ceef655")
	eq(t, "size", len(b.Data), 553)
	eq(t, "end", strings.HasSuffix(b.Data, "\r\n--7a9cbec02ceef655--\r\n"), true)
	_, ok, has := must[Hop](t)(Via.Get(m)).RPort()
	eq(t, "rport", !ok && has, true)
}

func lookUnreason(t *testing.T, m *Message) {
	eq(t, "code", m.Code(), 200)
	eq(t, "reason", m.Reason(), "= 2**3 * 5**2 но сто девяносто девять - простое")
}

func lookNoreason(t *testing.T, m *Message) {
	eq(t, "code", m.Code(), 100)
	eq(t, "reason", m.Reason(), "")
}

// Of the numbers out of range only CSeq spoils the message.
func lookScalar02(t *testing.T, m *Message) {
	eq(t, "reason", m.Check().Reason, "Bad CSeq")
	if _, err := MaxForwards.Get(m); err == nil {
		t.Error("Max-Forwards: 300 is taken")
	}
}

// Taken with what is wrong overlooked: the headers are there to be ignored.
func lookEscruri(t *testing.T, m *Message) {
	u := must[URI](t)(m.URI())
	eq(t, "headers", u.Headers, "Route=%3Csip:example.com%3E")
	eq(t, "Route", Route.Has(m), false)
}

func lookRegbadct(t *testing.T, m *Message) {
	eq(t, "headers", must[Addr](t)(Contact.Get(m)).URI.Headers, "Route=%3Csip:sip.example.com%3E")
}

func lookBadaspec(t *testing.T, m *Message) {
	eq(t, "To", must[Addr](t)(To.Get(m)),
		Addr{Display: "Watson, Thomas", URI: URI{Scheme: "sip", User: "t.watson", Host: "example.org"}})
}

func lookBaddn(t *testing.T, m *Message) {
	eq(t, "From", must[Addr](t)(From.Get(m)),
		Addr{Display: "Bell, Alexander", URI: URI{Scheme: "sip", User: "a.g.bell", Host: "example.com"}, Params: ";tag=43"})
}

func lookBadbranch(t *testing.T, m *Message) {
	h := must[Hop](t)(Via.Get(m))
	eq(t, "branch", h.Branch(), "z9hG4bK")
	eq(t, "unique", h.HasCookie(), false)
}

func lookUnksm2(t *testing.T, m *Message) {
	eq(t, "To", must[Addr](t)(To.Get(m)).URI, URI{Scheme: "isbn", Opaque: "2983792873"})
	eq(t, "From", must[Addr](t)(From.Get(m)).URI, URI{Scheme: "http", Opaque: "//www.example.com"})
	eq(t, "Contact", must[Addr](t)(Contact.Get(m)).URI, URI{Scheme: "name", Opaque: "John_Smith"})
}

func lookZeromf(t *testing.T, m *Message) {
	eq(t, "Max-Forwards", must[int](t)(MaxForwards.Get(m)), 0)
}

// The parameter is one of the header here and one of the URI there.
func lookCparam01(t *testing.T, m *Message) {
	c := must[Addr](t)(Contact.Get(m))
	eq(t, "header", c.Params, ";unknownparam")
	eq(t, "URI", c.URI, URI{Scheme: "sip", User: "+19725552222", Host: "gw1.example.net"})
}

func lookCparam02(t *testing.T, m *Message) {
	c := must[Addr](t)(Contact.Get(m))
	eq(t, "header", c.Params, "")
	eq(t, "URI", c.URI, URI{Scheme: "sip", User: "+19725552222", Host: "gw1.example.net", Params: ";unknownparam"})
}

func lookRegescrt(t *testing.T, m *Message) {
	eq(t, "headers", must[Addr](t)(Contact.Get(m)).URI.Headers, "Route=%3Csip:sip.example.com%3E")
}

func lookInv2543(t *testing.T, m *Message) {
	eq(t, "From tag", m.FromTag(), "")
	h := must[Hop](t)(Via.Get(m))
	eq(t, "branch", h.Branch(), "")
	eq(t, "To", must[Addr](t)(To.Get(m)).Params, ";user=phone")
	eq(t, "body", strings.HasSuffix(m.Body().Data, "m=audio 49217 RTP/AVP 0\r\n"), true)
}
