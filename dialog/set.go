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
	bound   atomic.Int32 // whether the strand has its name

	// What follows is owned by the turn.
	usages   []attached
	dialogs  []*Dialog
	auth     *auth.Client // nil until the first challenge
	requests *Request     // ours under way, the oldest first
	owed     []*ServerTx  // the peer's that may have no final response yet
	holds    int          // what else keeps the set: a request on its way into it, an ACK out of it
	seq      uint32       // CSeq of our latest request outside of dialogs
	closed   bool
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

// AddUsage attaches u to the set as a whole; see [Dialog.AddUsage]. Usages are
// compared, so u has to be a pointer. One that is added to a set that has ended
// hears ErrEnded as its Fault when the turn is over, unless it has left by then.
func (s *Set) AddUsage(t *Turn, u Usage) {
	if len(s.usages) == 0 {
		s.usages = make([]attached, 0, 1)
	}
	s.usages = append(s.usages, attached{usage: u})
}

// RemoveUsage detaches u wherever it is attached. A dialog that loses its last
// usage with that ends, and so does the set, with the turn.
//
// RFC 5057 §4.1: a dialog lives as long as any usage in it does.
func (s *Set) RemoveUsage(t *Turn, u Usage) {
	for i := 0; i < len(s.usages); {
		a := s.usages[i]
		if a.usage != u {
			i++
			continue
		}
		s.usages = slices.Delete(s.usages, i, i+1)
		if a.dialog != nil && !s.uses(a.dialog) {
			a.dialog.m.End()
		}
	}
}

// uses tells whether a dialog has a usage.
func (s *Set) uses(d *Dialog) bool {
	return slices.ContainsFunc(s.usages, func(a attached) bool { return a.dialog == d })
}

// Dialogs lists the dialogs of the set that have not ended.
func (s *Set) Dialogs(t *Turn) []*Dialog {
	return slices.DeleteFunc(slices.Clone(s.dialogs), func(d *Dialog) bool { return d.State() == Ended })
}

// Ended tells whether the set is over.
func (s *Set) Ended(t *Turn) bool { return s.closed }

// contact is the address at which the peer at the other end of f reaches us.
func (s *Set) contact(f flow, user string, secure bool) sip.Addr {
	return s.manager.contact(s.profile, f, user, secure)
}

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

// leave ends a turn: it ends the set when nothing holds it any more, else arms
// the timer to the earliest deadline.
func (s *Set) leave(t *Turn) {
	if s.closed {
		s.disown(t, ErrEnded)
		return
	}
	if s.manager.draining.Load() {
		s.goodbye(t)
	}
	s.owed = slices.DeleteFunc(s.owed, (*ServerTx).Answered)
	if len(s.usages) == 0 && s.requests == nil && len(s.owed) == 0 && s.holds == 0 {
		s.end(t, nil)
		return
	}
	t.SetDeadline(s.deadline())
}

// deadline is the earliest of the usages and of what is owed.
func (s *Set) deadline() (at time.Time) {
	for _, a := range s.usages {
		at = earlier(at, a.usage.Deadline())
	}
	for _, tx := range s.owed {
		at = earlier(at, s.patience(tx))
	}
	return at
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// end ends the set, in the ordinary way or for a reason, and tells all that are
// still with it.
func (s *Set) end(t *Turn, err error) {
	if s.closed {
		return
	}
	s.closed = true // from here on nothing new begins
	s.disown(t, err)
	for _, d := range s.dialogs {
		d.m.End()
	}
	s.owed = nil
	t.Strand().Close(t) // s.strand may not be set yet when the stack closes
	if tr := s.manager.trace; tr.On() {
		tr.Record(t.Now(), trace.SetEnded{CallID: s.key.CallID, LocalTag: s.key.Tag, Err: err})
	}
	s.manager.ended()
}

// disown tells the usages, and then the requests under way, that the set is
// over. None of them can keep another from hearing it.
func (s *Set) disown(t *Turn, err error) {
	for range len(s.usages) {
		if len(s.usages) == 0 {
			break
		}
		u := s.usages[0].usage
		s.usages = slices.DeleteFunc(s.usages, func(a attached) bool { return a.usage == u })
		s.guard(func() { u.Fault(t, err) })
	}
	s.usages = nil
	for s.requests != nil {
		s.guard(func() { s.fail(t, s.requests, err) })
	}
}

// guard keeps a panic from what comes behind it, in a set that is over.
func (s *Set) guard(f func()) {
	defer func() {
		if v := recover(); v != nil {
			s.panicked(v)
		}
	}()
	f()
}
