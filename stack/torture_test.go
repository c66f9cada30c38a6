package stack

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"dum/sip"
)

// What a running stack does with the messages of RFC 4475 and RFC 5118, over
// real sockets. Its user answers 200 to the methods that it knows and 405 to
// others; what an application would say of extensions, bodies and credentials
// is tested above. 0 is silence.
var tortures = []struct {
	folder, name string
	code         int
}{
	{"rfc4475", "wsinv", 481}, // taken; it has a To tag of a dialog that is not
	{"rfc4475", "intmeth", 405},
	{"rfc4475", "esc01", 200},
	{"rfc4475", "escnull", 200},
	{"rfc4475", "esc02", 405},
	{"rfc4475", "lwsdisp", 200},
	{"rfc4475", "longreq", 200},
	{"rfc4475", "dblreq", 200},
	{"rfc4475", "semiuri", 200},
	{"rfc4475", "transports", 200},
	{"rfc4475", "mpart01", 200},
	{"rfc4475", "unreason", 0},
	{"rfc4475", "noreason", 0},

	{"rfc4475", "badinv01", 400},
	{"rfc4475", "clerr", 400},
	{"rfc4475", "ncl", 400},
	{"rfc4475", "scalar02", 400},
	{"rfc4475", "scalarlg", 0},
	{"rfc4475", "quotbal", 400},
	{"rfc4475", "ltgtruri", 400},
	{"rfc4475", "lwsruri", 400},
	{"rfc4475", "lwsstart", 400},
	{"rfc4475", "trws", 200},
	{"rfc4475", "escruri", 200},
	{"rfc4475", "baddate", 200},
	{"rfc4475", "regbadct", 200},
	{"rfc4475", "badaspec", 200},
	{"rfc4475", "baddn", 200},
	{"rfc4475", "badvers", 505},
	{"rfc4475", "mismatch01", 400},
	{"rfc4475", "mismatch02", 501},
	{"rfc4475", "bigcode", 0},

	{"rfc4475", "badbranch", 200},

	{"rfc4475", "insuf", 400},
	{"rfc4475", "unkscm", 416},
	{"rfc4475", "novelsc", 416},
	{"rfc4475", "unksm2", 200},
	{"rfc4475", "bext01", 200},
	{"rfc4475", "invut", 200},
	{"rfc4475", "regaut01", 200},
	{"rfc4475", "multi01", 400},
	{"rfc4475", "mcl01", 400},
	{"rfc4475", "bcast", 0},
	{"rfc4475", "zeromf", 200},
	{"rfc4475", "cparam01", 200},
	{"rfc4475", "cparam02", 200},
	{"rfc4475", "regescrt", 200},
	{"rfc4475", "sdp01", 200},
	{"rfc4475", "inv2543", 200},

	{"rfc5118", "ipv6-good", 200},
	{"rfc5118", "ipv6-bad", 400},
	{"rfc5118", "port-ambiguous", 200},
	{"rfc5118", "port-unambiguous", 200},
	{"rfc5118", "via-received-param-with-delim", 481},
	{"rfc5118", "via-received-param-no-delim", 200},
	{"rfc5118", "ipv6-in-sdp", 200},
	{"rfc5118", "mult-ip-in-header", 481},
	{"rfc5118", "mult-ip-in-sdp", 200},
	{"rfc5118", "ipv4-mapped-ipv6", 200},
	{"rfc5118", "ipv6-bug-abnf-3-colons", 200},
	{"rfc5118", "ipv6-correct-abnf-2-colons", 200},
}

func TestTorture(t *testing.T) {
	files, _ := filepath.Glob("../sip/testdata/rfc[45]*/*.dat")
	if len(files) != len(tortures) {
		t.Errorf("%d files and %d rows", len(files), len(tortures))
	}
	// Many of them name only a host, so the answer goes to port 5060 of where they
	// come from. An address of our own keeps that free.
	ports := map[uint16]*net.UDPConn{}
	for _, port := range []uint16{0, 5060, 5050, 6050, 19823} {
		c, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 44, 75, 1}), port)))
		if err != nil {
			if runtime.GOOS != "linux" {
				t.Skipf("NOT TESTED: only Linux answers on all of 127/8: %v", err)
			}
			t.Fatal(err)
		}
		defer c.Close()
		ports[port] = c
	}
	for _, tt := range tortures {
		t.Run(tt.name, func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join("..", "sip", "testdata", tt.folder, tt.name+".dat"))
			if err != nil {
				t.Fatal(err)
			}
			torment(t, string(raw), tt.code, ports)
		})
	}
}

// torment sends one message to a fresh stack and looks what comes back.
func torment(t *testing.T, raw string, code int, ports map[uint16]*net.UDPConn) {
	u := &user{onRequest: func(turn *Turn, s *seat, tx *ServerTx) {
		switch tx.Method() {
		case sip.INVITE, sip.OPTIONS, sip.REGISTER, sip.MESSAGE, sip.BYE:
			replyAndClose(200)(turn, s, tx)
		default:
			replyAndClose(405)(turn, s, tx)
		}
	}}
	s, err := New(Config{}, u)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	u.stack = s
	at, err := s.Listen(t.Context(), "udp://127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	from := ports[0]
	// What follows it is answered after it, if it is answered at all.
	last := req{method: "OPTIONS", via: "SIP/2.0/UDP last;branch=z9hG4bKlast;rport", callID: "last"}.String()
	for _, text := range []string{raw, last} {
		if _, err := from.WriteToUDPAddrPort([]byte(text), at); err != nil {
			t.Fatal(err)
		}
	}
	var answers []*sip.Message
	buf := make([]byte, 65536)
	read := func(c *net.UDPConn, wait time.Duration) *sip.Message {
		if err := c.SetReadDeadline(time.Now().Add(wait)); err != nil {
			t.Fatal(err)
		}
		n, err := c.Read(buf)
		if err != nil {
			return nil
		}
		m, err := sip.Parse(string(buf[:n]), sip.Limits{})
		if err != nil {
			t.Fatalf("answered with %q", buf[:n])
		}
		if m.CallID() != "last" {
			answers = append(answers, m)
		}
		return m
	}
	for m := read(from, 10*time.Second); ; m = read(from, 10*time.Second) {
		if m == nil {
			t.Fatal("the stack has stopped answering")
		}
		if m.CallID() == "last" {
			break
		}
	}
	for port, c := range ports {
		for port != 0 && read(c, time.Millisecond) != nil {
		}
	}
	switch {
	case code == 0 && len(answers) == 0:
	case code == 0:
		t.Errorf("answered with\n%s", answers[0])
	case len(answers) != 1:
		t.Errorf("%d answers", len(answers))
	case answers[0].Code() != code:
		t.Errorf("got %d, want %d\n%s", answers[0].Code(), code, answers[0])
	default:
		if in, err := sip.Parse(raw, sip.Limits{}); err != nil || strings.TrimSpace(answers[0].CallID()) != in.CallID() {
			t.Errorf("the answer is to %q, %v", answers[0].CallID(), err)
		}
	}
}
