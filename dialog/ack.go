package dialog

import (
	"errors"

	"dum/resolve"
	"dum/sip"
	"dum/transport"
)

// An Ack is an ACK of a 2xx on its way, and afterwards what answers each
// repetition of that 2xx. In turns only.
type Ack struct {
	set     *Set
	msg     *sip.Message
	hop     sip.URI
	looking bool           // hop is being looked up
	target  resolve.Target // where it went
	flow    transport.Flow // nil until the way is known
	raw     []byte
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
	a := &Ack{set: s, msg: ack}
	var err error
	if a.hop, err = nextHop(ack, d.m.Strict); err == nil {
		a.start()
	}
	return a
}

// start finds the way and sends the ACK.
func (a *Ack) start() {
	s := a.set
	q := resolve.QueryOf(a.hop)
	if targets, ok := resolve.Numeric(q); ok {
		a.send(targets)
		return
	}
	a.looking = true
	s.holds++
	s.lookup(q, func(t *Turn, targets []resolve.Target, err error) {
		s.holds--
		a.looking = false
		a.send(targets)
	})
}

// Again repeats the ACK for a repeated 2xx, and tries once more what failed.
func (a *Ack) Again(t *Turn) {
	switch {
	case a.looking || a.hop == (sip.URI{}):
	case a.flow == nil:
		a.start()
	case errors.Is(a.set.manager.stack.Transmit(a.raw, a.flow), transport.ErrClosed):
		a.flow = nil // that connection is gone
		a.send([]resolve.Target{a.target})
	}
}

// send takes the first target that has a flow. A failure needs no word: the
// peer repeats its 2xx.
func (a *Ack) send(targets []resolve.Target) {
	st := a.set.manager.stack
	for _, target := range targets {
		f, err := st.Flow(target)
		if err != nil {
			continue
		}
		if a.raw == nil {
			st.PushVia(a.msg, f)
			a.raw = a.msg.AppendTo(nil)
		}
		a.target, a.flow = target, f
		_ = st.Transmit(a.raw, f)
		return
	}
}
