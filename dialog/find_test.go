package dialog_test

import (
	"testing"

	"dum/dialog"
	"dum/sip"
)

// Sets, dialogs and usages are found by their names as long as they are there.
func TestFind(t *testing.T) {
	bubble(t, nil, func(w *world) {
		inv, ok, l := w.established()
		id := l.d.ID()
		w.same("ID", id, dialog.ID{CallID: inv.CallID(), LocalTag: ok.ToTag(), RemoteTag: inv.FromTag()})
		key := dialog.Key{CallID: id.CallID, Tag: id.LocalTag}
		w.same("Key", l.set.Key(), key)
		if s, ok := w.m.FindSet(key); s != l.set || !ok {
			w.Errorf("FindSet: %v, %v", s, ok)
		}
		if d, ok := w.m.Find(id); d != l.d || !ok || d.Set() != l.set {
			w.Errorf("Find: %v, %v", d, ok)
		}
		if u, ok := dialog.FindUsage[*leg](w.m, id); u != l || !ok {
			w.Errorf("FindUsage: %v, %v", u, ok)
		}
		if u, ok := dialog.FindUsage[dialog.Usage](w.m, id); u != l || !ok {
			w.Errorf("FindUsage of any: %v, %v", u, ok)
		}
		if u, ok := dialog.FindUsage[*other](w.m, id); ok {
			w.Errorf("FindUsage of another type: %v", u)
		}
		for _, wrong := range []dialog.ID{
			{}, {CallID: "x", LocalTag: id.LocalTag, RemoteTag: id.RemoteTag},
			{CallID: id.CallID, LocalTag: "x", RemoteTag: id.RemoteTag},
			{CallID: id.CallID, LocalTag: id.LocalTag, RemoteTag: "x"},
			{CallID: id.CallID, LocalTag: id.RemoteTag, RemoteTag: id.LocalTag},
		} {
			if d, ok := w.m.Find(wrong); ok || d != nil {
				w.Errorf("Find(%v): %v", wrong, d)
			}
			if u, ok := dialog.FindUsage[*leg](w.m, wrong); ok || u != nil {
				w.Errorf("FindUsage(%v): %v", wrong, u)
			}
		}

		// A usage of the whole set is found by every dialog of it.
		o := &other{}
		l.set.Do(func(t *dialog.Turn) { l.set.AddUsage(t, o) })
		if u, ok := dialog.FindUsage[*other](w.m, id); u != o || !ok {
			w.Errorf("FindUsage of the set's: %v, %v", u, ok)
		}
		// A dialog that has ended is not found, though its set is.
		l.set.Do(func(t *dialog.Turn) { l.d.End(t) })
		if d, ok := w.m.Find(id); ok {
			w.Errorf("Find of an ended dialog: %v", d)
		}
		if u, ok := dialog.FindUsage[*leg](w.m, id); ok {
			w.Errorf("FindUsage in an ended dialog: %v", u)
		}
		if _, ok := w.m.FindSet(key); !ok {
			w.Error("the set is gone")
		}
		w.ask(w.peer.Within(sip.BYE, inv, ok), 481)
		l.set.Do(func(t *dialog.Turn) {
			l.set.RemoveUsage(t, o)
			l.set.RemoveUsage(t, l)
		})
		if s, ok := w.m.FindSet(key); ok || s != nil {
			w.Errorf("FindSet of an ended set: %v", s)
		}
		w.sets(0)
	})
}

// other is a usage of another kind.
type other struct{ leg }
