package siptest

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dum/sip"
	"dum/transport"
)

// A Peer is a SIP end point that does what a test tells it and nothing else: no
// transactions, no retransmissions, no answers of its own. It works over any
// transport, of a [Net] or of package transport. Its methods end the test when
// they fail; call them from the test's goroutine.
type Peer struct {
	// Timeout is how long Expect waits. Zero is 40 seconds, beyond 64*T1, which
	// costs nothing in a synctest bubble.
	Timeout time.Duration
	// User is the user part of the peer's URI. "" is "peer".
	User string
	// Loose lets Expect pick what it waits for out of what has come, in place of
	// asking that it comes next; the rest stays to be expected later. For
	// networks that reorder.
	Loose bool
	// Tap is told of every message as it comes, before anybody expects it; again
	// marks a retransmission. It is called by the transport, so it must not block
	// or expect. Set it before the first message.
	Tap func(r *Received, again bool)

	t    testing.TB
	tr   transport.Transport
	addr netip.AddrPort

	mu    sync.Mutex
	inbox []*Received
	news  chan struct{} // one token when inbox has grown
	seen  map[string]bool
	again int

	calls map[string]*dialog // by Call-ID, used by the test's goroutine only
}

// Received is a message that a [Peer] got.
type Received struct {
	*sip.Message
	Raw  string
	Flow transport.Flow
	At   time.Time
}

// NewPeer listens at an address of a transport. The transport is the peer's
// from now on, and closes with the test.
func NewPeer(t testing.TB, tr transport.Transport, addr string) *Peer {
	t.Helper()
	p := &Peer{
		t: t, tr: tr, news: make(chan struct{}, 1), seen: make(map[string]bool), calls: make(map[string]*dialog),
	}
	var err error
	if p.addr, err = tr.Listen(context.Background(), netip.MustParseAddrPort(addr), (*receiver)(p)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close() })
	return p
}

// Addr is where the peer listens.
func (p *Peer) Addr() netip.AddrPort { return p.addr }

// URI is the peer's address as a Contact and a target: it names the transport.
func (p *Peer) URI() sip.URI {
	user := p.User
	if user == "" {
		user = "peer"
	}
	u := sip.URI{Scheme: "sip", User: user, Host: hostOf(p.addr.Addr()), Port: p.addr.Port()}
	if name := p.tr.Network().Name; name != "UDP" {
		u.Params = u.Params.With("transport", strings.ToLower(name))
	}
	return u
}

func hostOf(a netip.Addr) string {
	if a.Is6() {
		return "[" + a.String() + "]"
	}
	return a.String()
}

// Close takes the peer off the network before the test ends.
func (p *Peer) Close() { p.tr.Close() }

// FlowTo is the way to an address.
func (p *Peer) FlowTo(to netip.AddrPort) transport.Flow {
	p.t.Helper()
	f, err := p.tr.Flow(transport.Destination{Remote: to}, (*receiver)(p))
	if err != nil {
		p.t.Fatalf("peer %v: no way to %v: %v", p.addr, to, err)
	}
	return f
}

// Send sends a message on a flow. A request without Via gets one.
func (p *Peer) Send(f transport.Flow, m *sip.Message) {
	p.t.Helper()
	if m.IsRequest() && !sip.Via.Has(m) {
		p.via(m)
	}
	p.SendRaw(f, m.String())
}

// SendRaw sends bytes as they are.
func (p *Peer) SendRaw(f transport.Flow, data string) {
	p.t.Helper()
	if err := f.Send([]byte(data)); err != nil {
		p.t.Fatalf("peer %v: sending on %v: %v", p.addr, f, err)
	}
}

// SendText sends a message written by hand, with "\n" for line ends, in which
// these words stand for what the test need not know:
//
//	{local} {remote} {transport}  the two ends of the flow, and "UDP" or "TCP"
//	{branch} {tag} {call-id}      new ones at each call
//	{uri}                         the peer's URI
//	{length}                      the length of the body
//
// The text begins with the start line; blank lines before it are dropped. A
// text without a body may leave out the blank line that ends the head.
func (p *Peer) SendText(f transport.Flow, text string) {
	p.t.Helper()
	p.SendRaw(f, p.expand(f, text))
}

func (p *Peer) expand(f transport.Flow, text string) string {
	head, body, _ := strings.Cut(strings.TrimLeft(text, "\n"), "\n\n")
	body = strings.ReplaceAll(body, "\n", "\r\n")
	head = strings.NewReplacer(
		"\n", "\r\n",
		"{local}", f.Local().String(), "{remote}", f.Remote().String(), "{transport}", f.Network().Name,
		"{branch}", sip.NewBranch(), "{tag}", sip.NewTag(), "{call-id}", sip.NewCallID(),
		"{uri}", p.URI().String(), "{length}", fmt.Sprint(len(body)),
	).Replace(strings.TrimRight(head, "\n"))
	return head + "\r\n\r\n" + body
}

// Expect waits for a message as [Packet.Is] describes it and returns it. What
// comes must come in order: any other message fails the test, but for
// retransmissions of what was taken already, and for a 100 (Trying) that
// nobody asked for.
func (p *Peer) Expect(what string) *Received {
	p.t.Helper()
	timeout := p.timeout()
	limit := time.NewTimer(timeout)
	defer limit.Stop()
	for {
		r := p.next(what)
		if r == nil && p.Loose {
			r = p.find(what)
		}
		switch {
		case r == nil:
		case Match(r.Message, what):
			return r
		default:
			p.t.Fatalf("peer %v: expected %s, got\n%s", p.addr, what, r.Raw)
		}
		select {
		case <-p.news:
		case <-limit.C:
			p.t.Fatalf("peer %v: no %s within %v", p.addr, what, timeout)
		}
	}
}

// Quiet fails the test when something new arrives within d.
func (p *Peer) Quiet(d time.Duration) {
	p.t.Helper()
	limit := time.NewTimer(d)
	defer limit.Stop()
	for {
		if r := p.next("-"); r != nil {
			p.t.Fatalf("peer %v: expected nothing, got\n%s", p.addr, r.Raw)
		}
		select {
		case <-p.news:
		case <-limit.C:
			return
		}
	}
}

// Again counts the retransmissions received so far.
func (p *Peer) Again() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.again
}

// Drain forgets what has arrived.
func (p *Peer) Drain() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inbox = nil
}

func (p *Peer) timeout() time.Duration {
	if p.Timeout == 0 {
		return 40 * time.Second
	}
	return p.Timeout
}

// find takes the first message that matches out of the inbox.
func (p *Peer) find(what string) *Received {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, r := range p.inbox {
		if Match(r.Message, what) {
			p.inbox = slices.Delete(p.inbox, i, i+1)
			return r
		}
	}
	return nil
}

// next takes the next message that counts out of the inbox; nil when there is
// none, or when it is loose and another is waited for.
func (p *Peer) next(what string) *Received {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.inbox) > 0 && !(p.Loose && !Match(p.inbox[0].Message, what)) {
		r := p.inbox[0]
		p.inbox = slices.Delete(p.inbox, 0, 1)
		if r.Code() == 100 && !Match(r.Message, what) {
			continue
		}
		return r
	}
	return nil
}

// receiver is the peer as the handler of its transport.
type receiver Peer

// Receive puts a message into the inbox, once.
func (r *receiver) Receive(f transport.Flow, data []byte) {
	m, err := sip.Parse(string(data), sip.Limits{})
	if m == nil {
		if strings.TrimSpace(string(data)) != "" { // keep-alives are no messages
			r.t.Errorf("peer %v: got what is no SIP message: %v\n%q", r.addr, err, data)
		}
		return
	}
	in := &Received{Message: m, Raw: string(data), Flow: f, At: time.Now()}
	again := r.keep(in)
	if r.Tap != nil {
		r.Tap(in, again)
	}
}

// keep puts a message into the inbox; again tells that it was there before.
func (r *receiver) keep(in *Received) (again bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen[in.Raw] {
		r.again++
		return true
	}
	r.seen[in.Raw] = true
	r.inbox = append(r.inbox, in)
	select {
	case r.news <- struct{}{}:
	default:
	}
	return false
}

// Malformed fails the test: the other side is meant to be correct.
func (r *receiver) Malformed(f transport.Flow, data []byte, code int) {
	r.t.Errorf("peer %v: cannot be framed: %q", r.addr, data)
}

// Closed is no news for a peer.
func (r *receiver) Closed(f transport.Flow, err error) {}

// Unreachable is no news for a peer.
func (r *receiver) Unreachable(f transport.Flow, err error) {}
