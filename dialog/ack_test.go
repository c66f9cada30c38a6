package dialog_test

import (
	"io"
	"testing"

	"dum/siptest"
)

// An ACK whose connection is gone goes over a new one when the 2xx comes again,
// which the peer sends over a connection of its own then.
func TestAckOverNewConnection(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.overTCP()
		l := w.dial(nil, w.peer.URI())
		inv := w.peer.Expect("INVITE")
		ok := w.peer.Reply(inv, 200)
		ack := w.peer.Expect("ACK")
		w.same("target", ack.RawURI(), w.peer.URI().String())
		w.net.Break(w.net.Host("us", ourIP), w.net.Host("peer", peerIP), io.ErrUnexpectedEOF)
		rest()
		w.peer.Send(w.peer.FlowTo(w.flow.Remote()), ok)
		rest()
		w.same("the same ACK again", w.peer.Again(), 1)
		l.bye()
		w.peer.Reply(w.peer.Expect("BYE"), 200)
		w.sets(0)
	})
}

// An ACK that has no way costs nothing, and neither does asking for it again.
func TestAckWithoutWay(t *testing.T) {
	bubble(t, nil, func(w *world) {
		l := w.dial(nil, w.peer.URI())
		inv := w.peer.Expect("INVITE")
		ok := w.peer.Response(inv, 200, siptest.Set("Record-Route", "<tel:+49;lr>"))
		for range 3 {
			w.peer.Send(inv.Flow, ok)
			w.quiet(t1)
		}
		w.sets(1)
		l.bye()
		rest()
		w.same("BYE", l.byes.codes(), "-503")
		w.sets(0)
	})
}
