package dum_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"dum"
	"dum/invite"
	"dum/request"
	"dum/sip"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	offer  = sip.Body{Type: "application/sdp", Data: "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"}
	answer = sip.Body{Type: "application/sdp", Data: "v=0\r\no=- 2 1 IN IP4 127.0.0.1\r\ns=-\r\n"}
)

// start makes a manager on loopback and returns the URI to reach it.
func start(t *testing.T, network string, cfg dum.Config) (*dum.Manager, string) {
	t.Helper()
	cfg.Listen = []string{network + "://127.0.0.1:0"}
	m, err := dum.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m, fmt.Sprintf("sip:bob@%s;transport=%s", m.Addrs()[0].Addr, network)
}

func TestCall(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		t.Run(network, func(t *testing.T) {
			ended := make(chan error, 1)
			bob, to := start(t, network, dum.Config{
				Invite: func(ctx context.Context, in *invite.Incoming) error {
					if in.Offer() != offer {
						return fmt.Errorf("offer %+v", in.Offer())
					}
					if err := in.Ring(180, sip.Body{}); err != nil {
						return err
					}
					_, err := in.Accept(ctx, answer, invite.Handler{
						Ended: func(s *invite.Session, why error) { ended <- why },
					})
					return err
				},
			})
			alice, _ := start(t, network, dum.Config{})
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()

			call, err := alice.UserAgent(nil).Invite(ctx, to, invite.Options{Offer: offer})
			if err != nil {
				t.Fatal(err)
			}
			if got := call.RemoteBody(); got != answer {
				t.Errorf("answer %+v", got)
			}
			if err := call.Bye(ctx); err != nil {
				t.Fatal(err)
			}
			select {
			case why := <-ended:
				if h, ok := errors.AsType[*invite.Hangup](why); !ok || !h.Peer {
					t.Errorf("callee: ended with %v", why)
				}
			case <-ctx.Done():
				t.Error("callee: never ended")
			}
			for _, m := range []*dum.Manager{alice, bob} {
				if err := m.Shutdown(ctx); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	_, to := start(t, "udp", dum.Config{
		Invite: func(ctx context.Context, in *invite.Incoming) error { return sip.NewStatus(486, "") },
	})
	alice, nobody := start(t, "udp", dum.Config{})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	ua := alice.UserAgent(nil)

	for _, tt := range []struct {
		to   string
		code int
	}{{to, 486}, {nobody, 405}} {
		_, err := ua.Invite(ctx, tt.to, invite.Options{Offer: offer})
		if st, ok := errors.AsType[*sip.Status](err); !ok || st.Code != tt.code {
			t.Errorf("%s: %v, want %d", tt.to, err, tt.code)
		}
	}
	if _, err := ua.Request(ctx, sip.OPTIONS, to, request.Options{}); err != nil {
		t.Error(err)
	}
	if _, err := ua.Invite(ctx, "not an address <", invite.Options{}); err == nil {
		t.Error("a call to nowhere was placed")
	}
	bad := alice.UserAgent(&dum.Profile{AOR: "nonsense"})
	if _, err := bad.Request(ctx, sip.OPTIONS, to, request.Options{}); err == nil {
		t.Error("a profile that cannot work was taken")
	}
}

func TestCancel(t *testing.T) {
	ringing, told := make(chan struct{}), make(chan error, 1)
	_, to := start(t, "udp", dum.Config{
		Invite: func(ctx context.Context, in *invite.Incoming) error {
			in.Ring(180, sip.Body{})
			close(ringing)
			<-ctx.Done()
			told <- context.Cause(ctx)
			return nil
		},
	})
	alice, _ := start(t, "udp", dum.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-ringing
		cancel()
	}()
	if _, err := alice.UserAgent(nil).Invite(ctx, to, invite.Options{Offer: offer}); !errors.Is(err, context.Canceled) {
		t.Errorf("outcome %v", err)
	}
	done, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	if err := alice.Shutdown(done); err != nil {
		t.Error(err)
	}
	select {
	case why := <-told:
		if why != invite.ErrCanceled {
			t.Errorf("the callee was told %v", why)
		}
	case <-done.Done():
		t.Error("the callee was not told that it was cancelled")
	}
}

func TestTarget(t *testing.T) {
	for in, want := range map[string]string{
		"sip:bob@example.com":           "sip:bob@example.com",
		"bob@example.com":               "sip:bob@example.com",
		"localhost:5070":                "sip:localhost:5070",
		"127.0.0.1:5070":                "sip:127.0.0.1:5070",
		"Bob <sips:bob@example.com>":    "sips:bob@example.com",
		"tel:+1-201-555-0100":           "tel:+1-201-555-0100",
		"sip:[::1]:5070;transport=tcp":  "sip:[::1]:5070;transport=tcp",
		`"A, B" <sip:ab@example.com>;x`: "sip:ab@example.com",
	} {
		u, err := dum.Target(in)
		if err != nil || u.String() != want {
			t.Errorf("%q: %v, %v, want %q", in, u, err, want)
		}
	}
	for _, in := range []string{"", "<", "a b", "sip:"} {
		if u, err := dum.Target(in); err == nil {
			t.Errorf("%q: %v", in, u)
		}
	}
}
