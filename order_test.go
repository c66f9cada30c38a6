package dum_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"dum"
	"dum/invite"
	"dum/sip"
)

// rounds is how often each order is tried.
const rounds = 1000

// A tcpPeer speaks SIP over one connection, with no stack of its own: what it
// sends goes out in one write.
type tcpPeer struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func newTCPPeer(t *testing.T, conn net.Conn) *tcpPeer {
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(time.Minute))
	return &tcpPeer{t, conn, bufio.NewReader(conn)}
}

// next reads one message.
func (p *tcpPeer) next() *sip.Message {
	p.t.Helper()
	var b []byte
	for sip.HeadLength(b) < 0 {
		line, err := p.in.ReadBytes('\n')
		if err != nil {
			p.t.Fatal(err)
		}
		b = append(b, line...)
	}
	n, _, err := sip.ScanContentLength(b)
	if err != nil {
		p.t.Fatal(err)
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(p.in, body); err != nil {
		p.t.Fatal(err)
	}
	m, err := sip.Parse(string(b)+string(body), sip.Limits{})
	if err != nil {
		p.t.Fatal(err)
	}
	return m
}

// send writes messages in one go.
func (p *tcpPeer) send(ms ...string) {
	p.t.Helper()
	if _, err := io.WriteString(p.conn, strings.Join(ms, "")); err != nil {
		p.t.Fatal(err)
	}
}

// reply is a response with a tag and a Contact.
func reply(req *sip.Message, code int, body sip.Body) string {
	resp := sip.NewResponse(req, code, "")
	if resp.ToTag() == "" {
		resp.SetToTag("peer")
	}
	sip.Contact.Set(resp, sip.Addr{URI: sip.URI{Scheme: "sip", User: "peer", Host: "127.0.0.1", Port: 9, Params: ";transport=tcp"}})
	resp.SetBody(body)
	return resp.String()
}

// 180, 183 and 200 in one segment reach the user as 180, 183, 200.
func TestResponsesInOrder(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	alice, _ := start(t, "tcp", dum.Config{})
	ua := alice.UserAgent(nil)
	to := fmt.Sprintf("sip:peer@%s;transport=tcp", ln.Addr())

	var peer *tcpPeer
	for i := range rounds {
		attempt, err := ua.StartInvite(to, invite.Options{Offer: offer})
		if err != nil {
			t.Fatal(err)
		}
		if peer == nil {
			conn, err := ln.Accept()
			if err != nil {
				t.Fatal(err)
			}
			peer = newTCPPeer(t, conn)
		}
		req := peer.next()
		peer.send(reply(req, 180, sip.Body{}), reply(req, 183, answer), reply(req, 200, answer))
		var seen []int
		for p := range attempt.Progress(t.Context()) {
			seen = append(seen, p.Code)
		}
		if !slices.Equal(seen, []int{180, 183, 200}) {
			t.Fatalf("round %d: %v", i, seen)
		}
		if _, err := attempt.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// requestOf is a request of the peer; seq and method make its CSeq.
func requestOf(method string, call int, to string, seq int, body sip.Body) string {
	if body.Type != "" {
		to += "\r\nContent-Type: " + body.Type
	}
	branch := fmt.Sprintf("z9hG4bK-%d-%d-%s", call, seq, method)
	if method == "CANCEL" {
		branch = fmt.Sprintf("z9hG4bK-%d-%d-INVITE", call, seq)
	}
	return fmt.Sprintf("%s sip:bob@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:9;branch=%s\r\n"+
		"Max-Forwards: 70\r\nFrom: <sip:peer@127.0.0.1>;tag=f%d\r\nTo: <sip:bob@127.0.0.1>%s\r\nCall-ID: order-%d\r\n"+
		"CSeq: %d %s\r\nContact: <sip:peer@127.0.0.1:9;transport=tcp>\r\nContent-Length: %d\r\n\r\n%s",
		method, branch, call, to, call, seq, method, len(body.Data), body.Data)
}

// An INVITE and its CANCEL in one segment are an INVITE that is cancelled, never
// a CANCEL of nothing and a call that rings for ever.
func TestCancelNeverOvertakes(t *testing.T) {
	causes := make(chan error, rounds)
	bob, _ := start(t, "tcp", dum.Config{
		Invite: func(ctx context.Context, in *invite.Incoming) error {
			<-ctx.Done()
			causes <- context.Cause(ctx)
			return nil
		},
	})
	conn, err := net.Dial("tcp", bob.Addrs()[0].Addr.String())
	if err != nil {
		t.Fatal(err)
	}
	peer := newTCPPeer(t, conn)
	for i := range rounds {
		peer.send(requestOf("INVITE", i, "", 1, sip.Body{}), requestOf("CANCEL", i, "", 1, sip.Body{}))
		var got []string
		var tag string
		for range 2 {
			m := peer.next()
			got = append(got, fmt.Sprint(m.Code(), " ", m.Method()))
			if tag != "" && m.ToTag() != tag {
				t.Errorf("round %d: two To tags", i)
			}
			tag = m.ToTag()
		}
		if !slices.Equal(got, []string{"200 CANCEL", "487 INVITE"}) {
			t.Fatalf("round %d: %v", i, got)
		}
		peer.send(strings.Replace(requestOf("INVITE", i, ";tag="+tag, 1, sip.Body{}), "INVITE ", "ACK ", 1))
		if why := <-causes; why != invite.ErrCanceled {
			t.Fatalf("round %d: the handler was told %v", i, why)
		}
	}
}

// Ten requests within a call, in one write, reach the user in their order, and
// so do the answers reach the peer.
func TestRequestsInOrder(t *testing.T) {
	seen := make(chan string, 10)
	bob, _ := start(t, "tcp", dum.Config{
		Invite: func(ctx context.Context, in *invite.Incoming) error {
			_, err := in.Accept(ctx, answer, invite.Handler{
				Request: func(_ context.Context, _ *invite.Session, req *sip.Message) (invite.Reply, error) {
					seen <- req.Body().Data
					return invite.Reply{}, nil
				},
			})
			return err
		},
	})
	conn, err := net.Dial("tcp", bob.Addrs()[0].Addr.String())
	if err != nil {
		t.Fatal(err)
	}
	peer := newTCPPeer(t, conn)
	for i := range rounds {
		peer.send(requestOf("INVITE", i, "", 1, offer))
		tag := ";tag=" + peer.next().ToTag()
		var infos []string
		for n := range 10 {
			infos = append(infos, requestOf("INFO", i, tag, 2+n, sip.Body{Type: "text/plain", Data: fmt.Sprint(n)}))
		}
		ack := strings.Replace(requestOf("INVITE", i, tag, 1, sip.Body{}), "z9hG4bK-", "z9hG4bK-ack", 1)
		ack = strings.ReplaceAll(ack, "INVITE ", "ACK ")
		ack = strings.Replace(ack, "CSeq: 1 INVITE", "CSeq: 1 ACK", 1)
		peer.send(append([]string{ack}, infos...)...)
		for n := range 10 {
			if m := peer.next(); m.Code() != 200 {
				t.Fatalf("round %d: %d", i, m.Code())
			} else if seq, _ := sip.CSeq.Get(m); int(seq.Number) != 2+n {
				t.Fatalf("round %d: the answer to CSeq %d as number %d", i, seq.Number, n)
			}
			if got := <-seen; got != fmt.Sprint(n) { // it was seen before it was answered
				t.Fatalf("round %d: the user got %s as number %d", i, got, n)
			}
		}
		peer.send(requestOf("BYE", i, tag, 12, sip.Body{}))
		if m := peer.next(); m.Code() != 200 || m.Method() != sip.BYE {
			t.Fatalf("round %d: %s", i, m)
		}
	}
}
