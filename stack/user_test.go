package stack

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"dum/sip"
)

// user is everything above the stack: it accepts each request with a strand of
// its own and writes down what it hears.
type user struct {
	stack *Stack

	mu     sync.Mutex
	heard  []string
	seats  []*seat
	refuse *sip.Status
	accept func(*Inbound) (*Strand, *sip.Status) // instead of the ordinary way

	onRequest func(*Turn, *seat, *ServerTx)
	onCancel  func(*Turn, *seat, *ServerTx)
	onExpire  func(*Turn, *seat)
	onAnswer  func(*Turn, *seat, *ClientTx, *Inbound)
	onFailure func(*Turn, *seat, *ClientTx, error)
}

// seat is one TU.
type seat struct {
	user   *user
	strand *Strand
	tag    string
	tx     *ServerTx // the first request
}

func (u *user) note(format string, args ...any) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.heard = append(u.heard, fmt.Sprintf(format, args...))
}

// hears returns what was written down since the last call.
func (u *user) hears() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	h := u.heard
	u.heard = nil
	return h
}

func (u *user) want(t testing.TB, want ...string) {
	t.Helper()
	if got := u.hears(); !slices.Equal(got, want) {
		t.Errorf("the user heard\n     %q\nwant %q", got, want)
	}
}

func (u *user) seat(i int) *seat {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.seats[i]
}

func (u *user) newSeat(k Key) *seat {
	s := &seat{user: u, tag: k.Tag}
	s.strand = u.stack.NewStrand(s)
	s.strand.Bind(k)
	u.mu.Lock()
	u.seats = append(u.seats, s)
	u.mu.Unlock()
	return s
}

func (u *user) Accept(in *Inbound) (*Strand, *sip.Status) {
	if u.accept != nil {
		return u.accept(in)
	}
	if u.refuse != nil {
		return nil, u.refuse
	}
	u.mu.Lock()
	n := len(u.seats)
	u.mu.Unlock()
	return u.newSeat(Key{in.Msg.CallID(), fmt.Sprintf("tag%d", n)}).strand, nil
}

func (s *seat) RecvRequest(t *Turn, tx *ServerTx) {
	s.user.note("%s", tx.Method())
	if s.tx == nil {
		s.tx = tx
	}
	if s.user.onRequest != nil {
		s.user.onRequest(t, s, tx)
	}
}

func (s *seat) RecvAck(t *Turn, in *Inbound) { s.user.note("ACK") }

func (s *seat) RecvCancel(t *Turn, tx *ServerTx, cancel *Inbound) {
	s.user.note("cancel %s", tx.Method())
	if s.user.onCancel != nil {
		s.user.onCancel(t, s, tx)
	}
}

func (s *seat) Expire(t *Turn) {
	s.user.note("expire")
	if s.user.onExpire != nil {
		s.user.onExpire(t, s)
	}
}

func (s *seat) Fault(t *Turn, err error) { s.user.note("fault %v", err) }

func (s *seat) RecvResponse(t *Turn, tx *ClientTx, in *Inbound) {
	s.user.note("%d %s %s", in.Msg.Code(), tx.Method(), in.Msg.ToTag())
	if s.user.onAnswer != nil {
		s.user.onAnswer(t, s, tx, in)
	}
}

func (s *seat) TxFailed(t *Turn, tx *ClientTx, err error) {
	s.user.note("%s failed: %v", tx.Method(), err)
	if s.user.onFailure != nil {
		s.user.onFailure(t, s, tx, err)
	}
}

// close ends the strand from outside.
func (s *seat) close() { s.strand.Do(s.strand.Close) }

// respond answers the first request from outside of a turn.
func (s *seat) respond(t testing.TB, code int) {
	t.Helper()
	s.strand.Do(func(turn *Turn) {
		if err := s.tx.Respond(turn, sip.NewResponse(s.tx.Request(), code, "")); err != nil {
			t.Errorf("respond %d: %v", code, err)
		}
	})
}

// reply is an onRequest that answers at once.
func reply(code int) func(*Turn, *seat, *ServerTx) {
	return func(t *Turn, s *seat, tx *ServerTx) {
		if err := tx.Respond(t, sip.NewResponse(tx.Request(), code, "")); err != nil {
			panic(err)
		}
	}
}

// replyAndClose answers and ends the strand with the turn.
func replyAndClose(code int) func(*Turn, *seat, *ServerTx) {
	return func(t *Turn, s *seat, tx *ServerTx) {
		reply(code)(t, s, tx)
		s.strand.Close(t)
	}
}
