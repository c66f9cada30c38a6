package dialog

import (
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"dum/auth"
	"dum/profile"
	"dum/sip"
	"dum/stack"
	"dum/trace"
)

// A Set is a dialog set: everything that one request opened, named by Call-ID
// and our tag. Its exported methods without a [Turn] may be called from any
// goroutine.
type Set struct {
	manager *Manager
	profile *profile.Profile
	strand  *stack.Strand
	key     Key
	value   atomic.Pointer[any]
	outbox  Outbox

	// What follows is owned by the turn.
	usages  []attached
	dialogs []*Dialog
	auth    *auth.Client // nil until the first challenge
	seq     uint32       // CSeq of our latest request outside of dialogs
	holds   int          // requests of ours under way, and unanswered ones of the peer
	closed  bool
	err     error // why it ended, nil for the ordinary way
}

// Key is the name of the set.
func (s *Set) Key() Key { return s.key }

// CallID is the Call-ID of the set.
func (s *Set) CallID() string { return s.key.CallID }

// LocalTag is our tag: the From tag of a UAC's requests, the To tag of a UAS's
// responses.
func (s *Set) LocalTag() string { return s.key.Tag }

// Profile is the set's settings; frozen.
func (s *Set) Profile() *profile.Profile { return s.profile }

// Manager is whose set it is.
func (s *Set) Manager() *Manager { return s.manager }

// String names the set for people.
func (s *Set) String() string { return fmt.Sprintf("set %s tag %s", s.key.CallID, s.key.Tag) }

// Value is the application's own value: what [Set.SetValue] put there, else
// what [Config.NewValue] makes at the first call. It is never called in a turn.
// Where first calls race, the factory may run twice and one result is kept.
func (s *Set) Value() any {
	if v := s.value.Load(); v != nil {
		return *v
	}
	if s.manager.newValue == nil {
		return nil
	}
	v := s.manager.newValue(s)
	if s.value.CompareAndSwap(nil, &v) {
		return v
	}
	return *s.value.Load()
}

// SetValue sets the application's own value.
func (s *Set) SetValue(v any) { s.value.Store(&v) }

// Do runs f in a turn of the set: at once when the set is idle, else as soon
// as what came before is done, possibly on another goroutine and after Do has
// returned. It is never refused, also not by a set that has ended.
func (s *Set) Do(f func(t *Turn)) {
	s.strand.Do(func(t *Turn) {
		f(t)
		s.leave(t)
	})
}

// Post runs application code on the set's outbox.
func (s *Set) Post(f func()) { s.outbox.Post(s, f) }

// AddUsage attaches u to the set as a whole; see [Dialog.AddUsage].
func (s *Set) AddUsage(t *Turn, u Usage) {
	if len(s.usages) == 0 {
		s.usages = make([]attached, 0, 1)
	}
	s.usages = append(s.usages, attached{usage: u})
}

// RemoveUsage detaches u wherever it is attached. A dialog that loses its last
// usage ends, and so does a set.
func (s *Set) RemoveUsage(t *Turn, u Usage) {
	s.usages = slices.DeleteFunc(s.usages, func(a attached) bool { return a.usage == u })
}

// Dialogs lists the dialogs of the set that have not ended.
func (s *Set) Dialogs(t *Turn) []*Dialog {
	return slices.DeleteFunc(slices.Clone(s.dialogs), func(d *Dialog) bool { return d.State() == Ended })
}

// Ended tells whether the set is over.
func (s *Set) Ended(t *Turn) bool { return s.closed }

// nextSeq is the next CSeq outside of dialogs.
func (s *Set) nextSeq() uint32 {
	s.seq++
	return s.seq
}

// find returns the dialog with a remote tag, ended ones included.
func (s *Set) find(remoteTag string) *Dialog {
	for _, d := range s.dialogs {
		if d.m.RemoteTag == remoteTag {
			return d
		}
	}
	return nil
}

// leave ends a turn: it arms the timer to the earliest deadline of the usages
// and ends the set when nothing holds it any more.
func (s *Set) leave(t *Turn) {
	if s.closed {
		return
	}
	if len(s.usages) == 0 && s.holds == 0 {
		s.close(t, nil)
		return
	}
	var earliest time.Time
	for _, a := range s.usages {
		if d := a.usage.Deadline(); !d.IsZero() && (earliest.IsZero() || d.Before(earliest)) {
			earliest = d
		}
	}
	t.SetDeadline(earliest)
}

// close ends the set.
func (s *Set) close(t *Turn, err error) {
	if s.closed {
		return
	}
	s.closed, s.err = true, err
	for _, d := range s.dialogs {
		d.m.End()
	}
	s.usages = nil
	s.strand.Close(t)
	if tr := s.manager.trace; tr.On() {
		tr.Record(t.Now(), trace.SetEnded{CallID: s.key.CallID, LocalTag: s.key.Tag, Err: err})
	}
	s.manager.setEnded()
}

// shutdown asks every usage to say goodbye.
func (s *Set) shutdown(t *Turn) {
	for _, a := range slices.Clone(s.usages) {
		a.usage.Shutdown(t)
	}
}

// hostOf is the dialog method of a sip URI that names us on a flow.
func (s *Set) contact(f flow, user string, secure bool) sip.Addr {
	return s.manager.contact(s.profile, f, user, secure)
}
