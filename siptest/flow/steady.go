package flow

import (
	"fmt"
	"sync"
	"time"

	"dum/sip"
	"dum/siptest"
	"dum/transport"
)

// The times of RFC 3261 table 4 that a scripted peer repeats itself by.
const (
	t1 = 500 * time.Millisecond
	t2 = 4 * time.Second
)

// steady makes a script survive a network that loses: it repeats requests until
// they are answered and final answers to INVITE until they are acknowledged,
// and says the same again to who says the same again. It knows no more of SIP.
type steady struct {
	mu       sync.Mutex
	reliable bool
	done     bool
	timers   map[string]*time.Timer // what is repeated, by what ends it
	replies  map[string]func()      // by what they answer
}

func (s *steady) reset(reliable bool) {
	s.reliable, s.timers, s.replies = reliable, make(map[string]*time.Timer), make(map[string]func())
}

// transaction is what a request and its responses share.
func transaction(m *sip.Message) string {
	via, _ := sip.Via.Get(m)
	return fmt.Sprintf("tx %s %s", via.Branch(), m.Method())
}

// acknowledged is what a final response to an INVITE and its ACK share.
func acknowledged(m *sip.Message) string {
	seq, _ := sip.CSeq.Get(m)
	return fmt.Sprintf("ack %s %d %s", m.CallID(), seq.Number, m.ToTag())
}

// said takes note of a message that the script has sent.
func (s *steady) said(m *sip.Message, f transport.Flow) {
	data := []byte(m.String())
	again := func() { f.Send(data) } // should it fail, it is as good as lost
	s.mu.Lock()
	defer s.mu.Unlock()
	switch final := m.Code() >= 200 && m.Method() == sip.INVITE; {
	case m.Method() == sip.ACK:
		s.replies[acknowledged(m)] = again
	case m.IsRequest():
		s.repeat(transaction(m), again)
	default:
		s.replies[transaction(m)] = again
		if final {
			s.repeat(acknowledged(m), again)
		}
	}
}

// repeat sends again until something stops it; s.mu is held.
func (s *steady) repeat(key string, again func()) {
	if s.reliable || s.done {
		return
	}
	wait, end := t1, time.Now().Add(64*t1)
	var fire func()
	fire = func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.timers[key] == nil || !time.Now().Before(end) {
			return
		}
		again()
		wait = min(2*wait, t2)
		s.timers[key] = time.AfterFunc(wait, fire)
	}
	s.timers[key] = time.AfterFunc(wait, fire)
}

// heard takes note of a message that has come.
func (s *steady) heard(r *siptest.Received, again bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := transaction(r.Message)
	if !r.IsRequest() {
		s.end(key)
		key = acknowledged(r.Message)
	} else if r.Method() == sip.ACK {
		s.end(acknowledged(r.Message))
	}
	if reply := s.replies[key]; again && reply != nil {
		reply()
	}
}

// end stops a repetition; s.mu is held.
func (s *steady) end(key string) {
	if t := s.timers[key]; t != nil {
		t.Stop()
		delete(s.timers, key)
	}
}

// stop ends all repetitions.
func (s *steady) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done = true
	for key := range s.timers {
		s.end(key)
	}
}
