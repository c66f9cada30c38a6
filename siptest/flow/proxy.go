package flow

import (
	"context"
	"fmt"
	"hash/fnv"
	"net/netip"
	"strconv"
	"sync"

	"dum/auth"
	"dum/sip"
	"dum/siptest"
	"dum/transport"
)

// proxy is a proxy without transactions (RFC 3261 §16.11) that sends each
// request where its Route or Request-URI points. It may stay on the path and
// may challenge what opens a dialog. It is not dum's: it shows how dum gets on
// with proxies.
type proxy struct {
	run    *run
	name   string
	host   *siptest.Host
	tr     transport.Transport
	over   string
	record bool
	next   string // where requests without a route go, if not to their Request-URI
	guard  *auth.Challenger

	mu     sync.Mutex
	passed map[string]*sip.Status // by branch: what was said to the first copy
	sent   map[string]sip.URI     // by branch: where an INVITE went, and so its ACK
}

func (r *run) newProxy(name string, host *siptest.Host, c command) (actor, error) {
	p := &proxy{run: r, name: name, host: host, over: c.args["over"], next: c.args["next"], passed: make(map[string]*sip.Status), sent: make(map[string]sip.URI)}
	p.record = c.word(2) == "record-route"
	if realm := c.args["challenge"]; realm != "" {
		p.guard = &auth.Challenger{Realm: realm, Proxy: true}
	}
	p.tr = host.UDP()
	if p.over == "tcp" {
		p.tr = host.TCP()
	}
	if _, err := p.tr.Listen(context.Background(), netip.AddrPortFrom(host.Addr(), 5060), p); err != nil {
		return nil, err
	}
	return p, c.only("over", "challenge", "next")
}

func (p *proxy) do(c command) error { return fmt.Errorf("a proxy takes no commands") }
func (p *proxy) address() sip.URI   { return hostURI("", p.host, p.over) }
func (p *proxy) leftover() string   { return "" }
func (p *proxy) close()             { p.tr.Close() }

// Receive passes a message on.
func (p *proxy) Receive(f transport.Flow, data []byte) {
	m, err := sip.Parse(string(data), sip.Limits{})
	if err != nil {
		p.run.t.Errorf("proxy %s cannot read %q: %v", p.name, data, err)
		return
	}
	m = m.Clone()
	if !m.IsRequest() {
		p.back(m)
		return
	}
	if m.Method() == sip.ACK && m.ToTag() == p.tag(m) {
		return // the ACK of our own refusal
	}
	if st := p.check(m); st != nil {
		resp := sip.NewResponse(m, st.Code, st.Reason)
		resp.SetToTag(p.tag(m))
		for _, h := range st.Headers {
			sip.Named(h.Name).Add(resp, h.Value)
		}
		p.post(f, resp)
		return
	}
	p.forward(m)
}

// check challenges what opens a dialog. A retransmission, which says the same
// count of the same nonce again, gets what the first copy got.
func (p *proxy) check(m *sip.Message) *sip.Status {
	if p.guard == nil || m.ToTag() != "" || m.Method() == sip.ACK || m.Method() == sip.CANCEL {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	key := p.branch(m)
	st, known := p.passed[key]
	if !known {
		_, st = p.guard.Verify(m, secretOf)
		p.passed[key] = st
	}
	return st
}

// forward sends a request on.
func (p *proxy) forward(m *sip.Message) {
	if route, err := sip.Route.Get(m); err == nil && p.isUs(route.URI) {
		sip.Route.RemoveFirst(m)
	}
	if p.record && m.Method() == sip.INVITE {
		u := p.address()
		u.Params = u.Params.Flag("lr")
		sip.RecordRoute.Prepend(m, sip.Addr{URI: u})
	}
	hops, err := sip.MaxForwards.Get(m)
	if err == nil {
		sip.MaxForwards.Set(m, hops-1)
	}
	branch := p.branch(m)
	sip.Named("Via").Prepend(m, fmt.Sprintf("SIP/2.0/%s %v:5060;branch=%s", p.tr.Network().Name, p.host.Addr(), branch))
	next, err := m.URI()
	if route, rerr := sip.Route.Get(m); rerr == nil {
		next, err = route.URI, nil
	} else if a, err := p.run.who(p.next); err == nil && m.ToTag() == "" {
		next = a.address()
	}
	if err == nil {
		err = p.sendTo(p.settled(m, branch, next), m)
	}
	if err != nil {
		p.run.t.Errorf("proxy %s cannot forward: %v\n%s", p.name, err, m)
	}
}

// settled is where a request goes: ACK and CANCEL of one hop share the branch of
// their INVITE and follow it, any other goes to next.
func (p *proxy) settled(m *sip.Message, branch string, next sip.URI) sip.URI {
	p.mu.Lock()
	defer p.mu.Unlock()
	if u, known := p.sent[branch]; known {
		return u
	}
	p.sent[branch] = next
	return next
}

// back sends a response where the Via below ours points.
func (p *proxy) back(m *sip.Message) {
	sip.Via.RemoveFirst(m)
	via, err := sip.Via.Get(m)
	if err != nil {
		p.run.t.Errorf("proxy %s cannot send back: %v\n%s", p.name, err, m)
		return
	}
	if err := p.sendTo(sip.URI{Scheme: "sip", Host: via.Host, Port: via.Port}, m); err != nil {
		p.run.t.Errorf("proxy %s cannot send back: %v", p.name, err)
	}
}

func (p *proxy) sendTo(u sip.URI, m *sip.Message) error {
	to, err := addrOf(u)
	if err != nil {
		return err
	}
	f, err := p.tr.Flow(transport.Destination{Remote: to}, p)
	if err != nil {
		return err
	}
	p.post(f, m)
	return nil
}

func (p *proxy) post(f transport.Flow, m *sip.Message) {
	if err := f.Send([]byte(m.String())); err != nil {
		p.run.t.Errorf("proxy %s: %v: %v", p.name, f, err)
	}
}

// branch is ours for a request. RFC 3261 §16.11: "the same value for each
// retransmission", so it is made from the branch that came, which ACK and
// CANCEL share with their INVITE.
func (p *proxy) branch(m *sip.Message) string {
	via, _ := sip.Via.Get(m)
	return sip.BranchCookie + p.hash(via.Branch())
}

// tag is that of our own responses to a request.
func (p *proxy) tag(m *sip.Message) string { return p.hash(p.branch(m)) }

func (p *proxy) hash(s string) string {
	h := fnv.New64a()
	h.Write([]byte(p.name + s))
	return strconv.FormatUint(h.Sum64(), 36)
}

func (p *proxy) isUs(u sip.URI) bool { return u.Host == p.host.Addr().String() }

// Malformed, Closed and Unreachable are no business of a stateless proxy.
func (p *proxy) Malformed(f transport.Flow, data []byte, code int) {
	p.run.t.Errorf("proxy %s cannot frame %q", p.name, data)
}
func (p *proxy) Closed(f transport.Flow, err error)      {}
func (p *proxy) Unreachable(f transport.Flow, err error) {}

// addrOf is the address that a URI of a flow points to.
func addrOf(u sip.URI) (netip.AddrPort, error) {
	ip, err := netip.ParseAddr(u.Host)
	if err != nil {
		return netip.AddrPort{}, err
	}
	port := u.Port
	if port == 0 {
		port = 5060
	}
	return netip.AddrPortFrom(ip, port), nil
}
