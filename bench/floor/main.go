// Command floor answers SIP requests over UDP without a thought: no state, no
// timers, no transactions, the least parsing that gives a caller what it waits
// for. It is the floor that the benchmarks stand on: what the sockets, the
// kernel and Go itself cost for the same messages. Not a user agent.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/netip"
	"os"
)

// An Answer is what a response has after the status line and the headers that
// echo the request.
type Answer struct {
	Headers string // lines, each with its CRLF, Content-Length among them
	Body    string
}

func main() {
	listen := flag.String("listen", "127.0.0.1:5070", "address to answer on")
	file := flag.String("answers", "", "JSON file with the `answers` to give, by method")
	flag.Parse()
	if err := run(*listen, *file); err != nil {
		fmt.Fprintln(os.Stderr, "floor:", err)
		os.Exit(1)
	}
}

func run(listen, file string) error {
	answers := defaults()
	if file != "" {
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(b, &answers); err != nil {
			return err
		}
	}
	at, err := netip.ParseAddrPort(listen)
	if err != nil {
		return err
	}
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(at))
	if err != nil {
		return err
	}
	defer conn.Close()
	// As large as what a stack asks for, so that bursts are met alike.
	if err := conn.SetReadBuffer(4 << 20); err != nil {
		return err
	}
	in := make([]byte, 64<<10)
	var out []byte
	for {
		n, from, err := conn.ReadFromUDPAddrPort(in)
		if err != nil {
			return err
		}
		if out = respond(out[:0], in[:n], answers); len(out) > 0 {
			if _, err := conn.WriteToUDPAddrPort(out, from); err != nil {
				return err
			}
		}
	}
}

// respond appends the 200 for a request to out; nothing for an ACK, and for
// what is no request.
func respond(out, req []byte, answers map[string]Answer) []byte {
	method, _, ok := bytes.Cut(req, []byte(" "))
	answer, known := answers[string(method)]
	if !ok || !known {
		return out
	}
	out = append(out, "SIP/2.0 200 OK\r\n"...)
	for {
		line, rest, ok := bytes.Cut(req, []byte("\r\n"))
		if !ok || len(line) == 0 {
			break
		}
		req = rest
		name, _, _ := bytes.Cut(line, []byte(":"))
		switch string(name) {
		case "To":
			out = append(out, line...)
			if !bytes.Contains(line, []byte(";tag=")) {
				out = append(out, ";tag=0123456789abcdef"...)
			}
			out = append(out, "\r\n"...)
		case "Via", "From", "Call-ID", "CSeq", "Record-Route":
			out = append(out, line...)
			out = append(out, "\r\n"...)
		}
	}
	out = append(out, answer.Headers...)
	out = append(out, "\r\n"...)
	return append(out, answer.Body...)
}

// defaults are the answers of a plain user agent.
func defaults() map[string]Answer {
	const sdp = "v=0\r\no=- 3961042800 3961042800 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n" +
		"m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
	const allow = "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\n"
	return map[string]Answer{
		"INVITE": {
			Headers: "Contact: <sip:127.0.0.1:5070>\r\n" + allow + "Content-Type: application/sdp\r\n" +
				fmt.Sprintf("Content-Length: %d\r\n", len(sdp)),
			Body: sdp,
		},
		"BYE":     {Headers: "Content-Length: 0\r\n"},
		"OPTIONS": {Headers: allow + "Content-Length: 0\r\n"},
	}
}
