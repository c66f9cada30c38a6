package stack

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"dum/sip"
	"dum/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	ourAddr  = netip.MustParseAddrPort("192.0.2.1:5060")
	peerAddr = netip.MustParseAddrPort("192.0.2.9:5060")
)

// fakeNet is a transport without sockets: what is sent on its flows is noted
// with the time, what arrives is put in by the test.
type fakeNet struct {
	network transport.Network

	mu      sync.Mutex
	handler transport.Handler
	out     []sent
	fail    map[netip.AddrPort]error // what Send answers, by remote
	closed  bool
	onSend  func(sent)
	onClose func()
}

type sent struct {
	at  time.Time
	to  netip.AddrPort
	raw string
}

func (s sent) msg(t testing.TB) *sip.Message {
	t.Helper()
	m, err := sip.Parse(s.raw, sip.Limits{})
	if err != nil {
		t.Fatalf("sent %q: %v", s.raw, err)
	}
	if st := m.Check(); st != nil {
		t.Fatalf("sent %q: %v", s.raw, st)
	}
	return m
}

// fakeFlow is a value, so that equal ones are the same flow.
type fakeFlow struct {
	net           *fakeNet
	local, remote netip.AddrPort
}

func (f fakeFlow) Network() transport.Network { return f.net.network }
func (f fakeFlow) Local() netip.AddrPort      { return f.local }
func (f fakeFlow) Remote() netip.AddrPort     { return f.remote }
func (f fakeFlow) String() string             { return fmt.Sprint(f.local, f.remote) }

func (f fakeFlow) Send(b []byte) error {
	f.net.mu.Lock()
	if err := f.net.fail[f.remote]; err != nil {
		f.net.mu.Unlock()
		return err
	}
	s := sent{at: time.Now(), to: f.remote, raw: string(b)}
	f.net.out = append(f.net.out, s)
	hook := f.net.onSend
	f.net.mu.Unlock()
	if hook != nil {
		hook(s)
	}
	return nil
}

func (n *fakeNet) Network() transport.Network { return n.network }

func (n *fakeNet) Listen(_ context.Context, a netip.AddrPort, h transport.Handler) (netip.AddrPort, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.handler = h
	return a, nil
}

func (n *fakeNet) Flow(to transport.Destination, h transport.Handler) (transport.Flow, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil, transport.ErrClosed
	}
	local := to.Local
	if !local.IsValid() {
		local = ourAddr
	}
	return fakeFlow{n, local, to.Remote}, nil
}

func (n *fakeNet) Close() error {
	if n.onClose != nil {
		n.onClose()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	return nil
}

func (n *fakeNet) refuse(to netip.AddrPort, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.fail == nil {
		n.fail = make(map[netip.AddrPort]error)
	}
	n.fail[to] = err
}

// take returns what was sent since the last call.
func (n *fakeNet) take() []sent {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := n.out
	n.out = nil
	return out
}

// in delivers a message from the peer at a.
func (n *fakeNet) in(a netip.AddrPort, text string) {
	n.handler.Receive(n.flow(a), []byte(text))
}

func (n *fakeNet) flow(a netip.AddrPort) transport.Flow { return fakeFlow{n, ourAddr, a} }

// rig is a stack on fake UDP and TCP, with a user above it.
type rig struct {
	*testing.T
	stack    *Stack
	udp, tcp *fakeNet
	user     *user
	start    time.Time
	panics   int64 // how many are meant
}

func newRig(t *testing.T, cfg Config) *rig {
	t.Helper()
	r := &rig{
		T:     t,
		udp:   &fakeNet{network: transport.Network{Name: "UDP", DefaultPort: 5060}},
		tcp:   &fakeNet{network: transport.Network{Name: "TCP", Reliable: true, DefaultPort: 5060}},
		user:  &user{},
		start: time.Now(),
	}
	cfg.Transports = []transport.Transport{r.udp, r.tcp}
	s, err := New(cfg, r.user)
	if err != nil {
		t.Fatal(err)
	}
	r.stack, r.user.stack = s, s
	for _, n := range []string{"udp", "tcp"} {
		if _, err := s.Listen(t.Context(), n+"://"+ourAddr.String()); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// finish closes the stack after everything has run out, and asks for emptiness.
func (r *rig) finish() {
	r.Helper()
	time.Sleep(10 * time.Minute)
	if st := r.stack.Stats(); st.Strands != 0 || st.ClientTx != 0 || st.ServerTx != 0 || st.Tombstones != 0 {
		r.Errorf("left behind: %+v", st)
	}
	if n := r.stack.Stats().Panics; n != r.panics {
		r.Errorf("%d panics", n)
	}
	for i := range r.stack.txs.shards {
		sh := &r.stack.txs.shards[i]
		sh.mu.Lock()
		if n := len(sh.live); n != 0 {
			r.Errorf("%d transactions in shard %d", n, i)
		}
		if y := &sh.graves; y.n != 0 || y.bytes != 0 || y.index != nil || y.flows != nil || y.queues[0].chunks != nil || y.queues[1].chunks != nil {
			r.Errorf("something is buried in shard %d", i)
		}
		sh.mu.Unlock()
	}
	for range r.stack.merged.all() {
		r.Error("a merge key is left")
	}
	for range r.stack.sets.all() {
		r.Error("a set is left")
	}
	for i := range r.stack.flows.shards {
		if n := len(r.stack.flows.shards[i].m); n != 0 {
			r.Errorf("%d flows in shard %d", n, i)
		}
	}
	if r.stack.sexton.armed.Load() {
		r.Error("the tombstones' timer runs")
	}
	if err := r.stack.Close(); err != nil {
		r.Error(err)
	}
}

// since is the time since the rig was made.
func (r *rig) since(at time.Time) time.Duration { return at.Sub(r.start) }

// schedule is when what was sent.
func (r *rig) schedule(out []sent) string {
	var b strings.Builder
	for i, s := range out {
		if i > 0 {
			b.WriteString(", ")
		}
		m := s.msg(r)
		what := string(m.Method())
		if !m.IsRequest() {
			what = fmt.Sprint(m.Code())
		}
		fmt.Fprintf(&b, "%s %v", what, r.since(s.at))
	}
	return b.String()
}

func (r *rig) want(got, want string) {
	r.Helper()
	if got != want {
		r.Errorf("\n got %s\nwant %s", got, want)
	}
}

// one returns the only message that was sent since the last look.
func (r *rig) one(n *fakeNet) *sip.Message {
	r.Helper()
	out := n.take()
	if len(out) != 1 {
		r.Fatalf("%d messages were sent, want one: %s", len(out), r.schedule(out))
	}
	return out[0].msg(r)
}

func (r *rig) none(n *fakeNet) {
	r.Helper()
	if out := n.take(); len(out) != 0 {
		r.Fatalf("sent: %s", r.schedule(out))
	}
}

// req is a request of the peer as text; every %s-like part has its default.
type req struct {
	method, uri, via, branch, from, to, callID string
	seq                                        int
	more, body                                 string
}

func (q req) String() string {
	or := func(s, def string) string {
		if s == "" {
			return def
		}
		return s
	}
	seq := q.seq
	if seq == 0 {
		seq = 1
	}
	via := or(q.via, "SIP/2.0/UDP 192.0.2.9:5060;branch="+or(q.branch, "z9hG4bKpeer1"))
	return fmt.Sprintf("%s %s SIP/2.0\r\nVia: %s\r\nMax-Forwards: 70\r\nFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %d %s\r\n%sContent-Length: %d\r\n\r\n%s",
		q.method, or(q.uri, "sip:us@192.0.2.1"), via, or(q.from, "<sip:peer@example.org>;tag=peer"),
		or(q.to, "<sip:us@192.0.2.1>"), or(q.callID, "call1"), seq, q.method, q.more, len(q.body), q.body)
}

// answer makes the peer's response to a request of ours.
func answer(m *sip.Message, code int, tag string) string {
	resp := sip.NewResponse(m, code, "")
	if tag != "" {
		resp.SetToTag(tag)
	}
	return resp.String()
}

// invite makes a request of ours.
func outgoing(method sip.Method) *sip.Message {
	u, _ := sip.ParseURI("sip:peer@192.0.2.9")
	m := sip.NewRequest(method, u)
	sip.Named("From").Set(m, "<sip:us@example.com>;tag=ours")
	sip.Named("To").Set(m, "<sip:peer@192.0.2.9>")
	sip.Named("Call-ID").Set(m, "outcall")
	sip.CSeq.Set(m, sip.Seq{Number: 7, Method: method})
	sip.MaxForwards.Set(m, 70)
	return m
}

var errTest = errors.New("test: the network is gone")
