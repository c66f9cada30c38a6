package dialog

import (
	"slices"

	"dum/internal/machine/dlg"
	"dum/sip"
)

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
	if !s.room(state) {
		return nil, sip.NewStatus(500, "Too Many Dialogs")
	}
	m.State = state
	m.LocalSeq = s.seq // a dialog that a NOTIFY makes goes on where our SUBSCRIBE was
	return s.addDialog(m), nil
}

// UACDialog returns the dialog that resp, a response with a tag to our
// dialog-making request req, belongs to, making it at the first one (RFC 3261
// §12.1.2, §13.2.2.4). A 2xx confirms it. A response of an RFC 2543 peer has no
// tag and makes the dialog whose remote tag is empty.
//
// There is no dialog in a response of 300 and above, in one without a Contact,
// and when the set has as many as [Config.MaxForks] allows: then the error is
// ErrTooManyForks. A 2xx is let in all the same as long as it can take the place
// of a dialog that has ended or is early, of which the oldest goes.
func (s *Set) UACDialog(t *Turn, req *sip.Message, resp *Inbound) (*Dialog, error) {
	code := resp.Msg.Code()
	if code <= 100 || code >= 300 {
		return nil, sip.StatusOf(resp.Msg)
	}
	if d := s.find(resp.Msg.ToTag()); d != nil {
		if code >= 200 {
			d.m.Confirm(resp.Msg)
		}
		d.follow(req)
		return d, nil
	}
	m, err := dlg.FromResponse(req, resp.Msg)
	if err != nil {
		return nil, err
	}
	if !s.room(m.State) {
		return nil, ErrTooManyForks
	}
	return s.addDialog(m), nil
}

// follow takes note of a later CSeq outside of the dialog: the fork that rang
// for an INVITE may answer the next one, which has our credentials.
func (d *Dialog) follow(req *sip.Message) {
	if seq, err := sip.CSeq.Get(req); err == nil && seq.Number > d.m.LocalSeq {
		d.m.LocalSeq = seq.Number
	}
}

// room tells whether the set may have one more dialog, and makes room if that
// can be.
func (s *Set) room(state State) bool {
	if len(s.dialogs) < s.manager.maxForks {
		return true
	}
	i := slices.IndexFunc(s.dialogs, func(d *Dialog) bool { return d.State() == Ended && !s.uses(d) })
	if i < 0 && state == Confirmed {
		i = slices.IndexFunc(s.dialogs, func(d *Dialog) bool { return d.State() == Early && !s.uses(d) })
	}
	if i < 0 {
		return false
	}
	s.dialogs[i].m.End()
	s.dialogs = slices.Delete(s.dialogs, i, i+1)
	return true
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
