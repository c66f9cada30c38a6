package dialog_test

import (
	"time"

	"dum/dialog"
	"dum/profile"
	"dum/sip"
	"dum/siptest"
)

// A leg is the usage of these tests: one side of a call, as simple as it can
// be. It stands on the public interface only.
type leg struct {
	set    *dialog.Set
	d      *dialog.Dialog
	invite *dialog.Request // ours, of the caller
	ack    *dialog.Ack
	got    responses
	byes   responses

	at     time.Time      // its deadline
	heard  record[string] // what it was told
	faults record[error]
	// take, when set, is asked for requests within the dialog ahead of the leg.
	take func(t *dialog.Turn, d *dialog.Dialog, tx *dialog.ServerTx) bool
	// onExpire and onShutdown, when set, do what is to be done then.
	onExpire, onShutdown, onFault func(t *dialog.Turn)
}

var _ dialog.Usage = (*leg)(nil)

// answer opens a leg for an INVITE, and answers it.
func (w *world) answer(t *dialog.Turn, s *dialog.Set, tx *dialog.ServerTx) {
	l := &leg{set: s}
	d, st := s.UASDialog(t, tx, dialog.Confirmed)
	if st != nil {
		s.Answer(t, tx, st)
		return
	}
	l.d = d
	d.AddUsage(t, l)
	w.legs = append(w.legs, l)
	s.Respond(t, tx, s.NewResponse(t, tx, 200, ""))
}

// dial calls the peer, or another URI.
func (w *world) dial(p *profile.Profile, to sip.URI, edits ...siptest.Edit) *leg {
	w.Helper()
	set, err := w.m.NewSet(p)
	if err != nil {
		w.Fatal(err)
	}
	l := &leg{set: set}
	m := sip.NewRequest(sip.INVITE, to)
	for _, e := range edits {
		e(m)
	}
	l.invite = &dialog.Request{Msg: m, OnResponse: l.recv}
	set.Do(func(t *dialog.Turn) {
		set.AddUsage(t, l)
		set.Send(t, l.invite)
	})
	return l
}

// recv takes the responses to our INVITE: each fork gets its dialog, the first
// 2xx makes the call.
func (l *leg) recv(t *dialog.Turn, r *dialog.Response) {
	l.got.add(r)
	switch code := r.Code(); {
	case code >= 300:
		l.set.RemoveUsage(t, l)
	case code > 100:
		d, err := l.set.UACDialog(t, r.Request.Msg, r.Inbound)
		if err != nil {
			l.heard.add(err.Error())
			return
		}
		if code >= 200 && l.ack != nil && d == l.d {
			l.ack.Again(t)
			return
		}
		if code >= 200 && l.ack == nil {
			l.d = d
			l.ack = l.set.SendAck(t, d, d.NewAck(t, r.Request.Msg))
		}
	}
}

// bye hangs up.
func (l *leg) bye() {
	l.set.Do(func(t *dialog.Turn) { l.hangup(t) })
}

func (l *leg) hangup(t *dialog.Turn) {
	l.set.Send(t, &dialog.Request{Msg: l.d.NewRequest(t, sip.BYE), Dialog: l.d, OnResponse: func(t *dialog.Turn, r *dialog.Response) {
		l.byes.add(r)
		if r.Code() >= 200 {
			l.set.RemoveUsage(t, l)
		}
	}})
}

// within sends a request within the dialog. The 2xx of a re-INVITE gets its ACK
// and is a target refresh.
func (l *leg) within(method sip.Method) *sent {
	s := &sent{set: l.set}
	l.set.Do(func(t *dialog.Turn) {
		var ack *dialog.Ack
		s.req = &dialog.Request{Msg: l.d.NewRequest(t, method), Dialog: l.d, OnResponse: func(t *dialog.Turn, r *dialog.Response) {
			s.got.add(r)
			if code := r.Code(); method != sip.INVITE || code < 200 || code > 299 {
				return
			}
			if ack != nil {
				ack.Again(t)
				return
			}
			l.d.Refresh(t, r.Msg)
			ack = l.set.SendAck(t, l.d, l.d.NewAck(t, r.Request.Msg))
		}}
		l.set.Send(t, s.req)
	})
	return s
}

// RecvRequest answers what belongs to a call.
func (l *leg) RecvRequest(t *dialog.Turn, d *dialog.Dialog, tx *dialog.ServerTx) bool {
	if l.take != nil && l.take(t, d, tx) {
		return true
	}
	switch tx.Method() {
	case sip.BYE:
		l.set.Answer(t, tx, sip.NewStatus(200, ""))
		l.set.RemoveUsage(t, l)
	case sip.INVITE:
		d.Refresh(t, tx.Request())
		l.set.Respond(t, tx, l.set.NewResponse(t, tx, 200, ""))
	default:
		return false
	}
	return true
}

func (l *leg) RecvAck(t *dialog.Turn, d *dialog.Dialog, in *dialog.Inbound) bool {
	l.heard.add("ack")
	return true
}

func (l *leg) RecvCancel(*dialog.Turn, *dialog.ServerTx, *dialog.Inbound) bool { return false }

func (l *leg) Deadline() time.Time { return l.at }

func (l *leg) Expire(t *dialog.Turn) {
	l.heard.add("expire")
	if l.onExpire != nil {
		l.onExpire(t)
	}
}

func (l *leg) Fault(t *dialog.Turn, err error) {
	l.faults.add(err)
	if l.onFault != nil {
		l.onFault(t)
	}
}

// Shutdown hangs up, or cancels.
func (l *leg) Shutdown(t *dialog.Turn) {
	l.heard.add("shutdown")
	switch {
	case l.onShutdown != nil:
		l.onShutdown(t)
	case l.d != nil:
		l.hangup(t)
	case l.invite != nil:
		l.invite.Cancel(t, nil)
	}
}
