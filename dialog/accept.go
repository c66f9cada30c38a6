package dialog

import (
	"slices"
	"strings"

	"dum/profile"
	"dum/sip"
	"dum/stack"
)

// acceptor is the manager as the stack's acceptor.
type acceptor Manager

var _ stack.Acceptor = (*acceptor)(nil)

// Accept makes the set for a request that opens one, or refuses it before
// anything is kept for it.
func (a *acceptor) Accept(in *Inbound) (*stack.Strand, *sip.Status) {
	m := (*Manager)(a)
	if m.draining.Load() {
		return nil, shuttingDown()
	}
	req := in.Msg
	if st := m.validate(req, false); st != nil {
		return nil, st
	}
	if m.openers[req.Method()] == nil {
		if slices.Contains(m.closed, req.Method()) {
			return nil, sip.NewStatus(405, "").With("Allow", listOf(m.methods, m.closed))
		}
		// A method that lives in dialogs only, outside of any.
		return nil, sip.NewStatus(481, "")
	}
	// The datagram would live as long as the set does, for the sake of one
	// Call-ID.
	s := m.newSet(m.profileOf(req), Key{CallID: strings.Clone(req.CallID()), Tag: sip.NewTag()})
	s.holds = 1 // until the request arrives in its first turn
	if !m.open(s, in.At) {
		return nil, shuttingDown()
	}
	return s.strand, nil
}

// shuttingDown is the answer to new requests on the way down.
//
// RFC 3261 §21.5.4: "The server is temporarily unable to process the request due
// to a temporary overloading or maintenance of the server."
func shuttingDown() *sip.Status { return sip.NewStatus(503, "Shutting Down") }

func (m *Manager) profileOf(req *sip.Message) (p *profile.Profile) {
	if m.profileFor != nil {
		p = m.profileFor(req)
	}
	return p
}
