// Package cores lets a server of the command use as many processors as its
// load needs, and no more.
//
// Go wakes another thread whenever there is more than one thing to do and a
// processor is idle. For a call that takes a twentieth of a millisecond in all,
// the waking costs as much as half of the call, and gains nothing as long as one
// processor has time to spare. So a [Governor] begins with one, and adds more
// when they are busy.
package cores

import (
	"os"
	"runtime"
	"time"
)

// Period is how often [Governor.Adjust] wants to be called.
const Period = 100 * time.Millisecond

// A Governor sets GOMAXPROCS of the process. Make it with [Govern]; it is used
// by one goroutine.
type Governor struct {
	most  int // what the process would use without us
	now   int
	spent time.Duration // processor time of the process at the last look
	at    time.Time
}

// Govern begins with one processor. It returns nil, which is a Governor that
// does nothing, where the user has set GOMAXPROCS, where there is one processor
// anyway, and where the system does not tell what a process has used.
func Govern() *Governor {
	most := runtime.GOMAXPROCS(0)
	spent, ok := processorTime()
	if !ok || most < 2 || os.Getenv("GOMAXPROCS") != "" {
		return nil
	}
	g := &Governor{most: most, now: 1, spent: spent, at: time.Now()}
	runtime.GOMAXPROCS(1)
	return g
}

// Adjust looks at what was used since the last call, and adds or takes away.
func (g *Governor) Adjust() {
	if g == nil {
		return
	}
	spent, _ := processorTime()
	now := time.Now()
	if elapsed := now.Sub(g.at); elapsed > 0 {
		if n := next(g.now, g.most, float64(spent-g.spent)/float64(elapsed)); n != g.now {
			g.now = n
			runtime.GOMAXPROCS(n)
		}
	}
	g.spent, g.at = spent, now
}

// Stop gives the process back what it had.
func (g *Governor) Stop() {
	if g != nil {
		runtime.GOMAXPROCS(g.most)
	}
}

// next says how many processors to use when so many were in use and load of
// them were busy. It doubles at half the load, long before anything waits, and
// gives one back when what is left would be busy to a quarter: the gap between
// the two keeps it from going back and forth.
func next(now, most int, load float64) int {
	switch {
	case load > float64(now)/2:
		return min(2*now, most)
	case load < float64(now-1)/4:
		return now - 1
	}
	return now
}
