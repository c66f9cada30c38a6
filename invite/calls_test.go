package invite_test

import (
	"dum/invite"
	"dum/sip"
)

// established places a call that the peer answers, and returns the session and
// the ACK.
func (p *peer) established(o invite.Options) (*invite.Session, *sip.Message) {
	p.Helper()
	if o.Offer.IsZero() {
		o.Offer = sdp("o1")
	}
	_, out := p.call(p.Context(), o)
	inv := p.expect("INVITE", text1(o.Offer))
	p.respond(inv, 200, "bob", "a1")
	ack := p.expect("ACK", "")
	return out.ok(p), ack
}

func text1(b sip.Body) string {
	m := sip.NewRequest(sip.INVITE, sip.URI{Scheme: "sip", Host: "x"})
	m.SetBody(b)
	return text(m)
}

// mustWait places a call and waits for its outcome, whatever it is.
func (p *peer) mustWait(o invite.Options) (*invite.Session, error) {
	a := invite.Start(p.m, nil, sip.URI{Scheme: "sip", User: "bob", Host: "192.0.2.2"}, o)
	return a.Wait(p.Context())
}

// drain forgets what was sent.
func (p *peer) drain() {
	for p.next() != nil {
	}
}

// end hangs a session up from our side. Nothing may be under way by then.
func (p *peer) end(s *invite.Session) {
	p.Helper()
	if !invite.AtRest(s) {
		p.Error("the session is not at rest")
	}
	bye := behind(func() (int, error) { return 0, s.Bye(p.Context()) })
	p.respond(p.expect("BYE", ""), 200, "", "")
	bye.ok(p)
}

func (p *peer) must() *sip.Message {
	p.Helper()
	m := p.next()
	if m == nil {
		p.Fatal("nothing sent")
	}
	return m
}

func mustNamed(m *sip.Message, name string) string {
	v, err := sip.Named(name).Get(m)
	if err != nil {
		panic(err)
	}
	return v
}
