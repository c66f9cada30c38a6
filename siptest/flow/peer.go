package flow

import (
	"fmt"
	"strconv"

	"dum/auth"
	"dum/sip"
	"dum/siptest"
	"dum/transport"
)

// peer is a scripted end point in a flow. It says what the script says, and
// repeats it as a real one would over a network that loses.
type peer struct {
	*siptest.Peer
	steady steady

	run  *run
	name string
	host *siptest.Host
	over string

	got      map[sip.Method]*siptest.Received // the last request of each method
	last     *siptest.Received                // the last request
	flow     transport.Flow                   // the way that the other side was met
	req      *sip.Message                     // the INVITE that began the call, of either side
	resp     *sip.Message                     // its last response with a To tag
	mine     *sip.Message                     // the last INVITE of the peer
	theirs   *sip.Message                     // and its last response
	repeated func()                           // sends the last message again
}

func (r *run) newPeer(name string, host *siptest.Host, c command) (actor, error) {
	over := c.args["over"]
	tr := host.UDP()
	if over == "tcp" {
		tr = host.TCP()
	}
	p := &peer{
		Peer: siptest.NewPeer(r.t, tr, "0.0.0.0:5060"), run: r, name: name, host: host, over: over,
		got: make(map[sip.Method]*siptest.Received),
	}
	p.User, p.Timeout, p.Loose = name, patience, true
	p.steady.reset(tr.Network().Reliable)
	p.Tap = p.steady.heard
	return p, c.only("over")
}

func (p *peer) address() sip.URI { return hostURI(p.name, p.host, p.over) }
func (p *peer) leftover() string { return "" }
func (p *peer) close()           { p.steady.stop(); p.Close() }

// do carries out a command.
func (p *peer) do(c command) error {
	switch verb := c.word(1); verb {
	case "expect":
		return p.expect(c)
	case "answers":
		return p.answers(c)
	case "invites":
		to, err := p.run.who(c.word(2))
		if err != nil {
			return err
		}
		u := to.address()
		flow, err := p.way(u)
		if err != nil {
			return err
		}
		p.req, p.flow = p.Request(sip.INVITE, u, edits(c)...), flow
		p.mine = p.req
		p.send(p.req)
		return c.only("sdp", "contact")
	case "acks":
		if p.mine == nil || p.theirs == nil {
			return fmt.Errorf("%s has no answer to acknowledge", p.name)
		}
		if p.theirs.Code() >= 300 {
			p.send(p.Hop(sip.ACK, p.mine, p.theirs))
		} else {
			p.send(p.Ack(p.mine, p.theirs, edits(c)...))
		}
		return c.only("sdp")
	case "cancels":
		if p.mine == nil {
			return fmt.Errorf("%s has nothing to cancel", p.name)
		}
		p.send(p.Hop(sip.CANCEL, p.mine, p.mine))
		return c.only()
	case "sends":
		if p.req == nil || p.resp == nil {
			return fmt.Errorf("%s is in no dialog", p.name)
		}
		resp := p.resp
		if tag := c.args["tag"]; tag != "" {
			resp = resp.Clone()
			resp.SetToTag(tag)
		}
		m := p.Within(sip.Method(c.word(2)), p.req, resp, edits(c)...)
		if m.Method() == sip.INVITE {
			p.mine, p.theirs = m, nil
		}
		p.send(m)
		return c.only("tag", "sdp", "contact")
	case "repeats":
		if p.repeated == nil {
			return fmt.Errorf("%s has sent nothing yet", p.name)
		}
		p.repeated()
		return c.only()
	default:
		return fmt.Errorf("a peer cannot %q", verb)
	}
}

// expect waits for a message and remembers it.
func (p *peer) expect(c command) error {
	r := p.Expect(c.rest(2))
	p.flow = r.Flow
	switch {
	case r.IsRequest():
		p.got[r.Method()] = r
		if r.Method() != sip.ACK {
			p.last = r
		}
		if r.Method() == sip.INVITE && r.ToTag() == "" {
			p.req, p.resp = r.Message, nil
		}
	case r.Method() == sip.INVITE && r.ToTag() != "":
		p.theirs = r.Message
		if p.mine == p.req {
			p.resp = r.Message
		}
	}
	return c.only()
}

// answers responds to a request.
func (p *peer) answers(c command) error {
	code, err := strconv.Atoi(c.word(2))
	if err != nil {
		return err
	}
	r := p.last
	if to := c.args["to"]; to != "" {
		r = p.got[sip.Method(to)]
	}
	if r == nil {
		return fmt.Errorf("%s has no request to answer", p.name)
	}
	all := edits(c)
	if tag := c.args["tag"]; tag != "" {
		all = append(all, siptest.Tag(tag))
	}
	if realm := c.args["challenge"]; realm != "" {
		guard := &auth.Challenger{Realm: realm, Proxy: code == 407}
		for _, h := range guard.Challenge(r.Message).Headers {
			all = append(all, siptest.Add(h.Name, h.Value))
		}
	}
	m := p.Response(r, code, all...)
	if r.Message == p.req && code > 100 {
		p.resp = m
	}
	p.repeated = func() { p.Send(r.Flow, m) }
	p.repeated()
	p.steady.said(m, r.Flow)
	return c.only("tag", "sdp", "to", "contact", "challenge")
}

func (p *peer) send(m *sip.Message) {
	flow := p.flow
	p.repeated = func() { p.Send(flow, m) }
	p.repeated()
	p.steady.said(m, flow)
}

// way is the flow to a URI of the flow file.
func (p *peer) way(u sip.URI) (transport.Flow, error) {
	to, err := addrOf(u)
	if err != nil {
		return nil, err
	}
	return p.FlowTo(to), nil
}

// edits are the changes that arguments ask for.
func edits(c command) []siptest.Edit {
	var all []siptest.Edit
	if name := c.args["sdp"]; name != "" {
		all = append(all, siptest.SDP(body(name).Data))
	}
	if contact := c.args["contact"]; contact != "" {
		all = append(all, siptest.Set("Contact", "<"+contact+">"))
	}
	return all
}
