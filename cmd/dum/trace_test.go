package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dum/cmd/dum/internal/cli"
)

func TestTraces(t *testing.T) {
	_, target := answerer(t, "tcp")
	file := filepath.Join(t.TempDir(), "call.pcap")
	p := start(t, "call", "--json", "--duration", "0s", "--trace", "ladder", "--trace", "text", "--trace", "json", "--trace", "pcap="+file, target)
	if code := p.wait(); code != cli.Done {
		t.Errorf("exit code %d\n%s", code, p.err)
	}
	if r := last[report](t, p); r.Answered != 1 || strings.Count(p.out.String(), "\n") != 1 {
		t.Errorf("stdout %s", p.out)
	}
	for _, want := range []string{
		"───▶│",                                 // the ladder
		"    From: ", "    m=audio 9 RTP/AVP 0", // the text
		`"event":"message-out"`, // JSON
	} {
		if !strings.Contains(p.err.String(), want) {
			t.Errorf("no %q on stderr:\n%s", want, p.err)
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// The magic of pcapng, and the BYE, the last request of the call.
	if !bytes.HasPrefix(b, []byte("\x0a\x0d\x0d\x0a")) || !bytes.Contains(b, []byte("\r\nCSeq: 2 BYE\r\n")) {
		t.Errorf("%d bytes in the file are no capture of the call", len(b))
	}
}

func TestTraceFileFails(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no disk that is always full here")
	}
	_, target := answerer(t, "udp")
	p := start(t, "ping", "--trace", "pcap=/dev/full", target)
	if code := p.wait(); code != cli.Done || !strings.Contains(p.err.String(), "trace: ") {
		t.Errorf("exit code %d, %s", code, p.err)
	}
}
