package invite

import (
	"sync/atomic"

	"dum/dialog"
)

// inTurn runs f in a turn of the set and returns when it is done. Where the set
// is idle that is a plain call; the channel is made only when somebody else is
// at work there.
func inTurn(set *dialog.Set, f func(t *dialog.Turn)) {
	var g gate
	set.Do(func(t *dialog.Turn) {
		defer g.open() // a panic in f ends the set, not the one who waits
		f(t)
	})
	g.wait()
}

// A gate is opened once and waited at by one.
type gate struct {
	state atomic.Int32 // 0, gateOpen or gateWaited
	ch    chan struct{}
}

const (
	gateOpen   = 1
	gateWaited = 2
)

func (g *gate) open() {
	if !g.state.CompareAndSwap(0, gateOpen) {
		close(g.ch)
	}
}

func (g *gate) wait() {
	if g.state.Load() == gateOpen {
		return
	}
	g.ch = make(chan struct{})
	if g.state.CompareAndSwap(0, gateWaited) {
		<-g.ch
	}
}
