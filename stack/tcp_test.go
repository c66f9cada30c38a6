package stack

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"dum/resolve"
	"dum/sip"
)

// Order over real connections: what arrives in one segment is handled in its
// order, a thousand times out of a thousand.

// onTCP makes a stack that listens on loopback.
func onTCP(t *testing.T, u *user) (*Stack, net.Addr) {
	t.Helper()
	s, err := New(Config{}, u)
	if err != nil {
		t.Fatal(err)
	}
	u.stack = s
	t.Cleanup(func() { s.Close() })
	at, err := s.Listen(t.Context(), "tcp://127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return s, net.TCPAddrFromAddrPort(at)
}

// readMessage reads one message from a stream.
func readMessage(r *bufio.Reader) (*sip.Message, error) {
	var b strings.Builder
	length := 0
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return nil, err
		}
		b.WriteString(line)
		if v, ok := strings.CutPrefix(line, "Content-Length: "); ok {
			length, _ = strconv.Atoi(strings.TrimSpace(v))
		}
		if line == "\r\n" {
			break
		}
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, err
	}
	return sip.Parse(b.String()+string(body), sip.Limits{})
}

func TestResponsesInOneSegment(t *testing.T) {
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go func() { // the peer; it ends with the connection
		c, err := ln.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		for r := bufio.NewReader(c); ; {
			m, err := readMessage(r)
			if err != nil {
				return
			}
			var b strings.Builder
			for _, code := range []int{180, 183, 200} {
				b.WriteString(answer(m, code, "a"))
			}
			if _, err := c.Write([]byte(b.String())); err != nil {
				return
			}
		}
	}()
	u := &user{}
	done := make(chan struct{})
	u.onAnswer = func(turn *Turn, s *seat, tx *ClientTx, in *Inbound) {
		if in.Msg.Code() == 200 {
			s.strand.Close(turn)
			done <- struct{}{}
		}
	}
	s, _ := onTCP(t, u)
	f, err := s.Flow(resolve.Target{Network: "TCP", Addr: ln.Addr().(*net.TCPAddr).AddrPort()})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		seat := u.newSeat(Key{"outcall", fmt.Sprint(i)})
		go seat.strand.Do(func(turn *Turn) {
			if _, err := turn.Send(outgoing(sip.INVITE), f, seat); err != nil {
				t.Error(err)
			}
		})
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			t.Fatalf("call %d: heard %q", i, u.hears())
		}
		if h := u.hears(); !slices.Equal(h, []string{"180 INVITE a", "183 INVITE a", "200 INVITE a"}) {
			t.Fatalf("call %d: heard %q", i, h)
		}
	}
}

func TestInviteAndCancelInOneSegment(t *testing.T) {
	u := &user{onCancel: func(turn *Turn, s *seat, tx *ServerTx) { replyAndClose(487)(turn, s, tx) }}
	_, at := onTCP(t, u)
	c, err := net.Dial("tcp4", at.String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(c)
	for i := range 1000 {
		q := req{method: "INVITE", callID: fmt.Sprint(i), via: fmt.Sprintf("SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK%d", i)}
		cancel, ack := q, q
		cancel.method, ack.method = "CANCEL", "ACK"
		if _, err := c.Write([]byte(q.String() + cancel.String())); err != nil {
			t.Fatal(err)
		}
		for _, want := range []struct {
			code   int
			method sip.Method
		}{{200, sip.CANCEL}, {487, sip.INVITE}} {
			m, err := readMessage(r)
			if err != nil {
				t.Fatal(err)
			}
			if m.Code() != want.code || m.Method() != want.method {
				t.Fatalf("call %d: got %s", i, m)
			}
			ack.to = "<sip:us@192.0.2.1>;tag=" + m.ToTag()
		}
		if _, err := c.Write([]byte(ack.String())); err != nil {
			t.Fatal(err)
		}
		if h := u.hears(); !slices.Equal(h, []string{"INVITE", "cancel INVITE"}) {
			t.Fatalf("call %d: heard %q", i, h)
		}
	}
}

func TestTenRequestsInOneWrite(t *testing.T) {
	var order []int
	u := &user{onRequest: func(turn *Turn, s *seat, tx *ServerTx) {
		seq, _ := sip.CSeq.Get(tx.Request())
		order = append(order, int(seq.Number))
		reply(200)(turn, s, tx)
	}}
	_, at := onTCP(t, u)
	s := u.newSeat(Key{"call1", "ours"})
	c, err := net.Dial("tcp4", at.String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(c)
	for round := range 100 {
		var b strings.Builder
		for i := range 10 {
			n := round*10 + i + 1
			b.WriteString(req{method: "INFO", seq: n, to: "<sip:us@192.0.2.1>;tag=ours", body: strings.Repeat("x", n%7),
				via: fmt.Sprintf("SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK%d", n)}.String())
		}
		if _, err := c.Write([]byte(b.String())); err != nil {
			t.Fatal(err)
		}
		for i := range 10 {
			m, err := readMessage(r)
			if err != nil {
				t.Fatal(err)
			}
			if seq, _ := sip.CSeq.Get(m); int(seq.Number) != round*10+i+1 {
				t.Fatalf("answer %d is to %d", round*10+i+1, seq.Number)
			}
		}
	}
	s.strand.Do(func(*Turn) {
		if len(order) != 1000 || !slices.IsSorted(order) {
			t.Errorf("%d requests, in order: %v", len(order), slices.IsSorted(order))
		}
	})
}

// A connection that cannot come up fails its transaction, not with silence.
func TestConnectionRefused(t *testing.T) {
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := ln.Addr().(*net.TCPAddr).AddrPort()
	ln.Close()
	failed := make(chan error, 1)
	u := &user{onFailure: func(turn *Turn, s *seat, tx *ClientTx, err error) { failed <- err }}
	s, _ := onTCP(t, u)
	f, err := s.Flow(resolve.Target{Network: "TCP", Addr: nobody})
	if err != nil {
		t.Fatal(err)
	}
	seat := u.newSeat(Key{"outcall", "ours"})
	seat.strand.Do(func(turn *Turn) {
		if _, err := turn.Send(outgoing(sip.INVITE), f, seat); err != nil {
			failed <- err
		}
	})
	select {
	case <-failed:
	case <-time.After(5 * time.Second):
		t.Error("nothing was heard of it")
	}
	seat.close()
}
