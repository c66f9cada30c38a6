package sip

import (
	"slices"
	"strings"
	"testing"
)

// What must be seen in the valid messages of RFC 4475 §3.1.1.

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
