package dialog

import (
	"fmt"

	"dum/internal/machine/dlg"
	"dum/sip"
)

// A State tells how far a dialog has come.
type State = dlg.State

// The states of a dialog (RFC 3261 §12).
const (
	Early     = dlg.Early
	Confirmed = dlg.Confirmed
	Ended     = dlg.Ended
)

// An ID names a dialog (RFC 3261 §12).
type ID struct{ CallID, LocalTag, RemoteTag string }

// String shows the id as people write it.
func (id ID) String() string {
	return fmt.Sprintf("%s;local=%s;remote=%s", id.CallID, id.LocalTag, id.RemoteTag)
}

// A Dialog is one dialog of a set. Set and ID may be read from any goroutine,
// all else in turns only.
type Dialog struct {
	set *Set
	m   dlg.Dialog
}

// Set is the dialog set.
func (d *Dialog) Set() *Set { return d.set }

// ID is the name of the dialog. It never changes.
func (d *Dialog) ID() ID { return ID{d.m.CallID, d.m.LocalTag, d.m.RemoteTag} }

// String names the dialog for people.
func (d *Dialog) String() string { return "dialog " + d.ID().String() }

// State tells how far it has come. In turns only.
func (d *Dialog) State() State { return d.m.State }

// RemoteTarget is the URI that requests of the dialog go to. In turns only.
func (d *Dialog) RemoteTarget() string { return d.m.Target }

// AddUsage attaches u to the dialog: u is asked for its requests before the
// usages of the set are.
func (d *Dialog) AddUsage(t *Turn, u Usage) {
	d.set.usages = append(d.set.usages, attached{usage: u, dialog: d})
}

// RemoveUsage detaches u and ends the dialog when it was the last one there.
//
// RFC 5057 §4.1: a dialog lives as long as any usage in it does.
func (d *Dialog) RemoveUsage(t *Turn, u Usage) {
	d.set.RemoveUsage(t, u)
	for _, a := range d.set.usages {
		if a.dialog == d {
			return
		}
	}
	d.m.End()
}

// NewRequest makes a request within the dialog, with the next CSeq, ready for
// [Set.Send]. Never for ACK or CANCEL.
func (d *Dialog) NewRequest(t *Turn, method sip.Method) *sip.Message {
	return d.m.Request(method)
}

// NewAck makes the ACK of a 2xx to invite; [Set.SendAck] sends it.
func (d *Dialog) NewAck(t *Turn, invite *sip.Message) *sip.Message {
	return d.m.Ack(invite)
}

// Refresh takes the Contact of a target refresh: call it with a 2xx to a
// target refresh request of ours, or with a request of the peer when its 2xx
// goes out. RFC 3261 §14: a failed re-INVITE leaves the session as it was.
func (d *Dialog) Refresh(t *Turn, m *sip.Message) { d.m.Refresh(m) }

// Confirm turns the dialog of a UAS from early to confirmed: its 2xx went out.
func (d *Dialog) Confirm(t *Turn) { d.m.ConfirmLocal() }

// End ends the dialog; its requests are answered with 481 from now on.
func (d *Dialog) End(t *Turn) { d.m.End() }

// UASDialog returns the dialog that tx, a dialog-making request, opens: the one
// there is, or a new one. Call it when the first response with a tag goes out.
//
// RFC 3261 §8.1.1.8 asks for a Contact with a SIP URI in such a request; one
// without gets the 400 that is returned.
func (s *Set) UASDialog(t *Turn, tx *ServerTx, state State) (*Dialog, *sip.Status) {
	req := tx.Request()
	if d := s.find(req.FromTag()); d != nil {
		if state == Confirmed {
			d.m.ConfirmLocal()
		}
		return d, nil
	}
	m, err := dlg.FromRequest(req, s.key.Tag)
	if err != nil {
		return nil, sip.NewStatus(400, "Bad or Missing Contact")
	}
	m.State = state
	return s.addDialog(m), nil
}

// UACDialog returns the dialog that a response to our dialog-making request
// belongs to, making it at the first one (RFC 3261 §12.1.2, §13.2.2.4). A 2xx
// confirms it. A response of an RFC 2543 peer has no tag and makes the dialog
// whose remote tag is empty.
func (s *Set) UACDialog(t *Turn, req *sip.Message, resp *Inbound) (*Dialog, error) {
	if d := s.find(resp.Msg.ToTag()); d != nil {
		if resp.Msg.Code() >= 200 {
			d.m.Confirm(resp.Msg)
		}
		return d, nil
	}
	m, err := dlg.FromResponse(req, resp.Msg)
	if err != nil {
		return nil, err
	}
	return s.addDialog(m), nil
}

func (s *Set) addDialog(m dlg.Dialog) *Dialog {
	// One block for every string: those of the set are among them.
	m.CallID, m.LocalTag = s.key.CallID, s.key.Tag
	d := &Dialog{set: s, m: m}
	if s.dialogs == nil {
		s.dialogs = make([]*Dialog, 0, 1)
	}
	s.dialogs = append(s.dialogs, d)
	return d
}
