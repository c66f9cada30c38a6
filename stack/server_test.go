package stack

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"dum/sip"
)

const ms = time.Millisecond

// RFC 3261 §17.2.1: a 100 after 200 ms, not a nanosecond earlier, without a To
// tag; the last provisional response for each retransmission.
func TestTryingAfter200ms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		q := req{method: "INVITE", more: "Timestamp: 54\r\n"}
		r.udp.in(peerAddr, q.String())
		r.user.want(t, "INVITE")
		r.udp.in(peerAddr, q.String()) // nothing has been said yet
		time.Sleep(200*ms - 1)
		synctest.Wait()
		r.none(r.udp)
		time.Sleep(1 * time.Nanosecond)
		synctest.Wait()
		m := r.one(r.udp)
		if m.Code() != 100 || m.ToTag() != "" {
			t.Errorf("sent %s", m)
		}
		if v, _ := sip.Named("Timestamp").Get(m); v != "54 0.200" {
			t.Errorf("Timestamp %q", v)
		}
		r.udp.in(peerAddr, q.String())
		if m := r.one(r.udp); m.Code() != 100 {
			t.Errorf("a copy got %d", m.Code())
		}
		r.user.seat(0).respond(t, 180)
		r.user.seat(0).respond(t, 183)
		r.udp.take()
		r.udp.in(peerAddr, q.String())
		if m := r.one(r.udp); m.Code() != 183 || m.ToTag() != "tag0" {
			t.Errorf("a copy got %s", m)
		}
		r.user.want(t)
		r.user.seat(0).respond(t, 486)
		r.user.seat(0).close()
		r.finish()
	})
}

func TestNoTryingWhenAnsweredOrSwitchedOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		r.udp.in(peerAddr, req{method: "INVITE"}.String())
		time.Sleep(100 * ms)
		r.user.seat(0).respond(t, 180)
		r.udp.take()
		time.Sleep(time.Minute)
		synctest.Wait()
		r.none(r.udp)
		r.user.seat(0).respond(t, 200)
		r.user.seat(0).close()
		r.finish()

		r = newRig(t, Config{Timers: Timers{Trying: -1}})
		r.tcp.in(peerAddr, req{method: "INVITE"}.String())
		time.Sleep(time.Minute)
		synctest.Wait()
		r.none(r.tcp)
		r.user.seat(0).respond(t, 200)
		r.user.seat(0).close()
		r.finish()
	})
}

// RFC 3261 §17.2.1, timers G and H: a failure is repeated until the ACK, at
// intervals that double up to T2, for 64*T1; the strand may be long gone.
func TestFailureIsRepeatedUntilTimerH(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		r.user.onRequest = replyAndClose(486)
		r.udp.in(peerAddr, req{method: "INVITE"}.String())
		time.Sleep(time.Minute)
		synctest.Wait()
		r.want(r.schedule(r.udp.take()), "486 0s, 486 500ms, 486 1.5s, 486 3.5s, 486 7.5s, 486 11.5s, 486 15.5s, 486 19.5s, 486 23.5s, 486 27.5s, 486 31.5s")
		if n := r.stack.Stats().Strands; n != 0 {
			t.Errorf("%d strands after timer H", n)
		}
		r.finish()
	})
}

// The ACK stops that; a late copy of it, or of the INVITE, is absorbed for T4.
func TestAckStopsRepetition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		r.user.onRequest = replyAndClose(486)
		q := req{method: "INVITE"}
		r.udp.in(peerAddr, q.String())
		time.Sleep(600 * ms)
		synctest.Wait()
		out := r.udp.take()
		r.want(r.schedule(out), "486 0s, 486 500ms")
		if out[0].raw != out[1].raw {
			t.Error("the repetition differs")
		}
		tag := out[0].msg(t).ToTag()
		ack := req{method: "ACK", to: "<sip:us@192.0.2.1>;tag=" + tag}
		for range 2 {
			r.udp.in(peerAddr, ack.String())
			r.udp.in(peerAddr, q.String())
			time.Sleep(time.Second)
		}
		synctest.Wait()
		r.none(r.udp)
		r.user.want(t, "INVITE")
		if st := r.stack.Stats(); st.Strands != 0 || st.ServerTx != 0 || st.Tombstones != 1 {
			t.Errorf("%+v", st)
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if n := r.stack.Stats().Tombstones; n != 0 {
			t.Error("the tombstone stands after timer I")
		}
		r.finish()
	})
}

// Over a reliable transport nothing is repeated, timer H still ends it.
func TestFailureOverTCP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		r.user.onRequest = replyAndClose(486)
		r.tcp.in(peerAddr, req{method: "INVITE"}.String())
		time.Sleep(32*time.Second - 1)
		synctest.Wait()
		r.want(r.schedule(r.tcp.take()), "486 0s")
		if n := r.stack.Stats().ServerTx; n != 1 {
			t.Error("gone before timer H")
		}
		time.Sleep(1 * time.Nanosecond)
		synctest.Wait()
		if n := r.stack.Stats().ServerTx; n != 0 {
			t.Error("there after timer H")
		}
		// With an ACK it is over at once: timer I is zero.
		r.tcp.in(peerAddr, req{method: "INVITE", branch: "z9hG4bKb", callID: "b"}.String())
		tag := r.one(r.tcp).ToTag()
		r.tcp.in(peerAddr, req{method: "ACK", branch: "z9hG4bKb", callID: "b", to: "<sip:us@192.0.2.1>;tag=" + tag}.String())
		if st := r.stack.Stats(); st.ServerTx != 0 || st.Tombstones != 0 || st.Strands != 0 {
			t.Errorf("%+v", st)
		}
		r.finish()
	})
}

// RFC 6026: after a 2xx copies of the INVITE are absorbed for 64*T1, and the
// ACK, which has a branch of its own, goes to the TU however late it is.
func TestAccepted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		r.user.onRequest = reply(200)
		q := req{method: "INVITE"}
		r.udp.in(peerAddr, q.String())
		first := r.udp.take()
		r.want(r.schedule(first), "200 0s")
		r.user.want(t, "INVITE")
		for range 3 {
			time.Sleep(10 * time.Second)
			r.udp.in(peerAddr, q.String())
		}
		r.none(r.udp)
		// The TU repeats its 2xx, byte for byte.
		s := r.user.seat(0)
		s.strand.Do(s.tx.Resend)
		if out := r.udp.take(); len(out) != 1 || out[0].raw != first[0].raw {
			t.Errorf("resent %v", out)
		}
		ack := req{method: "ACK", branch: "z9hG4bKack", to: "<sip:us@192.0.2.1>;tag=tag0"}
		r.udp.in(peerAddr, ack.String())
		time.Sleep(time.Hour)
		r.udp.in(peerAddr, ack.String())
		r.user.want(t, "ACK", "ACK")
		s.close()
		// Without its strand the ACK is nobody's, and is not answered.
		r.udp.in(peerAddr, ack.String())
		r.none(r.udp)
		r.finish()
	})
}

// Some give the ACK of a 2xx the branch of its INVITE.
func TestAckOf2xxWithTheInvitesBranch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		r.user.onRequest = reply(200)
		r.udp.in(peerAddr, req{method: "INVITE"}.String())
		r.udp.in(peerAddr, req{method: "ACK", to: "<sip:us@192.0.2.1>;tag=tag0"}.String())
		r.user.want(t, "INVITE", "ACK")
		r.user.seat(0).close()
		r.finish()
	})
}

// RFC 3261 §17.2.2: the final response is repeated, the very same bytes, for
// each copy, for 64*T1; then a copy is a new request.
func TestRequestTombstone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		r.user.onRequest = replyAndClose(200)
		q := req{method: "OPTIONS"}
		r.udp.in(peerAddr, q.String())
		first := r.udp.take()[0].raw
		if st := r.stack.Stats(); st.Strands != 0 || st.ServerTx != 0 || st.Tombstones != 1 {
			t.Errorf("%+v", st)
		}
		time.Sleep(32*time.Second - 1)
		synctest.Wait()
		r.udp.in(peerAddr, q.String())
		if out := r.udp.take(); len(out) != 1 || out[0].raw != first {
			t.Errorf("a copy got %v\nwant %s", out, first)
		}
		r.user.want(t, "OPTIONS")
		// It may stand a tick longer than it must.
		time.Sleep(time.Second)
		synctest.Wait()
		r.udp.in(peerAddr, q.String())
		r.user.want(t, "OPTIONS")
		r.finish()
	})
}

// Timer J is zero over a reliable transport.
func TestNoTombstoneOverTCP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		r.user.onRequest = replyAndClose(200)
		r.tcp.in(peerAddr, req{method: "OPTIONS"}.String())
		if st := r.stack.Stats(); st.Tombstones != 0 || st.ServerTx != 0 {
			t.Errorf("%+v", st)
		}
		r.finish()
	})
}

// RFC 4320: 100 for a slow non-INVITE after 3.5 s, none before, no other
// provisional response, no 408, and silence once the client has given up.
func TestSlowRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		q := req{method: "MESSAGE"}
		r.udp.in(peerAddr, q.String())
		time.Sleep(3500*ms - 1)
		synctest.Wait()
		r.udp.in(peerAddr, q.String())
		r.none(r.udp)
		s := r.user.seat(0)
		for _, code := range []int{100, 180, 408} {
			s.strand.Do(func(turn *Turn) {
				if err := s.tx.Respond(turn, sip.NewResponse(s.tx.Request(), code, "")); !errors.Is(err, ErrNotAllowed) {
					t.Errorf("%d: %v", code, err)
				}
			})
		}
		time.Sleep(1 * time.Nanosecond)
		synctest.Wait()
		if m := r.one(r.udp); m.Code() != 100 || m.ToTag() != "" {
			t.Errorf("sent %s", m)
		}
		r.udp.in(peerAddr, q.String())
		if m := r.one(r.udp); m.Code() != 100 {
			t.Errorf("a copy got %d", m.Code())
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		s.strand.Do(func(turn *Turn) {
			if err := s.tx.Respond(turn, sip.NewResponse(s.tx.Request(), 200, "")); !errors.Is(err, ErrTimeout) {
				t.Errorf("late answer: %v", err)
			}
			if !s.tx.Answered() {
				t.Error("the TU has answered, be it in vain")
			}
			if err := s.tx.Respond(turn, sip.NewResponse(s.tx.Request(), 200, "")); !errors.Is(err, ErrAnswered) {
				t.Errorf("and again: %v", err)
			}
		})
		r.none(r.udp)
		s.close()
		r.finish()
	})
}

func TestSecondFinalResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		for i, method := range []string{"INVITE", "OPTIONS"} {
			r.udp.in(peerAddr, req{method: method, callID: method, branch: "z9hG4bK" + method}.String())
			s := r.user.seat(i)
			s.respond(t, 404)
			r.udp.take()
			s.strand.Do(func(turn *Turn) {
				for _, code := range []int{180, 200, 486} {
					if err := s.tx.Respond(turn, sip.NewResponse(s.tx.Request(), code, "")); !errors.Is(err, ErrAnswered) {
						t.Errorf("%s %d: %v", method, code, err)
					}
				}
			})
			r.none(r.udp)
			s.close()
		}
		r.finish()
	})
}

// All responses but the 100 carry one To tag: the strand's.
func TestToTag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		r.udp.in(peerAddr, req{method: "INVITE"}.String())
		s := r.user.seat(0)
		for _, code := range []int{100, 180, 183, 200} {
			s.respond(t, code)
			m := r.one(r.udp)
			want := "tag0"
			if code == 100 {
				want = ""
			}
			if m.ToTag() != want {
				t.Errorf("%d has tag %q", code, m.ToTag())
			}
		}
		s.close()
		// Without a name the first response decides.
		r.user.accept = func(in *Inbound) (*Strand, *sip.Status) {
			s := &seat{user: r.user}
			s.strand = r.stack.NewStrand(s)
			r.user.seats = append(r.user.seats, s)
			return s.strand, nil
		}
		r.udp.in(peerAddr, req{method: "INVITE", callID: "b", branch: "z9hG4bKb"}.String())
		s = r.user.seat(1)
		s.respond(t, 180)
		tag := r.one(r.udp).ToTag()
		s.respond(t, 486)
		if m := r.one(r.udp); tag == "" || m.ToTag() != tag {
			t.Errorf("tags %q and %q", tag, m.ToTag())
		}
		s.close()
		r.finish()
	})
}
