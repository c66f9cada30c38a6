package interop

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"dum/internal/peer"
)

// The scenarios are tests, and a test has to be right: here a caller made of
// bare text plays each as it should go, and SIPp must be content; then it makes
// the mistake that the scenario is there to catch, and SIPp must not be.

// A rawCaller sends what it is told to.
type rawCaller struct {
	t      *testing.T
	conn   *net.UDPConn
	peer   netip.AddrPort
	branch int
}

// send sends a request of one dialog; branch 0 makes a new one.
func (c *rawCaller) send(method, uri, to string, cseq, branch int, extra string) int {
	c.t.Helper()
	if branch == 0 {
		c.branch++
		branch = c.branch
	}
	body := ""
	if i := strings.Index(extra, "\r\n\r\n"); i >= 0 {
		extra, body = extra[:i+2], extra[i+4:]
	}
	local := c.conn.LocalAddr()
	msg := fmt.Sprintf("%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%d\r\nMax-Forwards: 70\r\n"+
		"From: <sip:alice@%s>;tag=alice\r\nTo: %s\r\nCall-ID: raw\r\nCSeq: %d %s\r\nContact: <sip:alice@%s>\r\n%sContent-Length: %d\r\n\r\n%s",
		method, uri, local, branch, local, to, cseq, method, local, extra, len(body), body)
	if _, err := c.conn.WriteToUDPAddrPort([]byte(msg), c.peer); err != nil {
		c.t.Fatal(err)
	}
	return branch
}

// want waits for a response with a code and returns it.
func (c *rawCaller) want(code int) string {
	c.t.Helper()
	if err := c.conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		c.t.Fatal(err)
	}
	buf := make([]byte, 64<<10)
	n, err := c.conn.Read(buf)
	if err != nil {
		c.t.Fatalf("waiting for %d: %v", code, err)
	}
	resp := string(buf[:n])
	if !strings.HasPrefix(resp, fmt.Sprintf("SIP/2.0 %d ", code)) {
		c.t.Fatalf("want %d, got\n%s", code, resp)
	}
	return resp
}

// at takes the To and the Contact of a response.
func at(resp string) (to, contact string) {
	if m := regexp.MustCompile(`(?m)^To: *(.*?)\r$`).FindStringSubmatch(resp); m != nil {
		to = m[1]
	}
	if m := regexp.MustCompile(`(?m)^Contact: *<(.*)>\r$`).FindStringSubmatch(resp); m != nil {
		contact = m[1]
	}
	return to, contact
}

// A play is one run of a caller through a scenario.
type play struct {
	name, file string
	wrong      bool // it makes the mistake
	sipp       []string
	play       func(c *rawCaller, uri string)
}

func plays() []play {
	const bob = "<sip:bob@127.0.0.1>"
	authorize := func(header, realm, nonce, method, uri string) string {
		p := map[string]string{"username": "alice", "realm": realm, "nonce": nonce, "nc": "00000001", "cnonce": "c", "qop": "auth", "uri": uri}
		return fmt.Sprintf("%s: Digest username=\"alice\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", qop=auth, nc=00000001, cnonce=\"c\", algorithm=MD5, response=\"%s\"\r\n",
			header, realm, nonce, uri, digest(p, "secret", method))
	}
	stranger := func(wrong bool) func(c *rawCaller, uri string) {
		return func(c *rawCaller, uri string) {
			c.send("INVITE", uri, bob, 1, 0, "")
			to, contact := at(c.want(200))
			c.send("ACK", contact, to, 1, 0, "")
			c.send("BYE", contact, to, 2, 0, "")
			c.want(401)
			if wrong {
				c.send("BYE", contact, to, 3, 0, authorize("Authorization", "stranger", "aa17be4400ff", "BYE", contact))
			}
		}
	}
	challenge := func(code int, header string) func(c *rawCaller, uri string) {
		return func(c *rawCaller, uri string) {
			b := c.send("INVITE", uri, bob, 1, 0, "")
			to, _ := at(c.want(code))
			c.send("ACK", uri, to, 1, b, "")
			c.send("INVITE", uri, bob, 2, 0, authorize(header, "interop", "4f2b7a91c0d3", "INVITE", uri))
			to, contact := at(c.want(200))
			c.send("ACK", contact, to, 2, 0, "")
			c.send("BYE", contact, to, 3, 0, "")
			c.want(code)
			c.send("BYE", contact, to, 4, 0, authorize(header, "interop", "aa17be4400ff", "BYE", contact))
			c.want(200)
		}
	}
	fork := func(wrong bool) func(c *rawCaller, uri string) {
		return func(c *rawCaller, uri string) {
			c.send("INVITE", uri, bob, 1, 0, "")
			c.want(180)
			c.want(180)
			toB, b := at(c.want(200))
			c.send("ACK", b, toB, 1, 0, "")
			toA, a := at(c.want(200))
			if wrong {
				toA = toB
			}
			c.send("ACK", a, toA, 1, 0, "")
			c.send("BYE", a, toA, 2, 0, "")
			if wrong {
				return
			}
			c.want(200)
			c.send("BYE", b, toB, 2, 0, "")
			c.want(200)
		}
	}
	twice := func(wrong bool) func(c *rawCaller, uri string) {
		return func(c *rawCaller, uri string) {
			c.send("INVITE", uri, bob, 1, 0, "")
			to, contact := at(c.want(200))
			ack := c.send("ACK", contact, to, 1, 0, "")
			c.want(200)
			if !wrong {
				c.send("ACK", contact, to, 1, ack, "") // the same to the byte
			}
			c.send("BYE", contact, to, 2, 0, "")
			if !wrong {
				c.want(200)
			}
		}
	}
	cancelrace := func(wrong bool) func(c *rawCaller, uri string) {
		return func(c *rawCaller, uri string) {
			b := c.send("INVITE", uri, bob, 1, 0, "")
			c.want(180)
			c.send("CANCEL", uri, bob, 1, b, "")
			if resp := c.want(200); !strings.Contains(resp, "CSeq: 1 CANCEL") {
				c.t.Errorf("the CANCEL is not answered:\n%s", resp)
			}
			to, contact := at(c.want(200))
			c.send("ACK", contact, to, 1, 0, "")
			if !wrong {
				c.send("BYE", contact, to, 2, 0, "")
				c.want(200)
			}
		}
	}
	refused := func(code int) func(c *rawCaller, uri string) {
		return func(c *rawCaller, uri string) {
			b := c.send("INVITE", uri, bob, 1, 0, "")
			to, _ := at(c.want(code))
			c.send("ACK", uri, to, 1, b, "")
		}
	}
	copies := func(invites, cancels int) func(c *rawCaller, uri string) {
		return func(c *rawCaller, uri string) {
			b := 0
			for range invites {
				b = c.send("INVITE", uri, bob, 1, b, "")
			}
			if cancels > 0 {
				c.want(100)
			}
			for range cancels {
				c.send("CANCEL", uri, bob, 1, b, "")
			}
		}
	}
	lateoffer := func(answer string) func(c *rawCaller, uri string) {
		return func(c *rawCaller, uri string) {
			c.send("INVITE", uri, bob, 1, 0, "")
			to, contact := at(c.want(200))
			c.send("ACK", contact, to, 1, 0, answer)
			if answer != "" {
				c.send("BYE", contact, to, 2, 0, "")
				c.want(200)
			}
		}
	}
	return []play{
		{name: "challenge", file: "challenge", play: challenge(407, "Proxy-Authorization")},
		{name: "login", file: "login", play: challenge(401, "Authorization")},
		{name: "stranger", file: "stranger", play: stranger(false)},
		{name: "stranger, answered", file: "stranger", wrong: true, play: stranger(true)},
		{name: "fork", file: "fork", play: fork(false)},
		{name: "fork, wrong dialog", file: "fork", wrong: true, play: fork(true)},
		{name: "twice", file: "twice", sipp: everyCopy, play: twice(false)},
		{name: "twice, one ACK", file: "twice", wrong: true, sipp: everyCopy, play: twice(true)},
		{name: "cancelrace", file: "cancelrace", play: cancelrace(false)},
		{name: "cancelrace, no BYE", file: "cancelrace", wrong: true, sipp: []string{"-timeout", "3", "-timeout_error"}, play: cancelrace(true)},
		{name: "ring", file: "ring", play: func(c *rawCaller, uri string) {
			b := c.send("INVITE", uri, bob, 1, 0, "")
			to, _ := at(c.want(180))
			c.send("CANCEL", uri, bob, 1, b, "")
			c.want(200)
			c.want(487)
			c.send("ACK", uri, to, 1, b, "")
		}},
		{name: "redirect", file: "redirect", play: refused(302)},
		{name: "refuse", file: "refuse", play: refused(486)},
		{name: "lateoffer", file: "lateoffer", play: lateoffer("Content-Type: application/sdp\r\n\r\nv=0\r\nm=audio 4000 RTP/AVP 0\r\n")},
		{name: "lateoffer, no answer", file: "lateoffer", wrong: true, play: lateoffer("")},
		{name: "silent", file: "silent", sipp: everyCopy, play: copies(7, 0)},
		{name: "silent, one too many", file: "silent", wrong: true, sipp: everyCopy, play: copies(8, 0)},
		{name: "trying", file: "trying", sipp: everyCopy, play: copies(1, 4)},
		{name: "trying, one too few", file: "trying", wrong: true, sipp: everyCopy, play: copies(1, 3)},
	}
}

func TestScenariosThemselves(t *testing.T) {
	for _, p := range plays() {
		t.Run(p.name, func(t *testing.T) {
			s := sipp(t, "sipp/"+p.file+".xml")
			t.Parallel()
			ctx := within(t, time.Minute)
			s.Calls, s.MaxTime = 1, 20*time.Second
			s.Args = append(p.sipp, "-trace_logs", "-log_file", s.Dir+"/log")
			server := listening(ctx, t, &s)
			conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(peer.Loopback(0)))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			uri := "sip:bob@" + s.Local.String()
			p.play(&rawCaller{t: t, conn: conn, peer: s.Local}, uri)
			if !p.wrong {
				fine(ctx, t, s, server, 1)
				checkCredentials(t, p.file, s.Dir+"/log")
				return
			}
			if code, err := server.Wait(context.WithoutCancel(ctx)); err != nil || code == 0 {
				t.Errorf("SIPp is content: exit code %d, %v", code, err)
			}
		})
	}
}
