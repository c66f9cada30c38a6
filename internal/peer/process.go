package peer

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// A Process is a program that runs beside the test.
type Process struct {
	Out, Err Lines // what it wrote
	Cmd      *exec.Cmd
	done     chan struct{} // closed when it has ended and all output is read
}

// Start runs a program with empty standard input. Output goes to Out and Err
// unless the command has writers of its own. The caller must call Stop.
func Start(cmd *exec.Cmd) (*Process, error) {
	p := &Process{Cmd: cmd, done: make(chan struct{})}
	if cmd.Stdout == nil {
		cmd.Stdout = &p.Out
	}
	if cmd.Stderr == nil {
		cmd.Stderr = &p.Err
	}
	// Wait must not hang on a grandchild that inherited the pipes.
	cmd.WaitDelay = 2 * time.Second
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(p.done)
		_ = cmd.Wait() // the outcome is read from ProcessState
	}()
	return p, nil
}

// PID is the process id.
func (p *Process) PID() int { return p.Cmd.Process.Pid }

// Signal sends a signal.
func (p *Process) Signal(sig os.Signal) error { return p.Cmd.Process.Signal(sig) }

// Ended is closed when the process has ended.
func (p *Process) Ended() <-chan struct{} { return p.done }

// Wait waits for the end of the process and returns its exit code; -1 means
// that a signal ended it.
func (p *Process) Wait(ctx context.Context) (int, error) {
	select {
	case <-p.done:
		return p.Cmd.ProcessState.ExitCode(), nil
	case <-ctx.Done():
		return 0, fmt.Errorf("%s still runs: %w", p.Cmd.Path, context.Cause(ctx))
	}
}

// Stop ends the process if it still runs: politely first, and for good after
// five seconds. It returns when the process is gone.
func (p *Process) Stop() {
	for _, sig := range []os.Signal{syscall.SIGTERM, os.Kill} {
		_ = p.Signal(sig) // it may have ended already
		select {
		case <-p.done:
			return
		case <-time.After(5 * time.Second):
		}
	}
	<-p.done
}

// Transcript is all that the process wrote, for the message of a failed test.
func (p *Process) Transcript() string {
	return fmt.Sprintf("$ %s\n--- stdout\n%s\n--- stderr\n%s", p.Cmd, tail(p.Out.String()), tail(p.Err.String()))
}

// tail keeps the end of a long text.
func tail(s string) string {
	const most = 8 << 10
	if len(s) > most {
		return "…" + s[len(s)-most:]
	}
	return s
}
