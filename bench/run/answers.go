package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"dum/internal/peer"
)

// answer mirrors the type of the same purpose in bench/floor.
type answer struct{ Headers, Body string }

// copyAnswers places one call with a subject and stores how it answers, less
// what echoes the request, so that the floor can say the same.
func (p *plan) copyAnswers(ctx context.Context, s subject, file string) error {
	proc, port, err := s.start(ctx)
	if err != nil {
		return err
	}
	defer proc.Stop()
	conn, err := net.Dial("udp", peer.Loopback(port).String())
	if err != nil {
		return err
	}
	defer conn.Close()

	answers := map[string]answer{}
	to := "<sip:service@" + peer.Loopback(port).String() + ">"
	for cseq, method := range []string{"OPTIONS", "INVITE", "BYE"} {
		resp, err := exchange(conn, request(conn, method, to, cseq+1))
		if err != nil {
			return fmt.Errorf("%s: %w\n%s", method, err, proc.Transcript())
		}
		answers[method] = own(resp)
		if method == "INVITE" {
			to = header(resp, "To")
			if _, err := conn.Write([]byte(request(conn, "ACK", to, cseq+1))); err != nil {
				return err
			}
		}
	}
	b, err := json.MarshalIndent(answers, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(file, b, 0o644)
}

// request is shaped like those of SIPp's built-in caller.
func request(conn net.Conn, method, to string, cseq int) string {
	local := conn.LocalAddr().(*net.UDPAddr).AddrPort()
	remote := conn.RemoteAddr().(*net.UDPAddr).AddrPort()
	body, dialog := "", "probe-dialog"
	if method == "INVITE" {
		body = sdp(local)
	}
	if method == "OPTIONS" {
		dialog = "probe-options" // a conversation of its own
	}
	lines := []string{
		fmt.Sprintf("%s sip:service@%s SIP/2.0", method, remote),
		fmt.Sprintf("Via: SIP/2.0/UDP %s;branch=z9hG4bK-probe-%d-%s", local, cseq, method),
		fmt.Sprintf("From: sipp <sip:sipp@%s>;tag=probe", local),
		"To: service " + strings.TrimPrefix(to, "service "),
		fmt.Sprintf("Call-ID: %s@%s", dialog, local),
		fmt.Sprintf("CSeq: %d %s", cseq, method),
		fmt.Sprintf("Contact: <sip:sipp@%s>", local),
		"Max-Forwards: 70",
	}
	if body != "" {
		lines = append(lines, "Content-Type: application/sdp")
	}
	lines = append(lines, fmt.Sprintf("Content-Length: %d", len(body)), "", body)
	return strings.Join(lines, "\r\n")
}

func sdp(local netip.AddrPort) string {
	return fmt.Sprintf("v=0\r\no=user1 53655765 2353687637 IN IP4 %[1]s\r\ns=-\r\nc=IN IP4 %[1]s\r\nt=0 0\r\n"+
		"m=audio 6000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n", local.Addr())
}

// exchange sends a request and waits for its final response.
func exchange(conn net.Conn, req string) (string, error) {
	if _, err := conn.Write([]byte(req)); err != nil {
		return "", err
	}
	if err := conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return "", err
	}
	buf := make([]byte, 64<<10)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return "", err
		}
		resp := string(buf[:n])
		switch {
		case !strings.HasPrefix(resp, "SIP/2.0 "), strings.HasPrefix(resp, "SIP/2.0 1"), header(resp, "CSeq") != header(req, "CSeq"):
		case strings.HasPrefix(resp, "SIP/2.0 200 "):
			return resp, nil
		default:
			return "", fmt.Errorf("answered %q", strings.SplitN(resp, "\r\n", 2)[0])
		}
	}
}

// header returns the first value of a header that is written in full.
func header(msg, name string) string {
	for line := range strings.SplitSeq(msg, "\r\n") {
		if line == "" {
			break
		}
		if key, value, ok := strings.Cut(line, ":"); ok && strings.EqualFold(key, name) {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// own is a response without its status line and what it echoes.
func own(resp string) answer {
	head, body, _ := strings.Cut(resp, "\r\n\r\n")
	a := answer{Body: body}
	for i, line := range strings.Split(head, "\r\n") {
		name, _, _ := strings.Cut(line, ":")
		switch strings.ToLower(name) {
		case "via", "from", "to", "call-id", "cseq", "record-route":
		default:
			if i > 0 {
				a.Headers += line + "\r\n"
			}
		}
	}
	return a
}
