package request_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"dum/dialog"
	"dum/request"
	"dum/sip"
	"dum/stack"
	"dum/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const t1 = 500 * time.Millisecond

// A wire is a datagram transport without a network: the test plays the peer.
type wire struct {
	mu      sync.Mutex
	handler transport.Handler
	sent    []*sip.Message
}

var (
	here  = netip.MustParseAddrPort("192.0.2.1:5060")
	there = netip.MustParseAddrPort("192.0.2.2:5060")
)

func (w *wire) Network() transport.Network {
	return transport.Network{Name: "UDP", DefaultPort: 5060}
}

func (w *wire) Listen(_ context.Context, _ netip.AddrPort, h transport.Handler) (netip.AddrPort, error) {
	w.handler = h
	return here, nil
}

func (w *wire) Flow(to transport.Destination, _ transport.Handler) (transport.Flow, error) {
	return flow{w, to.Remote}, nil
}

func (w *wire) Close() error { return nil }

type flow struct {
	w      *wire
	remote netip.AddrPort
}

func (f flow) Network() transport.Network { return f.w.Network() }
func (f flow) Local() netip.AddrPort      { return here }
func (f flow) Remote() netip.AddrPort     { return f.remote }
func (f flow) String() string             { return "wire " + f.remote.String() }

func (f flow) Send(b []byte) error {
	m, err := sip.Parse(string(b), sip.Limits{})
	if err != nil {
		panic("sent what cannot be parsed: " + err.Error())
	}
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	f.w.sent = append(f.w.sent, m)
	return nil
}

type peer struct {
	*testing.T
	m *dialog.Manager
	w *wire
}

// inBubble runs f against a fresh manager that setup has prepared, and checks
// that nothing is left of it.
func inBubble(t *testing.T, setup func(m *dialog.Manager), f func(t *testing.T, p *peer)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{}
		m, err := dialog.NewManager(dialog.Config{Stack: stack.Config{Transports: []transport.Transport{w}}})
		if err != nil {
			t.Fatal(err)
		}
		if setup != nil {
			setup(m)
		}
		if _, err := m.Listen(t.Context(), "udp://192.0.2.1:5060"); err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		f(t, &peer{t, m, w})
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if n := m.Sets(); n != 0 {
			t.Errorf("%d sets are left", n)
		}
	})
}

// expect takes the next message that the manager has sent: a method, or "200".
func (p *peer) expect(what string) *sip.Message {
	p.Helper()
	synctest.Wait()
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if len(p.w.sent) == 0 {
		p.Fatalf("nothing sent, want %s", what)
	}
	m := p.w.sent[0]
	p.w.sent = p.w.sent[1:]
	got := string(m.Method())
	if !m.IsRequest() {
		got = fmt.Sprint(m.Code())
	}
	if got != what {
		p.Fatalf("sent %s, want %s:\n%s", got, what, m)
	}
	return m
}

func (p *peer) quiet() {
	p.Helper()
	synctest.Wait()
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if len(p.w.sent) > 0 {
		p.Fatalf("sent\n%s", p.w.sent[0])
	}
}

func (p *peer) inject(m *sip.Message) { p.w.handler.Receive(flow{p.w, there}, []byte(m.String())) }

func (p *peer) send(method sip.Method, n int) {
	m := sip.NewRequest(method, sip.URI{Scheme: "sip", User: "bob", Host: "192.0.2.1"})
	sip.Named("Via").Set(m, fmt.Sprintf("SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKpeer%d", n))
	sip.MaxForwards.Set(m, 70)
	sip.Named("From").Set(m, "<sip:alice@192.0.2.2>;tag=alice")
	sip.Named("To").Set(m, "<sip:bob@192.0.2.1>")
	sip.Named("Call-ID").Set(m, fmt.Sprintf("call%d@192.0.2.2", n))
	sip.CSeq.Set(m, sip.Seq{Number: 1, Method: method})
	m.SetBody(sip.Body{Type: "text/plain", Data: "hello"})
	p.inject(m)
}

var bob = sip.URI{Scheme: "sip", User: "bob", Host: "192.0.2.2"}

// do runs Do beside the test.
func (p *peer) do(ctx context.Context, method sip.Method, o request.Options) (resp **sip.Message, err *error) {
	resp, err = new(*sip.Message), new(error)
	go func() { *resp, *err = request.Do(ctx, p.m, nil, method, bob, o) }()
	return resp, err
}

func TestDo(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, p *peer) {
		resp, err := p.do(t.Context(), sip.MESSAGE, request.Options{
			Headers: []sip.Field{{Name: "X-A", Value: "b"}},
			Body:    sip.Body{Type: "text/plain", Data: "hello"},
			Value:   "mine",
		})
		req := p.expect("MESSAGE")
		if !sip.Named("X-A").Has(req) || req.Body().Data != "hello" || req.RawURI() != "sip:bob@192.0.2.2" {
			t.Errorf("sent\n%s", req)
		}
		for _, h := range []string{"From", "To", "Call-ID", "CSeq", "Max-Forwards", "Via"} {
			if !sip.Named(h).Has(req) {
				t.Errorf("no %s", h)
			}
		}
		p.inject(sip.NewResponse(req, 100, ""))
		ok := sip.NewResponse(req, 202, "")
		p.inject(ok)
		p.inject(ok)
		synctest.Wait()
		if *err != nil || (*resp).Code() != 202 {
			t.Errorf("got %v, %v", *resp, *err)
		}
	})
}

func TestDoFails(t *testing.T) {
	for _, code := range []int{302, 404, 503, 603} {
		inBubble(t, nil, func(t *testing.T, p *peer) {
			resp, err := p.do(t.Context(), sip.OPTIONS, request.Options{})
			p.inject(sip.NewResponse(p.expect("OPTIONS"), code, ""))
			synctest.Wait()
			if st, ok := errors.AsType[*sip.Status](*err); !ok || st.Code != code || st.Response == nil || *resp != nil {
				t.Errorf("got %v, %v", *resp, *err)
			}
		})
	}
	inBubble(t, nil, func(t *testing.T, p *peer) {
		_, err := p.do(t.Context(), sip.OPTIONS, request.Options{})
		time.Sleep(64*t1 + 1)
		synctest.Wait()
		if st, ok := errors.AsType[*sip.Status](*err); !ok || st.Code != 408 {
			t.Errorf("got %v", *err)
		}
	})
	inBubble(t, nil, func(t *testing.T, p *peer) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := p.do(ctx, sip.OPTIONS, request.Options{})
		time.Sleep(time.Second)
		synctest.Wait()
		if !errors.Is(*err, context.DeadlineExceeded) {
			t.Errorf("got %v", *err)
		}
		for _, m := range []sip.Method{sip.INVITE, sip.ACK, sip.CANCEL, sip.BYE} {
			if _, err := request.Do(t.Context(), p.m, nil, m, bob, request.Options{}); err == nil {
				t.Errorf("%s went out", m)
			}
		}
		_, err = p.do(t.Context(), sip.OPTIONS, request.Options{})
		synctest.Wait()
		p.m.Close()
		synctest.Wait()
		if st, ok := errors.AsType[*sip.Status](*err); !ok || st.Code != 503 {
			t.Errorf("closed while it waits: %v", *err)
		}
		if _, err := request.Do(t.Context(), p.m, nil, sip.OPTIONS, bob, request.Options{}); !errors.Is(err, dialog.ErrShutdown) {
			t.Errorf("got %v", err)
		}
	})
}

func TestHandle(t *testing.T) {
	var later *request.Incoming
	setup := func(m *dialog.Manager) {
		request.HandleOptions(m)
		request.Handle(m, sip.MESSAGE, func(_ context.Context, in *request.Incoming) error {
			if in.From().URI.User != "alice" || in.Set() == nil || !strings.Contains(in.String(), "MESSAGE") {
				t.Errorf("came in as %v", in)
			}
			return in.Respond(request.Reply{Code: 202, Headers: []sip.Field{{Name: "X-A", Value: "b"}}, Body: in.Request().Body()})
		})
		request.Handle(m, "REFUSE", func(context.Context, *request.Incoming) error { return sip.NewStatus(403, "No") })
		request.Handle(m, "FAIL", func(context.Context, *request.Incoming) error { return errors.New("disk full") })
		request.Handle(m, "PANIC", func(context.Context, *request.Incoming) error { panic("boom") })
		request.Handle(m, "LATER", func(_ context.Context, in *request.Incoming) error { later = in; return nil })
		request.Handle(m, "NOBODY", nil)
	}
	inBubble(t, setup, func(t *testing.T, p *peer) {
		p.send(sip.MESSAGE, 1)
		if resp := p.expect("202"); !sip.Named("X-A").Has(resp) || resp.Body().Data != "hello" || resp.ToTag() == "" {
			t.Errorf("answered\n%s", resp)
		}
		p.send("REFUSE", 2)
		if resp := p.expect("403"); resp.Reason() != "No" {
			t.Errorf("answered\n%s", resp)
		}
		p.send("FAIL", 3)
		p.expect("500")
		p.send("PANIC", 4)
		p.expect("500")
		for n, method := range []sip.Method{"NOBODY", "UNKNOWN"} {
			p.send(method, 5+n)
			resp := p.expect("405")
			if v, _ := sip.Named("Allow").Get(resp); !strings.Contains(v, "MESSAGE") {
				t.Errorf("Allow %q", v)
			}
		}
		p.send("LATER", 8)
		p.quiet()
		if later.Respond(request.Reply{Code: 100}) == nil {
			t.Error("100 is a final response")
		}
		if err := later.Respond(request.Reply{}); err != nil {
			t.Error(err)
		}
		p.expect("200")
		if err := later.Respond(request.Reply{}); !errors.Is(err, dialog.ErrEnded) {
			t.Errorf("got %v", err)
		}
		p.quiet()
	})
}

// RFC 3261 §11.2: what we can do.
func TestOptions(t *testing.T) {
	inBubble(t, request.HandleOptions, func(t *testing.T, p *peer) {
		p.send(sip.OPTIONS, 1)
		resp := p.expect("200")
		for _, h := range []string{"Allow", "Accept", "Accept-Encoding", "Accept-Language", "Supported"} {
			if !sip.Named(h).Has(resp) {
				t.Errorf("no %s in\n%s", h, resp)
			}
		}
	})
}

// A handler that takes too long is answered for.
func TestForgotten(t *testing.T) {
	var cause error
	setup := func(m *dialog.Manager) {
		request.Handle(m, "SLOW", func(ctx context.Context, in *request.Incoming) error {
			<-ctx.Done()
			cause = context.Cause(ctx)
			return cause
		})
		request.Handle(m, "NEVER", func(context.Context, *request.Incoming) error { return nil })
	}
	inBubble(t, setup, func(t *testing.T, p *peer) {
		p.send("SLOW", 1)
		p.send("NEVER", 2)
		time.Sleep(60*t1 - 1)
		p.quietBut100()
		time.Sleep(1)
		p.expect("500")
		p.expect("500")
		if !errors.Is(cause, request.ErrForgotten) {
			t.Errorf("cause %v", cause)
		}
	})
}

// quietBut100 is quiet about anything but the 100s of slow transactions.
func (p *peer) quietBut100() {
	p.Helper()
	synctest.Wait()
	p.w.mu.Lock()
	for len(p.w.sent) > 0 && p.w.sent[0].Code() == 100 {
		p.w.sent = p.w.sent[1:]
	}
	p.w.mu.Unlock()
	p.quiet()
}

// Shutdown and Close end what waits.
func TestShutdown(t *testing.T) {
	causes := make(map[string]error)
	setup := func(m *dialog.Manager) {
		request.Handle(m, "SLOW", func(ctx context.Context, in *request.Incoming) error {
			<-ctx.Done()
			causes[in.Set().CallID()] = context.Cause(ctx)
			return nil
		})
	}
	inBubble(t, setup, func(t *testing.T, p *peer) {
		p.send("SLOW", 1)
		synctest.Wait()
		if err := p.m.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.expect("503")
		synctest.Wait()
		if !errors.Is(causes["call1@192.0.2.2"], dialog.ErrShutdown) {
			t.Errorf("causes %v", causes)
		}
	})
	inBubble(t, setup, func(t *testing.T, p *peer) {
		p.send("SLOW", 2)
		synctest.Wait()
		p.m.Close()
		synctest.Wait()
		if causes["call2@192.0.2.2"] == nil {
			t.Errorf("causes %v", causes)
		}
	})
}
