package dialog

// FindSet returns the set with a key, if it has not ended.
func (m *Manager) FindSet(k Key) (*Set, bool) {
	u, ok := m.stack.Find(k).(*tu)
	return (*Set)(u), ok
}

// Find returns the dialog with an id, if it has not ended. It waits for the
// turns of the set that are under way, so it must not be called in a turn.
func (m *Manager) Find(id ID) (*Dialog, bool) {
	var found *Dialog
	m.inSet(id, func(s *Set, t *Turn) {
		if d := s.find(id.RemoteTag); d != nil && d.State() != Ended {
			found = d
		}
	})
	return found, found != nil
}

// FindUsage returns the first usage of type U in the dialog with an id, of the
// dialog itself or of its set. It must not be called in a turn.
func FindUsage[U Usage](m *Manager, id ID) (U, bool) {
	var found U
	ok := false
	m.inSet(id, func(s *Set, t *Turn) {
		d := s.find(id.RemoteTag)
		if d == nil || d.State() == Ended {
			return
		}
		s.ask(d, func(u Usage) bool {
			found, ok = u.(U)
			return ok
		})
	})
	return found, ok
}

// inSet runs f in a turn of the dialog's set and waits for it.
func (m *Manager) inSet(id ID, f func(*Set, *Turn)) {
	s, ok := m.FindSet(Key{CallID: id.CallID, Tag: id.LocalTag})
	if !ok {
		return
	}
	done := make(chan struct{})
	s.Do(func(t *Turn) {
		defer close(done)
		f(s, t)
	})
	<-done
}
