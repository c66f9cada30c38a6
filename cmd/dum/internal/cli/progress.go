package cli

import (
	"fmt"
	"io"
	"time"
)

// How often progress is shown: on a terminal, where one line is written over,
// and elsewhere, where each report is a line that stays.
const (
	everyTTY   = 200 * time.Millisecond
	everyPlain = 5 * time.Second
)

// Progress shows line again and again until stop is called, which returns
// when nothing will be written any more.
func (e *Env) Progress(line func() string) (stop func()) {
	every, show := everyPlain, func(s string) { fmt.Fprintln(e.Err, s) }
	if e.TTY {
		every, show = everyTTY, func(s string) { fmt.Fprintf(e.Err, "\r\x1b[K%s", s) }
	}
	done, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				show(line())
			case <-done:
				return
			}
		}
	}()
	return func() {
		close(done)
		<-gone
		if e.TTY {
			io.WriteString(e.Err, "\r\x1b[K")
		}
	}
}
