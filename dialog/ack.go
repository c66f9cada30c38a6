package dialog

import (
	"context"

	"dum/resolve"
	"dum/sip"
	"dum/transport"
)

// An Ack is an ACK of a 2xx on its way, and afterwards what answers each
// repetition of that 2xx. In turns only.
type Ack struct {
	set  *Set
	flow transport.Flow // nil until the way is known
	raw  []byte
}

// SendAck sends ack, the ACK of a 2xx to an INVITE of ours, made by
// [Dialog.NewAck]. It goes its own way, by the route set of the dialog, and
// belongs to no transaction. Keep what is returned as long as the 2xx may be
// repeated, 64*T1, and send it [Ack.Again] each time.
//
// RFC 3261 §13.2.2.4: "The ACK MUST be passed to the client transport every
// time a retransmission of the 2xx final response that triggered the ACK
// arrives."
func (s *Set) SendAck(t *Turn, d *Dialog, ack *sip.Message) *Ack {
	a := &Ack{set: s}
	hop, err := nextHop(ack, d)
	if err != nil {
		return a
	}
	q := resolve.QueryOf(hop)
	if targets, ok := resolve.Numeric(q); ok {
		a.send(ack, targets)
		return a
	}
	// As in Set.resolve: the look-up leaves the turn and comes back as a turn.
	s.holds++
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), s.manager.stack.Timers().B())
		defer cancel()
		targets, err := s.manager.stack.Resolve(ctx, q)
		s.Do(func(t *Turn) {
			s.holds--
			if err == nil {
				a.send(ack, targets)
			}
		})
	}()
	return a
}

// Again repeats the ACK for a repeated 2xx.
func (a *Ack) Again(t *Turn) {
	if a.flow != nil {
		a.set.manager.stack.Transmit(a.raw, a.flow)
	}
}

// send takes the first target that has a flow. A failure needs no word: the
// peer repeats its 2xx, and Again tries again on the same way.
func (a *Ack) send(ack *sip.Message, targets []resolve.Target) {
	for _, target := range targets {
		f, err := a.set.manager.stack.Flow(target)
		if err != nil {
			continue
		}
		a.set.manager.stack.PushVia(ack, f)
		a.flow, a.raw = f, ack.AppendTo(nil)
		a.set.manager.stack.Transmit(a.raw, f)
		return
	}
}
