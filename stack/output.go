package stack

import (
	"bytes"
	"sync"
	"time"

	"dum/sip"
	"dum/trace"
	"dum/transport"
)

// buffers are for encoding: a flow does not keep what it is given.
type buffers struct{ pool sync.Pool }

func (p *buffers) get() *[]byte {
	if b, ok := p.pool.Get().(*[]byte); ok {
		return b
	}
	b := make([]byte, 0, 2048)
	return &b
}

// put takes a buffer back, unless one huge message has made it huge.
func (p *buffers) put(b *[]byte) {
	if cap(*b) <= 64<<10 {
		p.pool.Put(b)
	}
}

// sendMessage encodes and sends m, and returns a copy of the bytes when they
// are to be kept.
func (s *Stack) sendMessage(m *sip.Message, f transport.Flow, keep bool) (kept []byte, err error) {
	buf := s.buffers.get()
	b := m.AppendTo((*buf)[:0])
	err = s.send(b, f, m.CallID(), false)
	if keep {
		kept = bytes.Clone(b)
	}
	*buf = b
	s.buffers.put(buf)
	return kept, err
}

// again sends kept bytes once more.
func (s *Stack) again(raw []byte, f transport.Flow) error {
	s.stats.resent.Add(1)
	return s.send(raw, f, "", true)
}

// Transmit sends a message without a transaction: the ACK of a 2xx, which
// needs a Via from [Stack.PushVia] first. It never blocks and does not keep b.
func (s *Stack) Transmit(b []byte, f transport.Flow) error {
	return s.send(b, f, "", false)
}

func (s *Stack) send(b []byte, f transport.Flow, callID string, again bool) error {
	if s.trace.On() {
		if callID == "" {
			if m, err := sip.Parse(string(b), s.limits); err == nil {
				callID = m.CallID()
			}
		}
		// Ahead of Send, or the answer might be traced before what it answers.
		s.trace.Record(time.Now(), trace.MessageOut{Path: path(f), CallID: callID, Raw: b, Again: again})
	}
	if err := f.Send(b); err != nil {
		s.stats.unsent.Add(1)
		return err
	}
	s.stats.sent.Add(1)
	return nil
}
