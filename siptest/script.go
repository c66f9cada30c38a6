package siptest

import (
	"fmt"
	"slices"

	"dum/sip"
)

// An Edit changes a message that a [Peer] has built, before it is sent.
type Edit func(m *sip.Message)

// Set replaces a header, or removes it when no values are given.
func Set(name string, values ...string) Edit {
	return func(m *sip.Message) { sip.Named(name).Set(m, values...) }
}

// Add adds a header.
func Add(name, value string) Edit {
	return func(m *sip.Message) { sip.Named(name).Add(m, value) }
}

// Tag gives the To of a response a tag of the test's choice, for forks.
func Tag(tag string) Edit { return func(m *sip.Message) { m.SetToTag(tag) } }

// SDP gives a message a session description.
func SDP(data string) Edit {
	return func(m *sip.Message) { m.SetBody(sip.Body{Type: "application/sdp", Data: data}) }
}

// dialog is what a peer remembers of a call, for its requests within it.
type dialog struct {
	seq uint32
	tag string // the peer's
}

func (p *Peer) call(id string) *dialog {
	d := p.calls[id]
	if d == nil {
		d = &dialog{tag: sip.NewTag()}
		p.calls[id] = d
	}
	return d
}

// Request builds a request outside of dialogs with all that RFC 3261 §8.1.1
// asks for, from the peer to a URI. It is not sent yet.
func (p *Peer) Request(method sip.Method, to sip.URI, edits ...Edit) *sip.Message {
	id := sip.NewCallID()
	d := p.call(id)
	d.seq++
	m := sip.NewRequest(method, to)
	p.via(m)
	sip.MaxForwards.Set(m, 70)
	self := sip.URI{Scheme: "sip", User: p.URI().User, Host: p.URI().Host}
	sip.From.Set(m, sip.Addr{URI: self}.WithTag(d.tag))
	sip.To.Set(m, sip.Addr{URI: to})
	sip.CallIDHeader.Set(m, id)
	sip.CSeq.Set(m, sip.Seq{Number: d.seq, Method: method})
	sip.Contact.Set(m, sip.Addr{URI: p.URI()})
	return edit(m, edits)
}

// Reply builds the response to a request, with the peer's To tag and, where it
// can open a dialog, Contact and Record-Route, and sends it the way the request
// came. It returns what it sent.
func (p *Peer) Reply(r *Received, code int, edits ...Edit) *sip.Message {
	p.t.Helper()
	m := p.Response(r, code, edits...)
	p.Send(r.Flow, m)
	return m
}

// Response is Reply without the sending.
func (p *Peer) Response(r *Received, code int, edits ...Edit) *sip.Message {
	m := sip.NewResponse(r.Message, code, "")
	if code > 100 && r.ToTag() == "" {
		m.SetToTag(p.call(r.CallID()).tag)
	}
	if code > 100 && code < 300 {
		sip.Contact.Set(m, sip.Addr{URI: p.URI()})
		for rr := range sip.Named("Record-Route").All(r.Message) {
			sip.Named("Record-Route").Add(m, rr)
		}
	}
	return edit(m, edits)
}

// Within builds a request in the dialog that a request and its response made,
// whichever of the two the peer sent: with the right tags, target, route set
// and the next CSeq number. It is not sent yet.
func (p *Peer) Within(method sip.Method, req, resp *sip.Message, edits ...Edit) *sip.Message {
	p.t.Helper()
	local, remote := p.ends(req, resp)
	d := p.call(req.CallID())
	d.seq++
	m := sip.NewRequest(method, p.target(req, resp))
	p.via(m)
	sip.MaxForwards.Set(m, 70)
	sip.Route.Set(m, p.routes(req, resp)...)
	sip.Named("From").Set(m, local)
	sip.Named("To").Set(m, remote)
	sip.CallIDHeader.Set(m, req.CallID())
	sip.CSeq.Set(m, sip.Seq{Number: d.seq, Method: method})
	sip.Contact.Set(m, sip.Addr{URI: p.URI()})
	return edit(m, edits)
}

// Ack builds the ACK to a 2xx that an INVITE of the peer got.
func (p *Peer) Ack(invite, resp *sip.Message, edits ...Edit) *sip.Message {
	p.t.Helper()
	m := p.Within(sip.ACK, invite, resp)
	p.call(invite.CallID()).seq--
	seq, err := sip.CSeq.Get(invite)
	if err != nil {
		p.t.Fatal(err)
	}
	sip.CSeq.Set(m, sip.Seq{Number: seq.Number, Method: sip.ACK})
	return edit(m, edits)
}

// Hop builds the request that goes hop by hop with an INVITE of the peer: its
// CANCEL, or the ACK to a failure, for which to is the response.
func (p *Peer) Hop(method sip.Method, invite, to *sip.Message, edits ...Edit) *sip.Message {
	p.t.Helper()
	u, err := invite.URI()
	if err != nil {
		p.t.Fatal(err)
	}
	m := sip.NewRequest(method, u)
	for _, name := range []string{"Via", "Max-Forwards", "Route", "From", "Call-ID"} {
		for v := range sip.Named(name).All(invite) {
			sip.Named(name).Add(m, v)
		}
	}
	v, _ := sip.Named("To").Get(to)
	sip.Named("To").Set(m, v)
	seq, _ := sip.CSeq.Get(invite)
	sip.CSeq.Set(m, sip.Seq{Number: seq.Number, Method: method})
	return edit(m, edits)
}

// ours tells whether the peer sent the request.
func (p *Peer) ours(req *sip.Message) bool {
	return req.FromTag() == p.call(req.CallID()).tag
}

// ends is From and To of the peer's requests in a dialog.
func (p *Peer) ends(req, resp *sip.Message) (local, remote string) {
	from, _ := sip.Named("From").Get(resp)
	to, _ := sip.Named("To").Get(resp)
	if p.ours(req) {
		return from, to
	}
	return to, from
}

// target is the other side's Contact.
func (p *Peer) target(req, resp *sip.Message) sip.URI {
	p.t.Helper()
	theirs := req
	if p.ours(req) {
		theirs = resp
	}
	c, err := sip.Contact.Get(theirs)
	if err != nil {
		p.t.Fatalf("peer %v: no way into the dialog: %v\n%s", p.addr, err, theirs)
	}
	return c.URI
}

// routes is the route set of the dialog. RFC 3261 §12.1: a UAC takes the
// Record-Route of the response "in reverse order", a UAS that of the request
// "in order".
func (p *Peer) routes(req, resp *sip.Message) []sip.Addr {
	p.t.Helper()
	from := req
	if p.ours(req) {
		from = resp
	}
	all, err := sip.RecordRoute.Values(from)
	if err != nil {
		p.t.Fatal(err)
	}
	if p.ours(req) {
		slices.Reverse(all)
	}
	return all
}

// via gives a request a Via of the peer with a fresh branch.
func (p *Peer) via(m *sip.Message) {
	sip.Named("Via").Prepend(m, fmt.Sprintf("SIP/2.0/%s %s;branch=%s", p.tr.Network().Name, p.addr, sip.NewBranch()))
}

func edit(m *sip.Message, edits []Edit) *sip.Message {
	for _, e := range edits {
		e(m)
	}
	return m
}
