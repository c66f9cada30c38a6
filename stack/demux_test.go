package stack

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dum/sip"
)

// A merged request (RFC 3261 §8.2.2.2) is one that came by another way too.
func TestMergedRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		r.user.onRequest = func(turn *Turn, s *seat, tx *ServerTx) {}
		r.udp.in(peerAddr, req{method: "INVITE"}.String())
		r.udp.in(peerAddr, req{method: "INVITE", branch: "z9hG4bKfork2"}.String())
		first := r.udp.take()
		if len(first) != 1 || first[0].msg(t).Code() != 482 || first[0].msg(t).ToTag() == "" {
			t.Fatalf("sent %v", first)
		}
		r.udp.in(peerAddr, req{method: "INVITE", branch: "z9hG4bKfork2"}.String())
		if again := r.udp.take(); len(again) != 1 || again[0].raw != first[0].raw {
			t.Errorf("a copy got %v", again)
		}
		// Its ACK is absorbed.
		r.udp.in(peerAddr, req{method: "ACK", branch: "z9hG4bKfork2", to: "<sip:us@192.0.2.1>;tag=" + first[0].msg(t).ToTag()}.String())
		r.none(r.udp)
		// Another CSeq is another request, as after a 401.
		r.udp.in(peerAddr, req{method: "INVITE", branch: "z9hG4bKnext", seq: 2}.String())
		r.user.want(t, "INVITE", "INVITE")
		// It is still merged when the first one has been answered.
		r.user.seat(0).respond(t, 486)
		r.udp.take()
		r.udp.in(peerAddr, req{method: "INVITE", branch: "z9hG4bKfork3"}.String())
		if m := r.one(r.udp); m.Code() != 482 {
			t.Errorf("got %d", m.Code())
		}
		r.user.seat(1).respond(t, 486)
		r.user.seat(0).close()
		r.user.seat(1).close()
		time.Sleep(40 * time.Second)
		synctest.Wait()
		// Nothing of it is left: the same is new.
		r.udp.take()
		r.user.onRequest = replyAndClose(486)
		r.udp.in(peerAddr, req{method: "INVITE", branch: "z9hG4bKfork4"}.String())
		if m := r.one(r.udp); m.Code() != 486 {
			t.Errorf("got %d", m.Code())
		}
		r.finish()
	})
}

func TestRequestsWithinASet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		r.user.onRequest = reply(200)
		r.udp.in(peerAddr, req{method: "INVITE"}.String())
		in := func(method string, n int, to string) string {
			return req{method: method, seq: n, branch: fmt.Sprint("z9hG4bKin", method, n), to: to}.String()
		}
		const ours = "<sip:us@192.0.2.1>;tag=tag0"
		r.udp.take()
		r.udp.in(peerAddr, in("ACK", 1, ours))
		r.tcp.in(peerAddr, in("INFO", 2, ours))
		r.udp.in(peerAddr, in("INVITE", 3, ours))
		r.user.want(t, "INVITE", "ACK", "INFO", "INVITE")
		r.udp.take()
		// RFC 3261 §12.2.2: 481 for what is in no dialog; nothing for an ACK.
		r.udp.in(peerAddr, in("BYE", 4, "<sip:us@192.0.2.1>;tag=other"))
		if m := r.one(r.udp); m.Code() != 481 || m.ToTag() != "other" {
			t.Errorf("got %s", m)
		}
		r.udp.in(peerAddr, in("ACK", 4, "<sip:us@192.0.2.1>;tag=other"))
		r.none(r.udp)
		r.user.seat(0).close()
		r.udp.in(peerAddr, in("BYE", 5, ours))
		if m := r.one(r.udp); m.Code() != 481 {
			t.Errorf("got %s", m)
		}
		r.user.want(t)
		r.finish()
	})
}

// A set that has several names gets the requests of all of them.
func TestBind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		s := r.user.newSeat(Key{"call1", "a"})
		if !s.strand.Bind(Key{"call1", "b"}) || s.strand.Bind(Key{"call1", "b"}) {
			t.Error("Bind")
		}
		other := r.user.newSeat(Key{"call2", "a"})
		if other.strand.Bind(Key{"call1", "a"}) {
			t.Error("a name was given twice")
		}
		if r.stack.Find(Key{"call1", "b"}) != TU(s) || r.stack.Find(Key{"call9", "b"}) != nil {
			t.Error("Find")
		}
		users := map[TU]int{}
		for u := range r.stack.Users() {
			users[u]++
		}
		if len(users) != 2 || users[s] != 2 || users[other] != 1 {
			t.Errorf("Users: %v", users)
		}
		r.user.onRequest = reply(200)
		r.udp.in(peerAddr, req{method: "INFO", to: "<sip:us@192.0.2.1>;tag=b"}.String())
		r.user.want(t, "INFO")
		s.close()
		if s.strand.Bind(Key{"call3", "a"}) || !other.strand.Bind(Key{"call1", "b"}) {
			t.Error("a closed strand has a name")
		}
		other.close()
		r.finish()
	})
}

// RFC 3261 §17.2.3: peers of RFC 2543 have no branch of their own for each
// transaction and no From tag.
func TestAncientPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		q := req{method: "INVITE", via: "SIP/2.0/UDP 192.0.2.9", from: "<sip:old@example.org>"}
		r.user.onCancel = func(turn *Turn, s *seat, tx *ServerTx) { reply(487)(turn, s, tx) }
		r.udp.in(peerAddr, q.String())
		r.udp.in(peerAddr, q.String())
		r.user.want(t, "INVITE")
		cancel := q
		cancel.method = "CANCEL"
		r.udp.in(peerAddr, cancel.String())
		r.user.want(t, "cancel INVITE")
		out := r.udp.take()
		r.want(r.schedule(out), "200 0s, 487 0s")
		// Another To tag is not the ACK of our response.
		ack := q
		ack.method, ack.to = "ACK", "<sip:us@192.0.2.1>;tag=stranger"
		r.udp.in(peerAddr, ack.String())
		time.Sleep(500 * ms)
		synctest.Wait()
		r.want(r.schedule(r.udp.take()), "487 500ms")
		ack.to = "<sip:us@192.0.2.1>;tag=tag0"
		r.udp.in(peerAddr, ack.String())
		time.Sleep(time.Minute)
		synctest.Wait()
		r.none(r.udp)
		r.user.seat(0).close()

		// A 2xx: the ACK matches the INVITE and is the TU's all the same.
		q.callID, ack.callID = "b", "b"
		r.user.onRequest = reply(200)
		r.udp.in(peerAddr, q.String())
		r.udp.in(peerAddr, q.String())
		r.want(r.schedule(r.udp.take()), "200 1m0.5s")
		ack.to = "<sip:us@192.0.2.1>;tag=tag1"
		r.udp.in(peerAddr, ack.String())
		r.user.want(t, "INVITE", "ACK")
		// A request of another CSeq is another transaction though nothing else of
		// the Via differs.
		bye := ack
		bye.method, bye.seq = "BYE", 2
		r.udp.in(peerAddr, bye.String())
		r.udp.in(peerAddr, bye.String())
		r.user.want(t, "BYE")
		if out := r.udp.take(); len(out) != 2 || out[0].raw != out[1].raw {
			t.Errorf("BYE got %v", out)
		}
		// And so it is with two of one method.
		info := ack
		info.method = "INFO"
		for _, info.seq = range []int{3, 4} {
			r.udp.in(peerAddr, info.String())
		}
		r.user.want(t, "INFO", "INFO")
		r.user.seat(1).close()
		r.finish()
	})
}

// The same branch from two hosts is two transactions (RFC 3261 §17.2.3).
func TestSameBranchFromTwoHosts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		r.user.onRequest = replyAndClose(200)
		for i, host := range []string{"192.0.2.9", "192.0.2.10", "192.0.2.9:5062"} {
			via := "SIP/2.0/UDP " + host + ";branch=z9hG4bKsame"
			r.udp.in(peerAddr, req{method: "OPTIONS", via: via, callID: fmt.Sprint(i)}.String())
		}
		r.user.want(t, "OPTIONS", "OPTIONS", "OPTIONS")
		// The host's case does not matter.
		for i, host := range []string{"a.example", "A.Example"} {
			via := "SIP/2.0/UDP " + host + ";branch=z9hG4bKcase"
			r.udp.in(peerAddr, req{method: "OPTIONS", via: via, callID: fmt.Sprint("case", i)}.String())
		}
		r.user.want(t, "OPTIONS")
		r.finish()
	})
}

// Copies of one request on two sockets race: one transaction, one strand.
func TestCopiesRace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		r.user.onRequest = func(turn *Turn, s *seat, tx *ServerTx) {}
		const calls = 200
		var wg sync.WaitGroup
		for _, n := range []*fakeNet{r.udp, r.tcp, r.udp, r.tcp} {
			wg.Go(func() {
				for i := range calls {
					n.in(peerAddr, req{method: "INVITE", callID: fmt.Sprint(i), branch: fmt.Sprint("z9hG4bK", i)}.String())
				}
			})
		}
		wg.Wait()
		if h := r.user.hears(); len(h) != calls {
			t.Errorf("%d INVITEs of %d", len(h), calls)
		}
		if n := len(r.user.seats); n != calls {
			t.Errorf("%d strands", n)
		}
		for _, s := range r.user.seats {
			s.respond(t, 486)
			s.close()
		}
		r.finish()
	})
}

// In order, always: three responses at once, and INVITE with CANCEL.
func TestOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		for range 200 {
			s, _ := r.send(r.tcp, sip.INVITE)
			m := r.one(r.tcp)
			// Somebody else keeps the strand busy, so that the reader only posts.
			stop := make(chan struct{})
			var wg sync.WaitGroup
			wg.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
						s.strand.Do(func(*Turn) {})
					}
				}
			})
			for _, code := range []int{180, 183, 200} {
				r.tcp.in(peerAddr, answer(m, code, "a"))
			}
			close(stop)
			wg.Wait()
			synctest.Wait()
			r.user.want(t, "180 INVITE a", "183 INVITE a", "200 INVITE a")
			s.close()
		}
		r.finish()
	})
}

// Of two that insert one key the second gets what the first has entered, also
// once that is a tombstone.
func TestInsertTwice(t *testing.T) {
	r := newRig(t, Config{})
	defer r.stack.Close()
	a, b := &ServerTx{}, &ServerTx{}
	a.entry.server, b.entry.server = a, b
	key := []byte("key")
	if _, ok := r.stack.txs.insert(&a.entry, key); !ok {
		t.Fatal("the first was refused")
	}
	if f, ok := r.stack.txs.insert(&b.entry, key); ok || f.state != reserved || f.server != a {
		t.Errorf("the second got %+v, %v", f, ok)
	}
	a.entry.publish()
	r.stack.bury(&a.entry, grave{again: []byte("x")}, nil, spanLong, time.Now())
	if f, ok := r.stack.txs.insert(&b.entry, key); ok || f.state != buried || string(f.grave.again) != "x" {
		t.Errorf("the third got %+v, %v", f, ok)
	}
}

func TestRefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		r.user.refuse = sip.NewStatus(405, "").With("Allow", "INVITE, ACK")
		q := req{method: "SUBSCRIBE"}.String()
		r.udp.in(peerAddr, q)
		first := r.udp.take()
		m := first[0].msg(t)
		allow, _ := sip.Named("Allow").Get(m)
		if m.Code() != 405 || m.ToTag() == "" || allow != "INVITE, ACK" {
			t.Errorf("sent %s", m)
		}
		r.udp.in(peerAddr, q)
		if again := r.udp.take(); len(again) != 1 || again[0].raw != first[0].raw {
			t.Errorf("a copy got %v", again)
		}
		if st := r.stack.Stats(); st.Tombstones != 0 || st.Strands != 0 {
			t.Errorf("something is kept: %+v", st)
		}
		// Another request has another tag.
		r.udp.in(peerAddr, req{method: "SUBSCRIBE", callID: "b", branch: "z9hG4bKb"}.String())
		if b := r.one(r.udp); b.ToTag() == m.ToTag() {
			t.Error("two requests have one tag")
		}
		r.user.accept = func(*Inbound) (*Strand, *sip.Status) { panic("boom") }
		r.udp.in(peerAddr, req{method: "SUBSCRIBE", callID: "c", branch: "z9hG4bKc"}.String())
		if m := r.one(r.udp); m.Code() != 500 {
			t.Errorf("sent %s", m)
		}
		r.panics = 1
		r.user.accept = func(*Inbound) (*Strand, *sip.Status) { return nil, nil }
		r.udp.in(peerAddr, req{method: "SUBSCRIBE", callID: "d", branch: "z9hG4bKd"}.String())
		if m := r.one(r.udp); m.Code() != 500 {
			t.Errorf("sent %s", m)
		}
		r.finish()
	})
}

// Above the bound new sets get 503, what belongs to an old one is served.
func TestOverload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{MaxStrands: 2})
		for i := range 2 {
			r.udp.in(peerAddr, req{method: "INVITE", callID: fmt.Sprint(i), branch: fmt.Sprint("z9hG4bK", i)}.String())
		}
		r.user.want(t, "INVITE", "INVITE")
		q := req{method: "INVITE", callID: "2", branch: "z9hG4bK2"}.String()
		r.udp.in(peerAddr, q)
		m := r.one(r.udp)
		after, _ := sip.Named("Retry-After").Get(m)
		if m.Code() != 503 || after != retryAfter {
			t.Errorf("sent %s", m)
		}
		if n := r.stack.Stats().Refused; n != 1 {
			t.Errorf("%d refused", n)
		}
		r.user.seat(0).respond(t, 200)
		r.user.onRequest = reply(200)
		r.udp.in(peerAddr, req{method: "BYE", callID: "0", branch: "z9hG4bKbye", to: "<sip:us@192.0.2.1>;tag=tag0"}.String())
		r.user.want(t, "BYE")
		r.user.seat(0).close()
		r.udp.in(peerAddr, q)
		r.user.want(t, "INVITE")
		r.user.seat(1).respond(t, 486)
		r.user.seat(1).close()
		r.user.seat(2).close()
		r.finish()
	})
}

// Junk leaves nothing behind.
func TestJunk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		for _, junk := range []string{
			"x", "\x00\x01\x02", "hello\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "INVITE\r\n\r\n", strings.Repeat("A", 70000),
			"SIP/2.0 200 OK\r\n\r\n", "INVITE sip:a SIP/2.0\r\n\r\n", "ACK sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP a\r\n\r\n",
		} {
			r.udp.in(peerAddr, junk)
		}
		r.none(r.udp)
		if st := r.stack.Stats(); st.Dropped != 9 {
			t.Errorf("%+v", st)
		}
		for _, alive := range []string{"\r\n", "\r\n\r\n", "\x00\x00\x00\x00", ""} {
			r.udp.in(peerAddr, alive)
		}
		if st := r.stack.Stats(); st.Dropped != 9 || st.Received != 9 {
			t.Errorf("a keep-alive counts: %+v", st)
		}
		r.finish()
	})
}

// What Check finds fault with is answered where there is a Via, and only then.
func TestUnfit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		good := req{method: "OPTIONS"}.String()
		for _, c := range []struct {
			name, text string
			code       int
		}{
			{"no Call-ID", strings.Replace(good, "Call-ID: call1\r\n", "", 1), 400},
			{"SIP/7.0", strings.Replace(good, "SIP/2.0\r\n", "SIP/7.0\r\n", 1), 505},
			{"scheme", strings.Replace(good, "sip:us@192.0.2.1 SIP", "nobody:us SIP", 1), 416},
			{"CSeq method", strings.Replace(good, "1 OPTIONS", "1 INVITE", 1), 400},
			{"short body", strings.Replace(good, "Content-Length: 0", "Content-Length: 9", 1), 400},
			{"header line", strings.Replace(good, "Max-Forwards: 70", "Max Forwards 70", 1), 400},
			{"no Via", strings.Replace(good, "Via:", "Vai:", 1), 0},
			{"bad Via", strings.Replace(good, "SIP/2.0/UDP 192.0.2.9", "SIP/2.0/UDP", 1), 400},
			{"ACK", strings.Replace(req{method: "ACK"}.String(), "Call-ID: call1\r\n", "", 1), 0},
		} {
			r.udp.in(peerAddr, c.text)
			out := r.udp.take()
			switch {
			case c.code == 0 && len(out) == 0:
			case c.code == 0:
				t.Errorf("%s: answered with %s", c.name, out[0].raw)
			case len(out) != 1:
				t.Errorf("%s: %d answers", c.name, len(out))
			case !strings.HasPrefix(out[0].raw, fmt.Sprintf("SIP/2.0 %d ", c.code)):
				t.Errorf("%s: %s", c.name, out[0].raw)
			}
		}
		r.user.want(t)
		// A stream that cannot be framed: the transport tells what it deserves.
		r.tcp.handler.Malformed(r.tcp.flow(peerAddr), []byte(strings.Replace(good, "Content-Length: 0\r\n", "", 1)), 400)
		if m := r.one(r.tcp); m.Code() != 400 {
			t.Errorf("sent %s", m)
		}
		r.tcp.handler.Malformed(r.tcp.flow(peerAddr), []byte("what is this"), 400)
		r.none(r.tcp)
		r.finish()
	})
}
