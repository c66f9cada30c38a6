package main

import (
	"context"
	"slices"
	"strings"
	"testing"

	"dum"
	"dum/cmd/dum/internal/cli"
	"dum/request"
	"dum/sip"
)

// pong is what dum ping --json prints.
type pong struct {
	Target    string
	Status    int
	Reason    string
	RTT       float64 `json:"rtt_ms"`
	Server    string
	UserAgent string `json:"user_agent"`
	Allow     []string
	Accept    []string
	Supported []string
}

func TestPing(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		t.Run(network, func(t *testing.T) {
			_, target := answerer(t, network)
			p := start(t, "ping", target)
			if code := p.wait(); code != cli.Done {
				t.Errorf("exit code %d", code)
			}
			for _, want := range []string{"200 OK from " + target, "  Server      dum\n", "  Allow       ", "  Accept      application/sdp"} {
				if !strings.Contains(p.out.String(), want) {
					t.Errorf("no %q in\n%s", want, p.out)
				}
			}
			p = start(t, "ping", "--json", target)
			if code := p.wait(); code != cli.Done {
				t.Errorf("exit code %d", code)
			}
			got := last[pong](t, p)
			if got.Status != 200 || got.Reason != "OK" || got.RTT <= 0 || got.Target != target || got.Server != "dum" ||
				!slices.Contains(got.Allow, "INVITE") || !slices.Contains(got.Accept, "application/sdp") || got.Supported == nil {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestPingRefused(t *testing.T) {
	_, target := manager(t, dum.Config{Requests: map[sip.Method]func(context.Context, *request.Incoming) error{
		sip.OPTIONS: func(context.Context, *request.Incoming) error {
			return sip.NewStatus(486, "").With("Supported", "path, gruu")
		},
	}})
	p := start(t, "ping", target)
	if code := p.wait(); code != cli.Failed || !strings.Contains(p.err.String(), "dum ping: 486 Busy Here") || !strings.Contains(p.out.String(), "Supported   path, gruu") {
		t.Errorf("exit code %d, stdout %s, stderr %s", code, p.out, p.err)
	}
}

func TestPingNobody(t *testing.T) {
	m, target := manager(t, dum.Config{Requests: map[sip.Method]func(context.Context, *request.Incoming) error{
		sip.OPTIONS: func(ctx context.Context, in *request.Incoming) error { <-ctx.Done(); return nil },
	}})
	p := start(t, "ping", "--timeout", "50ms", target)
	if code := p.wait(); code != cli.NoAnswer || !strings.Contains(p.err.String(), "did not answer within 50ms") {
		t.Errorf("exit code %d, %s", code, p.err)
	}
	m.Close()
	p = start(t, "ping", target+";transport=tcp")
	if code := p.wait(); code != cli.Failed || p.err.String() == "" {
		t.Errorf("exit code %d, %s", code, p.err)
	}
}
