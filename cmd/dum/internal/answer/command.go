// Package answer is "dum answer": it takes calls.
package answer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"dum"
	"dum/cmd/dum/internal/cli"
	"dum/cmd/dum/internal/cores"
	"dum/invite"
	"dum/sip"
)

// options are the flags.
type options struct {
	listen []string
	ring   bool
	delay  time.Duration
	status int
	sdp    string
	count  int64
	traces cli.Traces
}

const long = `Answer takes every call: it accepts the offered audio (PCMU, PCMA,
telephone-event), refuses other streams, holds and resumes as the caller likes,
and stays until the caller hangs up. It carries no media: the description names
the discard port. A call that offers nothing it can take gets 488.

It runs until SIGINT or SIGTERM, or until --count calls are over, then hangs up
what is left and prints one line of JSON on stdout; a second signal ends it at
once. On SIGUSR1 it prints the same line and goes on:

  calls       calls taken so far
  failed      of these, broken: no ACK, no acceptable offer, a lost BYE.
              A caller who gives up, and --status, are no failures
  open        of these, ringing or up right now
  goroutines  of the whole process; calls that are up need none
  heap_bytes  memory in use after a garbage collection

` + cli.ExitHelp + `
A signal is the usual end of this command: its code is then 0 (1 if calls
failed), and 130 only if --count was not reached or a second signal was needed.`

const example = `  dum answer --listen udp://127.0.0.1:5070 --listen tcp://127.0.0.1:5070
  dum answer --listen udp://:5060 --ring --delay 2s --trace ladder
  dum answer --listen udp://127.0.0.1:5070 --status 486 --count 1`

// Command returns the command.
func Command(env *cli.Env) *cobra.Command {
	o := &options{}
	cmd := &cobra.Command{
		Use:     "answer",
		Short:   "take every call",
		Long:    long,
		Example: example,
		Args:    cli.NoArgs,
		RunE: cli.RunE(func(cmd *cobra.Command, _ []string) error {
			return o.run(cmd.Context(), env)
		}),
	}
	fs := cmd.Flags()
	fs.StringArrayVar(&o.listen, "listen", []string{"udp://:5060", "tcp://:5060"}, "listen on this `URI`, such as udp://127.0.0.1:5070; repeatable")
	fs.BoolVar(&o.ring, "ring", false, "send 180 Ringing first")
	fs.DurationVar(&o.delay, "delay", 0, "wait this long before answering")
	fs.IntVar(&o.status, "status", 0, "refuse every call with this `code`, such as 486")
	fs.StringVar(&o.sdp, "sdp", "", "answer with the session description in this `file` instead of our own")
	fs.Int64Var(&o.count, "count", 0, "end after this `many` calls are over (default: go on)")
	o.traces.Flags(fs)
	return cmd
}

// check finds what makes no sense.
func (o *options) check() error {
	switch {
	case o.status != 0 && (o.status < 300 || o.status > 699):
		return cli.Usagef("--status %d: a refusal is from 300 to 699", o.status)
	case o.delay < 0:
		return cli.Usagef("--delay %s: must not be negative", o.delay)
	case o.count < 0:
		return cli.Usagef("--count %d: must not be negative", o.count)
	}
	return cli.Listen(o.listen)
}

func (o *options) run(ctx context.Context, env *cli.Env) error {
	if err := o.check(); err != nil {
		return err
	}
	var body sip.Body
	if o.sdp != "" {
		var err error
		if body, err = cli.SDPFile(o.sdp); err != nil {
			return err
		}
	}
	tracer, closeTraces, err := o.traces.Open(env)
	if err != nil {
		return err
	}
	defer closeTraces()
	soft, hard, stop := env.Interrupts(ctx)
	defer stop()
	reports, stopReports := env.Reports()
	defer stopReports()

	enough := make(chan struct{})
	a := &answerer{
		ring: o.ring, delay: o.delay, status: o.status, body: body,
		over: func(ended int64) {
			if ended == o.count {
				close(enough)
			}
		},
	}
	ready := make(chan struct{}) // closed when a is complete
	m, err := dum.New(dum.Config{
		Listen: o.listen, Profile: &dum.Profile{UserAgent: "dum"}, Trace: tracer,
		Invite: func(ctx context.Context, in *invite.Incoming) error {
			<-ready
			return a.take(ctx, in)
		},
	})
	if err != nil {
		return err
	}
	defer m.Close()
	a.local = localAddr(m)
	close(ready)
	for _, l := range m.Addrs() {
		fmt.Fprintf(env.Err, "listening on %s\n", l)
	}

	governor := cores.Govern()
	defer governor.Stop()
	look := time.NewTicker(cores.Period)
	defer look.Stop()
	for running := true; running; {
		select {
		case <-look.C:
			governor.Adjust()
		case <-reports:
			if err := a.print(env.Out); err != nil {
				return err
			}
		case <-soft.Done():
			running = false
		case <-enough:
			running = false
		}
	}
	if n := a.open.Load(); n > 0 {
		fmt.Fprintf(env.Err, "hanging up %d calls\n", n)
	}
	shutdown := cli.Shutdown(m, hard)
	if err := a.print(env.Out); err != nil {
		return err
	}
	interrupted := soft.Err() != nil
	switch {
	case errors.Is(shutdown, cli.ErrInterrupted), interrupted && o.count > 0 && a.ended.Load() < o.count:
		return cli.Fail(cli.Interrupted, nil)
	case a.failed.Load() > 0:
		return cli.Fail(cli.Failed, nil)
	}
	return nil
}
