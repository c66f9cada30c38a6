package request_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dum/dialog"
	"dum/request"
	"dum/sip"
)

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
		time.Sleep(time.Nanosecond)
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
