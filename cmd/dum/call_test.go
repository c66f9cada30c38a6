package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"dum"
	"dum/auth"
	"dum/cmd/dum/internal/cli"
	"dum/credential"
	"dum/invite"
	"dum/media"
	"dum/sip"
)

// report is what dum call --json prints.
type report struct {
	Target      string
	Calls       int
	Answered    int
	Failed      int
	Failures    map[string]int
	Canceled    int
	EndedByPeer int                 `json:"ended_by_peer"`
	Setup       *map[string]float64 `json:"setup_ms"`
	Elapsed     float64             `json:"elapsed_ms"`
	Interrupted bool
}

func TestCalls(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		for _, offer := range []string{"", "--late-offer"} {
			t.Run(network+offer, func(t *testing.T) {
				a, target := answerer(t, network, "--ring")
				args := strings.Fields("call --json --count 40 --rate 400 --duration 20ms " + offer)
				p := start(t, append(args, target)...)
				if code := p.wait(); code != cli.Done {
					t.Errorf("call: exit code %d\n%s%s", code, p.out, p.err)
				}
				r := last[report](t, p)
				if r.Calls != 40 || r.Answered != 40 || r.Failed != 0 || len(r.Failures) != 0 || r.Target != target || r.Interrupted {
					t.Errorf("report %+v", r)
				}
				if s := *r.Setup; s["min"] <= 0 || s["p50"] < s["min"] || s["p95"] < s["p50"] || s["p99"] < s["p95"] || s["max"] < s["p99"] {
					t.Errorf("set-up times %v", s)
				}
				a.signal(syscall.SIGUSR1)
				a.find(a.out, `"calls":40`)
				a.signal(os.Interrupt)
				if code := a.wait(); code != cli.Done {
					t.Errorf("answer: exit code %d", code)
				}
				if n := last[numbers](t, a); n.Calls != 40 || n.Failed != 0 || n.Open != 0 || n.Goroutines == 0 || n.HeapBytes == 0 {
					t.Errorf("numbers %+v", n)
				}
			})
		}
	}
}

func TestCallStory(t *testing.T) {
	_, target := answerer(t, "udp", "--ring", "--delay", "1ms", "--count", "1")
	p := start(t, "call", "--duration", "0s", target)
	if code := p.wait(); code != cli.Done {
		t.Errorf("exit code %d", code)
	}
	out := p.out.String()
	for _, want := range []string{"INVITE sent", "180 Ringing", "200 OK, media: [audio sendrecv PCMU/8000", "the call is up", "we hung up", "1 call: 1 answered, 0 failed", "set-up time:"} {
		if i := strings.Index(out, want); i < 0 {
			t.Errorf("no %q, or too early, in\n%s", want, p.out)
		} else {
			out = out[i:]
		}
	}
}

// Bound to every address, both sides still name one that the other can reach.
func TestWildcard(t *testing.T) {
	p := start(t, "answer", "--listen", "udp://0.0.0.0:0")
	port := p.find(p.err, `listening on udp://0.0.0.0:(\d+)`)[1]
	c := start(t, "call", "--duration", "0s", "--trace", "text", "sip:127.0.0.1:"+port)
	if code := c.wait(); code != cli.Done {
		t.Errorf("exit code %d, %s", code, c.out)
	}
	if n := strings.Count(c.err.String(), "    c=IN IP4 127.0.0.1\n"); n != 2 {
		t.Errorf("%d of 2 descriptions name the right address:\n%s", n, c.err)
	}
}

func TestRefused(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		t.Run(network, func(t *testing.T) { refused(t, network) })
	}
}

func refused(t *testing.T, network string) {
	t.Helper()
	a, target := answerer(t, network, "--status", "486", "--count", "2")
	p := start(t, "call", target)
	if code := p.wait(); code != cli.Failed || !strings.Contains(p.out.String(), "1 x 486 Busy Here") {
		t.Errorf("exit code %d, %s", code, p.out)
	}
	p = start(t, "call", "--json", target)
	if code := p.wait(); code != cli.Failed {
		t.Errorf("exit code %d", code)
	}
	if r := last[report](t, p); r.Failures["486"] != 1 || r.Failed != 1 || r.Setup != nil {
		t.Errorf("report %+v", r)
	}
	if code := a.wait(); code != cli.Done { // as it was told, and by itself after two
		t.Errorf("answer: exit code %d", code)
	}
	if n := last[numbers](t, a); n.Calls != 2 || n.Failed != 0 || n.Open != 0 {
		t.Errorf("numbers %+v", n)
	}
}

func TestNoAnswer(t *testing.T) {
	a, target := answerer(t, "udp", "--ring", "--delay", "1h", "--count", "1")
	p := start(t, "call", "--json", "--timeout", "50ms", target)
	if code := p.wait(); code != cli.NoAnswer {
		t.Errorf("exit code %d", code)
	}
	if r := last[report](t, p); r.Failures["timeout"] != 1 || r.Failed != 1 {
		t.Errorf("report %+v", r)
	}
	if code := a.wait(); code != cli.Done {
		t.Errorf("answer: exit code %d", code)
	}
	if n := last[numbers](t, a); n.Failed != 0 || n.Open != 0 {
		t.Errorf("a call that is cancelled has not failed: %+v", n)
	}
}

func TestUnreachable(t *testing.T) {
	m, target := manager(t, dum.Config{})
	m.Close()
	p := start(t, "call", target+";transport=tcp")
	if code := p.wait(); code != cli.Failed || !strings.Contains(p.out.String(), "cannot be reached: ") {
		t.Errorf("exit code %d, %s", code, p.out)
	}
}

func TestInterruptedCalls(t *testing.T) {
	t.Run("up", func(t *testing.T) {
		a, target := answerer(t, "udp", "--count", "1")
		p := start(t, "call", "--json", "--duration", "1h", target)
		p.find(p.err, "the call is up")
		p.signal(os.Interrupt)
		if code := p.wait(); code != cli.Interrupted {
			t.Errorf("exit code %d", code)
		}
		if r := last[report](t, p); !r.Interrupted || r.Answered != 1 || r.Failed != 0 {
			t.Errorf("report %+v", r)
		}
		if a.wait(); last[numbers](t, a).Failed != 0 {
			t.Errorf("not hung up in order: %s", a.out)
		}
	})
	t.Run("ringing", func(t *testing.T) {
		a, target := answerer(t, "udp", "--ring", "--delay", "1h", "--count", "1")
		p := start(t, "call", target)
		p.find(p.out, "180 Ringing")
		p.signal(syscall.SIGTERM)
		if code := p.wait(); code != cli.Interrupted || !strings.Contains(p.out.String(), "1 cancelled") {
			t.Errorf("exit code %d, %s", code, p.out)
		}
		if a.wait(); last[numbers](t, a).Failed != 0 {
			t.Errorf("not cancelled in order: %s", a.out)
		}
	})
}

func TestAnswererStops(t *testing.T) {
	a, target := answerer(t, "tcp", "--count", "2")
	p := start(t, "call", "--json", "--duration", "1h", target)
	p.find(p.err, "the call is up")
	a.signal(os.Interrupt)
	if code := a.wait(); code != cli.Interrupted { // one call of two
		t.Errorf("answer: exit code %d", code)
	}
	if code := p.wait(); code != cli.Done || !strings.Contains(p.err.String(), "the peer hung up") {
		t.Errorf("call: exit code %d, %s", code, p.err)
	}
	if r := last[report](t, p); r.EndedByPeer != 1 || r.Failed != 0 {
		t.Errorf("report %+v", r)
	}
}

// The peer may change a call while we hold it; what it offers is answered.
func TestCallIsChanged(t *testing.T) {
	answer := make(chan sip.Body, 2)
	_, target := manager(t, dum.Config{Invite: func(ctx context.Context, in *invite.Incoming) error {
		var side media.Session
		body, err := side.Answer(in.Offer())
		if err != nil {
			return err
		}
		s, err := in.Accept(ctx, body, invite.Handler{Offer: func(_ context.Context, _ *invite.Session, offer sip.Body) (sip.Body, error) {
			return side.Answer(offer)
		}})
		if err != nil {
			return err
		}
		for _, offer := range []sip.Body{side.Offer(media.Sendonly), {}} {
			body, err := s.Offer(ctx, offer)
			if err != nil {
				t.Error(err)
			}
			answer <- body
		}
		return s.Bye(ctx)
	}})
	p := start(t, "call", "--duration", "1h", target)
	if code := p.wait(); code != cli.Done || !strings.Contains(p.out.String(), "the peer changed the call, media: [audio sendonly") {
		t.Errorf("exit code %d, %s", code, p.out)
	}
	for _, want := range []string{"a=recvonly", "a=sendrecv"} {
		if got := (<-answer).Data; !strings.Contains(got, want) {
			t.Errorf("answered %q, want %s", got, want)
		}
	}
}

func TestSDPFile(t *testing.T) {
	const text = "v=0\r\no=me 1 1 IN IP4 192.0.2.1\r\ns=mine\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n"
	file := filepath.Join(t.TempDir(), "a.sdp")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, target := answerer(t, "udp", "--sdp", file)
	p := start(t, "call", "--duration", "0s", "--sdp", file, "--trace", "text", target)
	if code := p.wait(); code != cli.Done {
		t.Errorf("exit code %d\n%s", code, p.err)
	}
	if n := strings.Count(p.err.String(), "    s=mine\n"); n != 2 { // the offer and the answer
		t.Errorf("the file was sent %d times", n)
	}
}

func TestCredentials(t *testing.T) {
	door := auth.Challenger{Realm: "the club"}
	_, target := manager(t, dum.Config{Invite: func(ctx context.Context, in *invite.Incoming) error {
		if _, refusal := door.Verify(in.Request(), func(user, realm string) (credential.Digest, bool) {
			return credential.Digest{Realm: realm, Username: user, Password: "secret"}, user == "alice"
		}); refusal != nil {
			return refusal
		}
		return sip.NewStatus(603, "")
	}})
	for _, tt := range []struct {
		args string
		want string
	}{
		{"", `401 Unauthorized (the peer asks who we are (realm "the club"): try --user and --password)`},
		{"--user alice --password secret", "603 Decline"},
		{"--user alice --password wrong", `401 Unauthorized (the password was not accepted`},
		{"--user alice --password secret --realm other", `401 Unauthorized (the peer names realm "the club", --realm says "other")`},
		{"--user alice --password secret --proxy " + target, "603 Decline"},
	} {
		p := start(t, append(strings.Fields("call "+tt.args), target)...)
		if code := p.wait(); code != cli.Failed || !strings.Contains(p.out.String(), tt.want) {
			t.Errorf("%s: exit code %d, %s\nwant %s", tt.args, code, p.out, tt.want)
		}
	}
	p := start(t, "call", "--user", "alice", "--password", "secret", "--realm", "the club", target)
	if p.wait(); !strings.Contains(p.out.String(), "603 Decline") {
		t.Errorf("with the right realm: %s", p.out)
	}
}
