package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// An Env is the world around a command. Tests make their own.
type Env struct {
	Out io.Writer // results; with --json nothing but JSON
	Err io.Writer // progress, traces and complaints
	// TTY tells that Err is a terminal, where a line can be written over.
	TTY bool
	// Getenv looks up an environment variable.
	Getenv func(string) string
	// Notify and Stop are those of package signal.
	Notify func(c chan<- os.Signal, sig ...os.Signal)
	Stop   func(c chan<- os.Signal)
}

// System is the environment of the process.
func System() *Env {
	return &Env{
		Out: os.Stdout, Err: os.Stderr, TTY: terminal(os.Stderr),
		Getenv: os.Getenv, Notify: signal.Notify, Stop: signal.Stop,
	}
}

// terminal tells whether f is a terminal, or as good as one.
func terminal(f *os.File) bool {
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0
}

// ErrInterrupted is the cause with which the contexts of [Env.Interrupts] end.
var ErrInterrupted = errors.New("interrupted")

// Interrupts returns two contexts: soft ends at the first SIGINT or SIGTERM,
// which asks for an orderly end, and hard at the second, which asks for an
// end at once. stop gives the signals back; call it always.
func (e *Env) Interrupts(ctx context.Context) (soft, hard context.Context, stop func()) {
	signals := make(chan os.Signal, 2)
	e.Notify(signals, os.Interrupt, syscall.SIGTERM)
	hard, cancelHard := context.WithCancelCause(ctx)
	soft, cancelSoft := context.WithCancelCause(hard)
	done := make(chan struct{})
	go func() {
		for _, cancel := range []context.CancelCauseFunc{cancelSoft, cancelHard} {
			select {
			case <-signals:
				cancel(ErrInterrupted)
			case <-done:
				return
			}
		}
	}()
	return soft, hard, func() {
		e.Stop(signals)
		close(done)
		cancelSoft(nil)
		cancelHard(nil)
	}
}

// Reports returns a channel that gets the signals that ask for a report, which
// is SIGUSR1 where that exists. stop gives them back; call it always.
func (e *Env) Reports() (signals <-chan os.Signal, stop func()) {
	c := make(chan os.Signal, 1)
	if len(reportSignals) > 0 { // Notify without any signal would mean all
		e.Notify(c, reportSignals[:]...)
	}
	return c, func() { e.Stop(c) }
}
