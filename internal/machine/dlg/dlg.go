// Package dlg is the dialog of RFC 3261 §12 as a plain value: its identity,
// route set, remote target and sequence numbers, and what follows from them
// for every request within it. It knows no transport, no clock and no user.
package dlg

import (
	"errors"
	"strings"

	"dum/sip"
)

// A State tells how far a dialog has come (RFC 3261 §12).
type State uint8

// The states of a dialog. A dialog is made by a provisional response with a
// tag (Early) or by a 2xx (Confirmed), and ends once.
const (
	Early State = iota
	Confirmed
	Ended
)

// String is the RFC's name of the state.
func (s State) String() string {
	switch s {
	case Early:
		return "early"
	case Confirmed:
		return "confirmed"
	case Ended:
		return "ended"
	}
	return "?"
}

// A Dialog is the state of one dialog. Its strings are copies: a dialog that
// lives for hours pins no message.
type Dialog struct {
	State  State
	Secure bool // the request that made it went to a sips URI over TLS (§12.1)

	CallID    string
	LocalTag  string
	RemoteTag string // "" only for an RFC 2543 peer

	Local  string // our address as From carries it, tag included
	Remote string // the peer's as To carries it, tag included
	Target string // the remote target: the URI of the peer's Contact
	Routes string // the route set as one Route value list, "" if empty
	Strict bool   // its first hop is a strict router of RFC 2543: requests go to their Request-URI

	LocalSeq  uint32 // CSeq of our latest request
	RemoteSeq uint32 // CSeq of the peer's latest request
	HasRemote bool   // RemoteSeq is known: it starts out empty for a UAC
}

// FromResponse makes the dialog of a UAC from a response with a To tag to the
// request that we sent (§12.1.2).
func FromResponse(req, resp *sip.Message) (Dialog, error) {
	seq, err := sip.CSeq.Get(req)
	if err != nil {
		return Dialog{}, err
	}
	target, err := contactURI(resp)
	if err != nil {
		return Dialog{}, err
	}
	d := Dialog{
		CallID:    req.CallID(),
		LocalTag:  req.FromTag(),
		RemoteTag: resp.ToTag(),
		Local:     text(req, "From"),
		Remote:    text(resp, "To"),
		Target:    target,
		LocalSeq:  seq.Number,
		Secure:    strings.HasPrefix(strings.ToLower(req.RawURI()), "sips:"),
	}
	if resp.Code() >= 200 {
		d.State = Confirmed
	}
	d.takeReversedRoutes(resp)
	d.compact()
	return d, nil
}

// FromRequest makes the dialog of a UAS from the request that asked for it;
// localTag is the tag that our responses carry (§12.1.1).
func FromRequest(req *sip.Message, localTag string) (Dialog, error) {
	seq, err := sip.CSeq.Get(req)
	if err != nil {
		return Dialog{}, err
	}
	target, err := contactURI(req)
	if errors.Is(err, sip.ErrMissing) {
		target, err = fromURI(req)
	}
	if err != nil {
		return Dialog{}, err
	}
	to := text(req, "To")
	if req.ToTag() == "" {
		to += ";tag=" + localTag
	}
	d := Dialog{
		CallID:    req.CallID(),
		LocalTag:  localTag,
		RemoteTag: req.FromTag(),
		Local:     to,
		Remote:    text(req, "From"),
		Target:    target,
		RemoteSeq: seq.Number,
		HasRemote: true,
		Secure:    strings.HasPrefix(strings.ToLower(req.RawURI()), "sips:"),
	}
	d.takeRoutes(req)
	d.compact()
	return d, nil
}

// Confirm turns an early dialog of a UAC into a confirmed one.
//
// RFC 3261 §13.2.2.4: "the dialog MUST be transitioned to the 'confirmed'
// state, and the route set for the dialog MUST be recomputed based on the 2xx
// response".
func (d *Dialog) Confirm(resp *sip.Message) {
	if d.State != Early {
		return
	}
	d.State = Confirmed
	d.takeReversedRoutes(resp)
	if target, err := contactURI(resp); err == nil {
		d.Target = target
	}
	d.compact()
}

// ConfirmLocal is Confirm for a UAS: our own 2xx went out.
func (d *Dialog) ConfirmLocal() {
	if d.State == Early {
		d.State = Confirmed
	}
}

// End ends the dialog.
func (d *Dialog) End() { d.State = Ended }

// Refresh takes the Contact of a target refresh, request or 2xx, as the new
// remote target (§12.2.1.2, §12.2.2). A message without a usable Contact
// leaves the target as it was. The route set never changes.
func (d *Dialog) Refresh(m *sip.Message) {
	if target, err := contactURI(m); err == nil && target != d.Target {
		d.Target = strings.Clone(target)
	}
}

// Order takes the CSeq of a request of the peer and tells whether it is in
// order. A false answer means 500.
//
// RFC 3261 §12.2.2: "If the remote sequence number was not empty, but the
// sequence number of the request is lower than the remote sequence number,
// the request is out of order and MUST be rejected with a 500 (Server
// Internal Error) response."
func (d *Dialog) Order(number uint32) bool {
	if d.HasRemote && number < d.RemoteSeq {
		return false
	}
	d.RemoteSeq, d.HasRemote = number, true
	return true
}

// NextSeq takes the next CSeq of ours.
//
// RFC 3261 §12.2.1.1: "the value of the local sequence number MUST be
// incremented by one".
func (d *Dialog) NextSeq() uint32 {
	d.LocalSeq++
	return d.LocalSeq
}

// contactURI is the one URI that a dialog-making message must name. RFC 3261
// §8.1.1.8: the Contact "MUST be present and contain exactly one SIP or SIPS
// URI in any request that can result in the establishment of a dialog".
// Peers that send several are served by their first.
func contactURI(m *sip.Message) (string, error) {
	c, err := sip.Contact.Get(m)
	if err != nil {
		return "", err
	}
	if !c.URI.IsSIP() {
		return "", &sip.HeaderError{Name: "Contact", Value: c.String(), Err: errScheme}
	}
	u := c.URI
	u.Headers = ""
	return u.String(), nil
}

// fromURI stands in for the Contact of a caller of RFC 2543, who need not send
// one: there requests go to the address in From (RFC 4475 §3.4.1 wants such an
// INVITE accepted). A caller of RFC 3261 shows itself by the cookie in its
// branch, and is held to §8.1.1.8.
func fromURI(req *sip.Message) (string, error) {
	via, err := sip.Via.Get(req)
	if err != nil {
		return "", err
	}
	from, err := sip.From.Get(req)
	if err != nil {
		return "", err
	}
	if via.HasCookie() || !from.URI.IsSIP() {
		return "", &sip.HeaderError{Name: "Contact", Err: sip.ErrMissing}
	}
	return from.URI.String(), nil
}

// compact copies every string into one block of its own.
func (d *Dialog) compact() {
	all := []*string{&d.CallID, &d.LocalTag, &d.RemoteTag, &d.Local, &d.Remote, &d.Target, &d.Routes}
	n := 0
	for _, s := range all {
		n += len(*s)
	}
	var b strings.Builder
	b.Grow(n)
	for _, s := range all {
		b.WriteString(*s)
	}
	block, at := b.String(), 0
	for _, s := range all {
		*s, at = block[at:at+len(*s)], at+len(*s)
	}
}
