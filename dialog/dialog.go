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

// RemoveUsage detaches u, from all of the set, and ends the dialog when no
// usage is left in it.
func (d *Dialog) RemoveUsage(t *Turn, u Usage) {
	d.set.RemoveUsage(t, u)
	if !d.set.uses(d) {
		d.m.End()
	}
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
