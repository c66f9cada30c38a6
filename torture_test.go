package dum_test

import (
	"context"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"dum"
	"dum/invite"
	"dum/request"
	"dum/sip"
)

// What a user agent that takes calls, registrations and messages answers to the
// requests of RFC 4475 and RFC 5118, over real sockets. What no application
// sees of them, and the responses among them, are tested with the stack.
func TestTorture(t *testing.T) {
	for _, tt := range []struct {
		file          string
		code          int
		header, value string
	}{
		{"rfc4475/wsinv", 481, "", ""}, // taken; it has a To tag of a dialog that is not
		{"rfc4475/intmeth", 405, "Allow", "INVITE"},
		{"rfc4475/esc01", 200, "", ""},
		{"rfc4475/escnull", 200, "", ""},
		{"rfc4475/esc02", 405, "Allow", "INVITE"},
		{"rfc4475/lwsdisp", 200, "Allow", "INVITE"},
		{"rfc4475/longreq", 200, "Contact", "sip:"},
		{"rfc4475/dblreq", 200, "", ""},
		{"rfc4475/semiuri", 200, "Allow", "INVITE"},
		{"rfc4475/transports", 200, "Allow", "INVITE"},
		{"rfc4475/mpart01", 200, "", ""},
		{"rfc4475/badinv01", 400, "", ""},
		{"rfc4475/clerr", 400, "", ""},
		{"rfc4475/ncl", 400, "", ""},
		{"rfc4475/scalar02", 400, "", ""},
		{"rfc4475/quotbal", 400, "", ""},
		{"rfc4475/ltgtruri", 400, "", ""},
		{"rfc4475/lwsruri", 400, "", ""},
		{"rfc4475/lwsstart", 400, "", ""},
		{"rfc4475/trws", 200, "", ""},
		{"rfc4475/escruri", 200, "", ""},
		{"rfc4475/baddate", 200, "", ""},
		{"rfc4475/regbadct", 200, "", ""},
		{"rfc4475/badaspec", 200, "", ""},
		{"rfc4475/baddn", 200, "", ""},
		{"rfc4475/badvers", 505, "", ""},
		{"rfc4475/mismatch01", 400, "", ""},
		{"rfc4475/mismatch02", 501, "", ""},
		{"rfc4475/badbranch", 200, "", ""},
		{"rfc4475/insuf", 400, "", ""},
		{"rfc4475/unkscm", 416, "", ""},
		{"rfc4475/novelsc", 416, "", ""},
		{"rfc4475/unksm2", 200, "", ""},
		{"rfc4475/bext01", 420, "Unsupported", "nothingSupportsThis"},
		{"rfc4475/invut", 415, "Accept", "application/sdp"},
		{"rfc4475/regaut01", 200, "", ""},
		{"rfc4475/multi01", 400, "", ""},
		{"rfc4475/mcl01", 400, "", ""},
		{"rfc4475/zeromf", 200, "", ""},
		{"rfc4475/cparam01", 200, "", ""},
		{"rfc4475/cparam02", 200, "", ""},
		{"rfc4475/regescrt", 200, "", ""},
		{"rfc4475/sdp01", 200, "", ""},
		{"rfc4475/inv2543", 200, "Contact", "sip:"},
		{"rfc5118/ipv6-good", 200, "", ""},
		{"rfc5118/ipv6-bad", 400, "", ""},
		{"rfc5118/port-ambiguous", 200, "", ""},
		{"rfc5118/port-unambiguous", 200, "", ""},
		{"rfc5118/via-received-param-with-delim", 481, "", ""},
		{"rfc5118/via-received-param-no-delim", 200, "", ""},
		{"rfc5118/ipv6-in-sdp", 200, "", ""},
		{"rfc5118/mult-ip-in-header", 481, "", ""},
		{"rfc5118/mult-ip-in-sdp", 200, "", ""},
		{"rfc5118/ipv4-mapped-ipv6", 200, "", ""},
		{"rfc5118/ipv6-bug-abnf-3-colons", 200, "", ""},
		{"rfc5118/ipv6-correct-abnf-2-colons", 200, "", ""},
	} {
		t.Run(tt.file, func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join("sip", "testdata", tt.file+".dat"))
			if err != nil {
				t.Fatal(err)
			}
			got := torment(t, string(raw))
			if got.Code() != tt.code {
				t.Fatalf("want %d\n%s", tt.code, got)
			}
			if tt.header != "" {
				if v, _ := sip.Named(tt.header).Get(got); !strings.Contains(v, tt.value) {
					t.Errorf("%s: %q\n%s", tt.header, v, got)
				}
			}
		})
	}
}

// torment sends a request to a fresh manager and returns its final response.
func torment(t *testing.T, raw string) *sip.Message {
	ok := func(_ context.Context, in *request.Incoming) error { return in.Respond(request.Reply{}) }
	m, _ := start(t, "udp", dum.Config{
		Invite: func(ctx context.Context, in *invite.Incoming) error {
			_, err := in.Accept(ctx, answer, invite.Handler{})
			return err
		},
		Requests: map[sip.Method]func(context.Context, *request.Incoming) error{sip.REGISTER: ok, sip.MESSAGE: ok},
	})
	// Without rport the answer goes to the port that the Via names. An address of
	// our own keeps those ports free.
	answers := make(chan *sip.Message, 100)
	var first *net.UDPConn
	for _, port := range []uint16{5060, 5050, 6050, 19823} {
		c, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 44, 75, 2}), port)))
		if err != nil {
			if runtime.GOOS != "linux" {
				t.Skipf("NOT TESTED: only Linux answers on all of 127/8: %v", err)
			}
			t.Fatal(err)
		}
		defer c.Close()
		if first == nil {
			first = c
		}
		go func() {
			buf := make([]byte, 65536)
			for {
				n, err := c.Read(buf)
				if err != nil {
					return
				}
				if resp, err := sip.Parse(string(buf[:n]), sip.Limits{}); err == nil && resp.Code() >= 200 {
					answers <- resp
				}
			}
		}()
	}
	if _, err := first.WriteToUDPAddrPort([]byte(raw), m.Addrs()[0].Addr); err != nil {
		t.Fatal(err)
	}
	select {
	case resp := <-answers:
		return resp
	case <-time.After(10 * time.Second):
		t.Fatal("no answer")
		return nil
	}
}
