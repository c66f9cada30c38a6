package main

import (
	"strings"
	"testing"

	"dum/cmd/dum/internal/cli"
)

func TestUsage(t *testing.T) {
	for _, tt := range []struct {
		args string
		want string // on stderr
	}{
		{"cal", "unknown command \"cal\" for \"dum\""},
		{"call", "whom?"},
		{"call a b", "one target"},
		{"call --rat 3 x", "did you mean --rate?"},
		{"call --count 0 x", "at least one call"},
		{"call --rate 0 x", "must be positive"},
		{"call --rate NaN x", "must be positive"},
		{"call --duration -1s x", "must not be negative"},
		{"call --timeout 0s x", "must be positive"},
		{"call --duration soon x", "invalid argument"},
		{"call --late-offer --sdp main.go x", "exclude each other"},
		{"call --sdp main.go x", "must begin with v=0"},
		{"call --sdp none.sdp x", "no such file"},
		{"call --listen 127.0.0.1 x", "must look like udp://"},
		{"call --trace loud x", "must be ladder, text, json or pcap=FILE"},
		{"call --trace pcap x", "needs a file"},
		{"call --trace pcap=none/x.pcap x", "no such file"},
		{"call --proxy tel:1 x", "not a SIP URI"},
		{"call --from <>; x", "--from"},
		{"call --password x y", "need --user"},
		{"call --realm x y", "need --user"},
		{"call --user x y", "needs --password"},
		{"call sip:", "not the address of a peer"},
		{"ping", "whom?"},
		{"ping --timeout 0s x", "must be positive"},
		{"ping --listen x y", "must look like udp://"},
		{"ping sip:", "not the address of a peer"},
		{"answer x", "no arguments"},
		{"answer --status 200", "from 300 to 699"},
		{"answer --delay -1s", "must not be negative"},
		{"answer --count -1", "must not be negative"},
		{"answer --listen sctp://x", "must look like udp://"},
		{"demo x", "no arguments"},
		{"demo --trace x", "must be ladder"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			p := start(t, strings.Fields(tt.args)...)
			if code := p.wait(); code != cli.Usage {
				t.Errorf("exit code %d", code)
			}
			if got := p.err.String(); !strings.Contains(got, tt.want) || !strings.Contains(got, "--help' for usage") {
				t.Errorf("stderr %q, want %q and a hint", got, tt.want)
			}
			if p.out.String() != "" {
				t.Errorf("stdout %q", p.out)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	for _, name := range []string{"", "demo", "answer", "call", "ping"} {
		p := start(t, strings.Fields(name+" --help")...)
		if code := p.wait(); code != cli.Done {
			t.Errorf("%s --help: exit code %d", name, code)
		}
		for _, want := range []string{"Exit codes:", "Examples:", "130  interrupted"} {
			if !strings.Contains(p.out.String(), want) {
				t.Errorf("%s --help lacks %q", name, want)
			}
		}
	}
}

func TestDemo(t *testing.T) {
	p := start(t, "demo", "--trace", "text", "--trace", "json", "--trace", "ladder")
	if code := p.wait(); code != cli.Done {
		t.Errorf("exit code %d", code)
	}
	out := p.out.String()
	for _, want := range []string{
		"All 18 steps happened", "A call over TCP", "INVITE sip:bob@", "401 Unauthorized", "180 Ringing",
		"183 Session Progress", "CANCEL sip:bob@", "487 Request Terminated", "The first INVITE in full",
		"an offer with sendonly", "an answer with recvonly", "BYE sip:bob@",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in the demo:\n%s", want, out)
		}
	}
	traces := p.err.String()
	for _, want := range []string{"    v=0", `"event":"message-in"`, "◀"} {
		if !strings.Contains(traces, want) {
			t.Errorf("no %q in the traces", want)
		}
	}
	if strings.Contains(traces, "response=") && !strings.Contains(traces, "[redacted]") {
		t.Error("a proof of the password is in the traces")
	}
}
