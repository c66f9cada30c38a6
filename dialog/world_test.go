package dialog_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"dum/dialog"
	"dum/profile"
	"dum/resolve"
	"dum/sip"
	"dum/siptest"
	"dum/stack"
	"dum/trace"
	"dum/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const t1 = 500 * time.Millisecond

// The hosts of the tests.
const (
	ourIP   = "192.0.2.1"
	ourAddr = ourIP + ":5060"
	peerIP  = "192.0.2.2"
)

// A world is a manager on a simulated network, with a scripted peer on another
// host.
type world struct {
	*testing.T
	net  *siptest.Net
	m    *dialog.Manager
	rec  *trace.Recorder
	peer *siptest.Peer
	flow transport.Flow // from the peer to us
	// open is what an INVITE opens; nil answers it.
	open func(t *dialog.Turn, s *dialog.Set, tx *dialog.ServerTx)
	legs []*leg // of the INVITEs that were answered
	// on, when set, sees every event of the trace, where it happens.
	on func(ev trace.Event)
}

// Record makes the world a sink.
func (w *world) Record(_ time.Time, ev trace.Event) {
	if w.on != nil {
		w.on(ev)
	}
}

// resolver is a function as a resolver.
type resolver func(ctx context.Context, q resolve.Query) ([]resolve.Target, error)

func (f resolver) Resolve(ctx context.Context, q resolve.Query) ([]resolve.Target, error) {
	return f(ctx, q)
}

// bubble runs f in a world of its own, and checks that nothing is left of it.
func bubble(t *testing.T, setup func(cfg *dialog.Config, n *siptest.Net), f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, net: &siptest.Net{}, rec: &trace.Recorder{}}
		host := w.net.Host("us", ourIP)
		w.peer = siptest.NewPeer(t, w.net.Host("peer", peerIP).UDP(), peerIP+":5060")
		cfg := dialog.Config{}
		if setup != nil {
			setup(&cfg, w.net)
		}
		cfg.Stack.Transports = host.Transports()
		cfg.Stack.Trace = trace.New(w.rec, w)
		if cfg.Stack.Resolver == nil {
			cfg.Stack.Resolver = w.net.Resolver()
		}
		var err error
		if w.m, err = dialog.NewManager(cfg); err != nil {
			t.Fatal(err)
		}
		w.handle()
		at, err := w.m.Listen(t.Context(), "udp://"+ourAddr)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.m.Listen(t.Context(), "tcp://"+ourAddr); err != nil {
			t.Fatal(err)
		}
		w.flow = w.peer.FlowTo(at)
		f(w)
		if err := w.m.Close(); err != nil {
			t.Error(err)
		}
		if n := w.m.Sets(); n != 0 {
			t.Errorf("%d sets are left", n)
		}
	})
}

// handle is what the manager of the tests serves: calls with INFO in them,
// MESSAGE, and OPTIONS.
func (w *world) handle() {
	w.m.Handle(sip.INVITE, dialog.OpenerFunc(func(t *dialog.Turn, s *dialog.Set, tx *dialog.ServerTx) {
		if w.open != nil {
			w.open(t, s, tx)
			return
		}
		w.answer(t, s, tx)
	}), sip.ACK, sip.CANCEL, sip.BYE, sip.INFO)
	w.m.Handle(sip.MESSAGE, dialog.OpenerFunc(func(t *dialog.Turn, s *dialog.Set, tx *dialog.ServerTx) {
		s.Answer(t, tx, sip.NewStatus(200, ""))
	}))
	w.m.Handle(sip.OPTIONS, dialog.OpenerFunc(func(t *dialog.Turn, s *dialog.Set, tx *dialog.ServerTx) {
		s.Respond(t, tx, w.m.Capabilities(s.NewResponse(t, tx, 200, "")))
	}))
}

// overTCP makes the peer speak TCP.
func (w *world) overTCP() {
	w.Helper()
	w.peer = siptest.NewPeer(w.T, w.net.Host("peer", peerIP).TCP(), peerIP+":5060")
	w.flow = w.peer.FlowTo(netip.MustParseAddrPort(ourAddr))
}

// stackOn is a stack's configuration on a host of the network.
func stackOn(h *siptest.Host) stack.Config { return stack.Config{Transports: h.Transports()} }

// us is the URI of a user of the manager.
func us() sip.URI { return sip.URI{Scheme: "sip", User: "alice", Host: ourIP} }

func uri(s string) sip.URI {
	u, err := sip.ParseURI(s)
	if err != nil {
		panic(err)
	}
	return u
}

// A record is what turns tell a test, which may look at any time.
type record[T any] struct {
	mu   sync.Mutex
	list []T
}

func (r *record[T]) add(v T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, v)
}

// all is what was added once everybody rests.
func (r *record[T]) all() []T {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.list)
}

// responses are what came of a request.
type responses struct{ record[*dialog.Response] }

func (r *responses) recv(_ *dialog.Turn, resp *dialog.Response) { r.add(resp) }

// codes are the statuses that came back, in order, local failures with a dash.
func (r *responses) codes() string {
	var out []string
	for _, resp := range r.all() {
		if resp.Err != nil {
			out = append(out, fmt.Sprintf("-%d", resp.Code()))
			continue
		}
		out = append(out, fmt.Sprint(resp.Code()))
	}
	return strings.Join(out, " ")
}

// err is the first local failure.
func (r *responses) err() error {
	for _, resp := range r.all() {
		if resp.Err != nil {
			return resp.Err
		}
	}
	return nil
}

// sent is a request of ours and what came of it.
type sent struct {
	set *dialog.Set
	req *dialog.Request
	got responses
}

// send sends a request in a set of its own, which nothing else holds.
func (w *world) send(p *profile.Profile, m *sip.Message) *sent {
	w.Helper()
	set, err := w.m.NewSet(p)
	if err != nil {
		w.Fatal(err)
	}
	s := &sent{set: set}
	s.again(m, nil)
	return s
}

// again sends one more request in the set.
func (s *sent) again(m *sip.Message, d *dialog.Dialog) {
	s.req = &dialog.Request{Msg: m, Dialog: d, OnResponse: s.got.recv}
	s.set.Do(func(t *dialog.Turn) { s.set.Send(t, s.req) })
}

// codes are the statuses that have come back, those on the way included.
func (s *sent) codes() string {
	rest()
	return s.got.codes()
}

// rest lets arrive what is on its way.
func rest() {
	time.Sleep(20 * time.Millisecond)
	synctest.Wait()
}

// to is a request to the peer.
func (w *world) to(method sip.Method) *sip.Message { return sip.NewRequest(method, w.peer.URI()) }

// invite has the peer call us; it returns the INVITE and our final response.
func (w *world) invite(edits ...siptest.Edit) (inv *sip.Message, resp *siptest.Received) {
	w.Helper()
	inv = w.peer.Request(sip.INVITE, us(), edits...)
	w.peer.Send(w.flow, inv)
	return inv, w.peer.Expect("200 INVITE")
}

// ask has the peer send a request and returns the answer, which must have the
// code.
func (w *world) ask(m *sip.Message, code int) *siptest.Received {
	w.Helper()
	w.peer.Send(w.flow, m)
	return w.peer.Expect(fmt.Sprintf("%d %s", code, m.Method()))
}

// value is the text of a header, all its lines.
func value(m *sip.Message, name string) string {
	var all []string
	for v := range sip.Named(name).All(m) {
		all = append(all, v)
	}
	return strings.Join(all, " | ")
}

// same compares what a test is about.
func (w *world) same(what string, got, want any) {
	w.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// sets waits until everybody rests and checks how many sets there are.
func (w *world) sets(want int) {
	w.Helper()
	rest()
	if n := w.m.Sets(); n != want {
		w.Errorf("%d sets, want %d", n, want)
	}
}

// pass lets time pass.
func (w *world) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// quiet checks that the peer hears nothing for a while.
func (w *world) quiet(d time.Duration) {
	w.Helper()
	w.peer.Quiet(d)
	synctest.Wait()
}

// panics are the values of the panics that were traced.
func (w *world) panics() (values []any) {
	for _, p := range trace.Of[trace.Panic](w.rec) {
		values = append(values, p.Value)
	}
	return values
}

// ends are the errors with which sets ended, nil for the ordinary way.
func (w *world) ends() (errs []error) {
	for _, e := range trace.Of[trace.SetEnded](w.rec) {
		errs = append(errs, e.Err)
	}
	return errs
}

// has tells whether a list in a header holds a word.
func has(m *sip.Message, name, word string) bool {
	return slices.ContainsFunc(strings.Split(value(m, name), ","), func(s string) bool { return strings.TrimSpace(s) == word })
}
