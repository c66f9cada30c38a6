package invite_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"dum/dialog"
	"dum/invite"
	"dum/sip"
	"dum/stack"
	"dum/trace"
	"dum/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const t1 = 500 * time.Millisecond

// Session descriptions are opaque here; these are told apart by their text.
func sdp(text string) sip.Body {
	return sip.Body{Type: "application/sdp", Data: "v=0\r\ns=" + text + "\r\n"}
}

// A peer is the other side of a manager, played by the test: it sees every
// message that the manager sends, and says what it likes.
type peer struct {
	*testing.T
	m        *dialog.Manager
	w        *wire
	branches int
}

// inBubble runs f against a fresh manager whose calls are handled by h, in a
// bubble of its own, and checks that nothing is left of it afterwards.
func inBubble(t *testing.T, h func(context.Context, *invite.Incoming) error, f func(t *testing.T, p *peer)) {
	t.Helper()
	inBubbleTraced(t, nil, h, f)
}

func inBubbleTraced(t *testing.T, tr *trace.Tracer, h func(context.Context, *invite.Incoming) error, f func(t *testing.T, p *peer)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{}
		m, err := dialog.NewManager(dialog.Config{Stack: stack.Config{Transports: []transport.Transport{w}, Trace: tr}})
		if err != nil {
			t.Fatal(err)
		}
		invite.NewServer(m, h)
		if _, err := m.Listen(t.Context(), "udp://192.0.2.1:5060"); err != nil {
			t.Fatal(err)
		}
		p := &peer{T: t, m: m, w: w}
		defer m.Close()
		f(t, p)
		p.Helper()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if n := m.Sets(); n != 0 {
			t.Errorf("%d sets are left", n)
		}
	})
}

// next is the next message that the manager has sent; nil if there is none.
func (p *peer) next() *sip.Message {
	synctest.Wait()
	return p.w.take()
}

// expect takes the next message, which must be what is asked for: a method, or
// "200 INVITE". Body is what its description must say; "" for none.
func (p *peer) expect(what, body string) *sip.Message {
	p.Helper()
	m := p.next()
	if m == nil {
		p.Fatalf("nothing sent, want %s", what)
	}
	if got := name(m); got != what {
		p.Fatalf("sent %s, want %s:\n%s", got, what, m)
	}
	if got := text(m); got != body {
		p.Fatalf("%s says %q, want %q", what, got, body)
	}
	return m
}

// quiet checks that nothing more is sent for some time.
func (p *peer) quiet(d time.Duration) {
	p.Helper()
	time.Sleep(d)
	if m := p.next(); m != nil {
		p.Fatalf("sent %s:\n%s", name(m), m)
	}
}

func name(m *sip.Message) string {
	if m.IsRequest() {
		return string(m.Method())
	}
	return fmt.Sprintf("%d %s", m.Code(), m.Method())
}

// text is what the description in a message says.
func text(m *sip.Message) string {
	_, s, _ := strings.Cut(m.Body().Data, "s=")
	return strings.TrimSpace(s)
}

func (p *peer) send(m *sip.Message) { p.w.inject(m.String()) }

// respond answers a request of the manager. An empty tag leaves To as it is.
func (p *peer) respond(req *sip.Message, code int, tag, body string) *sip.Message {
	resp := sip.NewResponse(req, code, "")
	if tag != "" && req.ToTag() == "" {
		resp.SetToTag(tag)
	}
	if code > 100 && code < 300 && req.Method() == sip.INVITE {
		sip.Named("Contact").Set(resp, "<sip:"+tag+"@192.0.2.2>")
	}
	if body != "" {
		resp.SetBody(sdp(body))
	}
	p.send(resp)
	return resp
}

func (p *peer) branch() string {
	p.branches++
	return fmt.Sprintf("z9hG4bKpeer%d", p.branches)
}

// newInvite is an INVITE of the peer that begins a call.
func (p *peer) newInvite(body string) *sip.Message {
	m := sip.NewRequest(sip.INVITE, sip.URI{Scheme: "sip", User: "bob", Host: "192.0.2.1"})
	sip.Named("Via").Set(m, "SIP/2.0/UDP 192.0.2.2:5060;branch="+p.branch())
	sip.MaxForwards.Set(m, 70)
	sip.Named("From").Set(m, "<sip:alice@192.0.2.2>;tag=alice")
	sip.Named("To").Set(m, "<sip:bob@192.0.2.1>")
	sip.Named("Call-ID").Set(m, fmt.Sprintf("call%d@192.0.2.2", p.branches))
	sip.Named("CSeq").Set(m, "1 INVITE")
	sip.Named("Contact").Set(m, "<sip:alice@192.0.2.2>")
	if body != "" {
		m.SetBody(sdp(body))
	}
	return m
}

// within is a request of the peer within the dialog that a message of the
// manager belongs to.
func (p *peer) within(of *sip.Message, method sip.Method, seq uint32, body string) *sip.Message {
	ours, theirs := "To", "From" // of a response to the peer's request
	if of.IsRequest() {
		ours, theirs = "From", "To"
	}
	get := func(name string) string {
		v, err := sip.Named(name).Get(of)
		if err != nil {
			p.Fatal(err)
		}
		return v
	}
	c, err := sip.Contact.Get(of)
	if err != nil {
		c.URI = sip.URI{Scheme: "sip", Host: "192.0.2.1"}
	}
	m := sip.NewRequest(method, c.URI)
	sip.Named("Via").Set(m, "SIP/2.0/UDP 192.0.2.2:5060;branch="+p.branch())
	sip.MaxForwards.Set(m, 70)
	sip.Named("From").Set(m, get(theirs))
	sip.Named("To").Set(m, get(ours))
	sip.Named("Call-ID").Set(m, of.CallID())
	sip.CSeq.Set(m, sip.Seq{Number: seq, Method: method})
	if method == sip.INVITE {
		sip.Named("Contact").Set(m, "<sip:moved@192.0.2.2>")
	}
	if body != "" {
		m.SetBody(sdp(body))
	}
	return m
}

// request sends a request within the dialog of a message.
func (p *peer) request(of *sip.Message, method sip.Method, seq uint32, body string) *sip.Message {
	m := p.within(of, method, seq, body)
	p.send(m)
	return m
}

// ack acknowledges a 2xx of the manager.
func (p *peer) ack(resp *sip.Message, body string) {
	seq, _ := sip.CSeq.Get(resp)
	p.request(resp, sip.ACK, seq.Number, body)
}

// ackFailure acknowledges a final response of 300 and above.
func (p *peer) ackFailure(req, resp *sip.Message) {
	m := p.derive(req, sip.ACK)
	to, _ := sip.Named("To").Get(resp)
	sip.Named("To").Set(m, to)
	p.send(m)
}

// cancel cancels an INVITE of the peer.
func (p *peer) cancel(req *sip.Message) { p.send(p.derive(req, sip.CANCEL)) }

// derive makes the ACK or CANCEL that belongs to the transaction of a request.
func (p *peer) derive(req *sip.Message, method sip.Method) *sip.Message {
	u, _ := req.URI()
	m := sip.NewRequest(method, u)
	for _, n := range []string{"Via", "Max-Forwards", "From", "To", "Call-ID"} {
		v, _ := sip.Named(n).Get(req)
		sip.Named(n).Set(m, v)
	}
	seq, _ := sip.CSeq.Get(req)
	sip.CSeq.Set(m, sip.Seq{Number: seq.Number, Method: method})
	return m
}

// outcome is what a blocking call in another goroutine has returned.
type outcome[T any] struct {
	val  T
	err  error
	over chan struct{}
}

// behind runs f on a goroutine of its own.
func behind[T any](f func() (T, error)) *outcome[T] {
	o := &outcome[T]{over: make(chan struct{})}
	go func() {
		defer close(o.over)
		o.val, o.err = f()
	}()
	return o
}

// done tells whether the outcome is there.
func (o *outcome[T]) done() bool {
	synctest.Wait()
	select {
	case <-o.over:
		return true
	default:
		return false
	}
}

// get is the outcome, which must be there.
func (o *outcome[T]) get(p *peer) (T, error) {
	p.Helper()
	if !o.done() {
		p.Fatal("still waiting")
	}
	return o.val, o.err
}

// ok is the outcome, which must be there and good.
func (o *outcome[T]) ok(p *peer) T {
	p.Helper()
	v, err := o.get(p)
	if err != nil {
		p.Fatal(err)
	}
	return v
}

// call places a call to the peer.
func (p *peer) call(ctx context.Context, o invite.Options) (*invite.Attempt, *outcome[*invite.Session]) {
	a := invite.Start(p.m, nil, sip.URI{Scheme: "sip", User: "bob", Host: "192.0.2.2"}, o)
	return a, behind(func() (*invite.Session, error) { return a.Wait(ctx) })
}

// status checks that an error is a status with a code.
func (p *peer) status(err error, code int) *sip.Status {
	p.Helper()
	st, ok := errors.AsType[*sip.Status](err)
	if !ok || st.Code != code {
		p.Fatalf("got error %v, want status %d", err, code)
	}
	return st
}

// endings counts what Handler.Ended is told.
type endings struct{ whys []error }

func (e *endings) hear(_ *invite.Session, why error) { e.whys = append(e.whys, why) }

// once checks that the end was told exactly once, and returns the reason.
func (e *endings) once(p *peer) error {
	p.Helper()
	synctest.Wait()
	if len(e.whys) != 1 {
		p.Fatalf("Ended was called %d times: %v", len(e.whys), e.whys)
	}
	return e.whys[0]
}

// hangup checks that an error is a Hangup of the side given.
func (p *peer) hangup(why error, byPeer bool) {
	p.Helper()
	if h, ok := errors.AsType[*invite.Hangup](why); !ok || h.Peer != byPeer {
		p.Fatalf("ended with %v", why)
	}
}
