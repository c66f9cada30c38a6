package cli

import (
	"context"
	"os"
	"syscall"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestInterrupts(t *testing.T) {
	var signals chan<- os.Signal
	stopped := false
	e := &Env{
		Notify: func(c chan<- os.Signal, _ ...os.Signal) { signals = c },
		Stop:   func(chan<- os.Signal) { stopped = true },
	}
	soft, hard, stop := e.Interrupts(t.Context())
	if soft.Err() != nil {
		t.Fatal("ended before any signal")
	}
	signals <- os.Interrupt
	<-soft.Done()
	if context.Cause(soft) != ErrInterrupted || hard.Err() != nil {
		t.Errorf("after one signal: soft %v, hard %v", context.Cause(soft), hard.Err())
	}
	signals <- syscall.SIGTERM
	<-hard.Done()
	if context.Cause(hard) != ErrInterrupted {
		t.Errorf("after two signals: hard %v", context.Cause(hard))
	}
	stop()
	if !stopped {
		t.Error("the signals were not given back")
	}
}

func TestInterruptsStop(t *testing.T) {
	e := &Env{Notify: func(chan<- os.Signal, ...os.Signal) {}, Stop: func(chan<- os.Signal) {}}
	soft, _, stop := e.Interrupts(t.Context())
	stop()
	if <-soft.Done(); context.Cause(soft) == ErrInterrupted {
		t.Error("stop is no interrupt")
	}
}
