package invite_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"dum/dialog"
	"dum/invite"
	"dum/sip"
)

// RFC 5407 §3.2: both hang up at once. Each BYE is answered, nothing hangs, and
// the end is told once.
func TestByesCross(t *testing.T) {
	for _, first := range []string{"answer", "BYE"} {
		var end endings
		answered(t, invite.Handler{Ended: end.hear}, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
			bye := behind(func() (int, error) { return 0, s.Bye(t.Context()) })
			req := p.expect("BYE", "")
			if first == "answer" {
				p.respond(req, 200, "", "")
				bye.ok(p)
				p.request(ok, sip.BYE, 2, "")
				p.expect("481 BYE", "")
			} else {
				p.request(ok, sip.BYE, 2, "")
				p.expect("200 BYE", "")
				bye.ok(p)
				p.respond(req, 481, "", "")
			}
			p.hangup(end.once(p), false)
		})
	}
}

// What comes back to a BYE is the user's to know, but ends the session all the
// same.
func TestByeRefused(t *testing.T) {
	for _, code := range []int{481, 500, 0} {
		var end endings
		answered(t, invite.Handler{Ended: end.hear}, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
			bye := behind(func() (int, error) { return 0, s.Bye(t.Context()) })
			req := p.expect("BYE", "")
			if code == 0 {
				time.Sleep(64 * t1)
				p.drain()
			} else {
				p.respond(req, code, "", "")
			}
			_, err := bye.get(p)
			switch code {
			case 481:
				if err != nil {
					t.Errorf("got %v", err)
				}
			case 500:
				p.status(err, 500)
			case 0:
				p.status(err, 408)
			}
			p.hangup(end.once(p), false)
		})
	}
}

// The end of Bye's context ends the waiting only.
func TestByeContext(t *testing.T) {
	answered(t, invite.Handler{}, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		bye := behind(func() (int, error) { return 0, s.Bye(ctx) })
		req := p.expect("BYE", "")
		time.Sleep(time.Second)
		p.drain()
		if _, err := bye.get(p); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		second := behind(func() (int, error) { return 0, s.Bye(t.Context()) }) // joins the first
		p.quiet(time.Millisecond)
		p.respond(req, 200, "", "")
		second.ok(p)
	})
}

// Requests within the dialog without a handler.
func TestUnknownRequests(t *testing.T) {
	answered(t, invite.Handler{}, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
		for i, c := range []struct {
			method sip.Method
			want   string
		}{
			{sip.OPTIONS, "200 OPTIONS"}, {sip.INFO, "405 INFO"}, {sip.UPDATE, "405 UPDATE"},
			{sip.PRACK, "405 PRACK"}, {"JUMP", "405 JUMP"},
		} {
			p.request(ok, c.method, uint32(2+i), "")
			resp := p.expect(c.want, "")
			if resp.Code() == 405 && !sip.Named("Allow").Has(resp) {
				t.Error("405 without Allow")
			}
		}
		if s.Ended() != nil {
			t.Error("the call has ended")
		}
		p.end(s)
	})
}

// Handler.Request answers them, one after the other.
func TestRequestHandler(t *testing.T) {
	var order []string
	h := invite.Handler{Request: func(_ context.Context, _ *invite.Session, req *sip.Message) (invite.Reply, error) {
		order = append(order, text(req))
		switch text(req) {
		case "refuse":
			return invite.Reply{}, sip.NewStatus(469, "Bad INFO Package")
		case "panic":
			panic("boom")
		case "fail":
			return invite.Reply{}, errors.New("disk full")
		}
		return invite.Reply{Code: 202, Headers: []sip.Field{{Name: "X-A", Value: "b"}}, Body: sdp("reply")}, nil
	}}
	answered(t, h, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
		for i, what := range []string{"one", "refuse", "panic", "fail", "two"} {
			p.request(ok, sip.INFO, uint32(2+i), what)
		}
		for _, want := range []string{"202", "469", "500", "500", "202"} {
			body := ""
			if want == "202" {
				body = "reply"
			}
			resp := p.expect(want+" INFO", body)
			if want == "202" && !sip.Named("X-A").Has(resp) {
				t.Error("the header is lost")
			}
		}
		if !slices.Equal(order, []string{"one", "refuse", "panic", "fail", "two"}) {
			t.Errorf("order %v", order)
		}
		p.end(s)
	})
}

// A BYE answers what the user has not answered.
func TestByeAnswersPending(t *testing.T) {
	h := invite.Handler{Request: func(ctx context.Context, _ *invite.Session, _ *sip.Message) (invite.Reply, error) {
		<-ctx.Done()
		return invite.Reply{}, nil
	}}
	answered(t, h, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
		p.request(ok, sip.INFO, 2, "")
		p.quiet(time.Second)
		p.request(ok, sip.BYE, 3, "")
		p.expect("487 INFO", "")
		p.expect("200 BYE", "")
		p.quiet(time.Second)
	})
}

// Requests of ours within the dialog.
func TestRequest(t *testing.T) {
	var end endings
	answered(t, invite.Handler{Ended: end.hear}, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
		ask := func(m sip.Method) *outcome[*sip.Message] {
			return behind(func() (*sip.Message, error) {
				return s.Request(t.Context(), m, invite.Request{Body: sdp("q"), Headers: []sip.Field{{Name: "X-A", Value: "b"}}})
			})
		}
		out := ask(sip.INFO)
		req := p.expect("INFO", "q")
		if !sip.Named("X-A").Has(req) || req.ToTag() != "alice" {
			t.Errorf("asked\n%s", req)
		}
		p.respond(req, 200, "", "r")
		if text(out.ok(p)) != "r" {
			t.Error("the answer is lost")
		}
		out = ask(sip.INFO)
		p.respond(p.expect("INFO", "q"), 415, "", "")
		_, err := out.get(p)
		p.status(err, 415)
		if _, err := s.Request(t.Context(), sip.BYE, invite.Request{}); err == nil {
			t.Error("BYE by the back door")
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.Request(ctx, sip.INFO, invite.Request{}); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		p.respond(p.expect("INFO", ""), 200, "", "")
		if s.Ended() != nil {
			t.Fatal("the call has ended")
		}
		// RFC 5057: 481 tells that the peer has lost the call.
		out = ask(sip.OPTIONS)
		p.respond(p.expect("OPTIONS", "q"), 481, "", "")
		_, err = out.get(p)
		p.status(err, 481)
		p.respond(p.expect("BYE", ""), 481, "", "")
		p.status(end.once(p), 481)
		if _, err := s.Request(t.Context(), sip.INFO, invite.Request{}); !errors.Is(err, dialog.ErrEnded) {
			t.Errorf("got %v", err)
		}
	})
}

// The context is made when asked for, before the end or after it.
func TestContext(t *testing.T) {
	answered(t, invite.Handler{}, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
		before := s.Context()
		if before != s.Context() || before.Err() != nil {
			t.Error("not one living context")
		}
		p.request(ok, sip.BYE, 2, "")
		p.expect("200 BYE", "")
		<-before.Done()
		p.hangup(context.Cause(before), true)
	})
	answered(t, invite.Handler{}, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
		p.request(ok, sip.BYE, 2, "")
		p.expect("200 BYE", "")
		p.hangup(context.Cause(s.Context()), true)
	})
}

func TestEvents(t *testing.T) {
	h := invite.Handler{Offer: func(context.Context, *invite.Session, sip.Body) (sip.Body, error) { return sdp("a2"), nil }}
	ringing(t, "o1", func(t *testing.T, p *peer, d *desk, inv *sip.Message) {
		s, err := d.in.Accept(t.Context(), sdp("a1"), h)
		if err != nil {
			t.Fatal(err)
		}
		read := func(ctx context.Context) *outcome[[]invite.Event] {
			return behind(func() ([]invite.Event, error) { return slices.Collect(s.Events(ctx)), nil })
		}
		all := read(t.Context())
		ctx, cancel := context.WithCancel(t.Context())
		some := read(ctx)
		synctest.Wait()
		ok := p.expect("200 INVITE", "a1")
		p.ack(ok, "")
		synctest.Wait()
		cancel()
		if got := some.ok(p); len(got) != 1 || got[0] != (invite.Confirmed{}) {
			t.Errorf("events %v", got)
		}
		one := behind(func() (int, error) {
			for range s.Events(t.Context()) {
				break
			}
			return 0, nil
		})
		synctest.Wait()
		p.request(ok, sip.INVITE, 2, "o2")
		p.ack(p.expect("200 INVITE", "a2"), "")
		offer := behind(func() (sip.Body, error) { return s.Offer(t.Context(), sdp("o3")) })
		p.respond(p.expect("INVITE", "o3"), 200, "", "a3")
		p.expect("ACK", "")
		offer.ok(p)
		p.request(ok, sip.BYE, 3, "")
		p.expect("200 BYE", "")
		want := []invite.Event{
			invite.Confirmed{},
			invite.Changed{Local: sdp("a2"), Remote: sdp("o2"), ByPeer: true},
			invite.Changed{Local: sdp("o3"), Remote: sdp("a3")},
			invite.Ended{Why: s.Ended()},
		}
		if got := all.ok(p); !slices.Equal(got, want) {
			t.Errorf("events %v\nwant   %v", got, want)
		}
		one.ok(p)
		if !invite.AtRest(s) {
			t.Error("readers are left")
		}
		if got := read(t.Context()).ok(p); !slices.Equal(got, want[3:]) {
			t.Errorf("after the end: %v", got)
		}
	})
}

// A reader that does not read loses the oldest events, and stops nobody.
func TestSlowReader(t *testing.T) {
	answered(t, invite.Handler{}, func(t *testing.T, p *peer, s *invite.Session, ok *sip.Message) {
		busy := make(chan struct{})
		read := behind(func() (int, error) {
			n := 0
			for range s.Events(t.Context()) {
				if n++; n == 1 {
					<-busy
				}
			}
			return n, nil
		})
		synctest.Wait()
		for i := range 200 {
			p.request(ok, sip.INVITE, uint32(2+i), "o1") // a refresh
			p.ack(p.expect("200 INVITE", "a1"), "")
		}
		p.request(ok, sip.BYE, 500, "")
		p.expect("200 BYE", "")
		close(busy)
		if n := read.ok(p); n != 1+128 {
			t.Errorf("read %d events", n)
		}
	})
}
