package main

import (
	"strings"
	"testing"
)

const invite = "INVITE sip:bob@127.0.0.1 SIP/2.0\r\n" +
	"Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1\r\n" +
	"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK2\r\n" +
	"From: <sip:alice@127.0.0.1>;tag=a\r\n" +
	"To: <sip:bob@127.0.0.1>\r\n" +
	"Call-ID: x\r\nCSeq: 1 INVITE\r\nSubject: no echo\r\nContent-Length: 0\r\n\r\n"

func TestRespond(t *testing.T) {
	got := string(respond(nil, []byte(invite), defaults()))
	want := "SIP/2.0 200 OK\r\n" +
		"Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1\r\n" +
		"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK2\r\n" +
		"From: <sip:alice@127.0.0.1>;tag=a\r\n" +
		"To: <sip:bob@127.0.0.1>;tag=0123456789abcdef\r\n" +
		"Call-ID: x\r\nCSeq: 1 INVITE\r\nContact: "
	if !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s", got)
	}
	head, body, _ := strings.Cut(got, "\r\n\r\n")
	if !strings.HasPrefix(body, "v=0\r\n") || !strings.Contains(head, "Content-Type: application/sdp") {
		t.Errorf("no SDP:\n%s", got)
	}
}

func TestRespondKeepsTag(t *testing.T) {
	bye := strings.NewReplacer("INVITE", "BYE", "To: <sip:bob@127.0.0.1>", "To: <sip:bob@127.0.0.1>;tag=mine").Replace(invite)
	got := string(respond(nil, []byte(bye), defaults()))
	if !strings.Contains(got, ";tag=mine\r\n") || strings.Contains(got, "0123") {
		t.Errorf("got\n%s", got)
	}
}

func TestRespondSilent(t *testing.T) {
	for _, msg := range []string{strings.ReplaceAll(invite, "INVITE", "ACK"), "SIP/2.0 200 OK\r\n\r\n", "\r\n\r\n", ""} {
		if got := respond(nil, []byte(msg), defaults()); len(got) > 0 {
			t.Errorf("%q is answered with %q", msg, got)
		}
	}
}

// What it costs must be the kernel's, not ours.
func TestRespondAllocates(t *testing.T) {
	req, answers, out := []byte(invite), defaults(), make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(100, func() { out = respond(out[:0], req, answers) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
