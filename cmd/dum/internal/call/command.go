// Package call is "dum call": it places calls.
package call

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"dum"
	"dum/cmd/dum/internal/cli"
	"dum/media"
	"dum/sip"
)

// options are the flags.
type options struct {
	target    string
	listen    []string
	identity  cli.Identity
	traces    cli.Traces
	duration  time.Duration
	timeout   time.Duration
	count     int
	rate      float64
	lateOffer bool
	sdp       string
	json      bool
}

const long = `Call places calls: it invites TARGET, holds the call once it is answered and
hangs up. With one call it tells what happens; with --count it is a small load
generator that starts calls on schedule whatever the answers do (an open model:
a slow peer gets no mercy and no flattering numbers), and ends with a summary.

TARGET is an address such as bob@example.com, sip:bob@example.com:5070 or
'sip:127.0.0.1;transport=tcp'.

What the summary means:
  answered     calls that came up, of all that were placed
  failed       calls that were refused, not answered in time, or not hung up in
               order, by status; "timeout" in JSON is no answer in time,
               "bye-408" a BYE that was refused or lost, "error" the rest
  set-up time  from when a call was due to its 200 OK, as p50, p95 and p99 over
               every answered call (exact, not estimated)

` + cli.CredentialHelp + `

SIGINT or SIGTERM hangs up and cancels what is there, prints the summary and
ends with code 130; a second one ends at once.

` + cli.ExitHelp

const example = `  dum call sip:bob@127.0.0.1:5070
  dum call --from alice@example.com --user alice bob@example.com   # password in DUM_PASSWORD
  dum call --trace ladder --late-offer 'sip:127.0.0.1:5070;transport=tcp'
  dum call --count 2000 --rate 200 --duration 2s --json sip:127.0.0.1:5070`

// Command returns the command.
func Command(env *cli.Env) *cobra.Command {
	o := &options{}
	cmd := &cobra.Command{
		Use:     "call TARGET",
		Short:   "place calls and measure them",
		Long:    long,
		Example: example,
		Args:    cli.OneTarget,
		RunE: cli.RunE(func(cmd *cobra.Command, args []string) error {
			o.target = args[0]
			return o.run(cmd.Context(), env)
		}),
	}
	fs := cmd.Flags()
	fs.StringArrayVar(&o.listen, "listen", nil, "listen on this `URI`, such as udp://127.0.0.1:5080 or tcp://:0; repeatable (default: free ports for UDP and TCP)")
	fs.DurationVar(&o.duration, "duration", time.Second, "how long an answered call is held before we hang up: 500ms, 2m")
	fs.DurationVar(&o.timeout, "timeout", time.Minute, "how long a call may go unanswered before it is cancelled")
	fs.IntVar(&o.count, "count", 1, "place this `many` calls")
	fs.Float64Var(&o.rate, "rate", 10, "start this `many` calls per second")
	fs.BoolVar(&o.lateOffer, "late-offer", false, "send INVITE without an offer: the peer makes it, we answer in the ACK")
	fs.StringVar(&o.sdp, "sdp", "", "offer the session description in this `file` instead of our own")
	fs.BoolVar(&o.json, "json", false, "print the summary as one JSON object, and nothing else on stdout")
	o.identity.Flags(fs)
	o.traces.Flags(fs)
	return cmd
}

// check finds what makes no sense.
func (o *options) check() error {
	switch {
	case o.count < 1:
		return cli.Usagef("--count %d: at least one call", o.count)
	case !(o.rate > 0):
		return cli.Usagef("--rate %v: must be positive", o.rate)
	case o.duration < 0:
		return cli.Usagef("--duration %s: must not be negative", o.duration)
	case o.timeout <= 0:
		return cli.Usagef("--timeout %s: must be positive", o.timeout)
	case o.lateOffer && o.sdp != "":
		return cli.Usagef("--late-offer and --sdp exclude each other: with a late offer the peer makes it")
	}
	return nil
}

func (o *options) run(ctx context.Context, env *cli.Env) error {
	if err := errors.Join(o.check(), cli.Listen(o.listen)); err != nil {
		return err
	}
	target, err := dum.Target(o.target)
	if err != nil {
		return cli.Usagef("%w", err)
	}
	profile, err := o.identity.Profile(env, target)
	if err != nil {
		return err
	}
	var offer sip.Body
	if o.sdp != "" {
		if offer, err = cli.SDPFile(o.sdp); err != nil {
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
	m, err := dum.New(dum.Config{Listen: o.listen, Profile: profile, Trace: tracer})
	if err != nil {
		return err
	}
	defer m.Close()

	first := target
	if proxy, ok := profile.Proxy(); ok {
		first = proxy
	}
	addr := cli.LocalAddr(m, first)
	r := &runner{
		options: *o, agent: m.UserAgent(profile), offer: offer, tally: newTally(),
		local: func() *media.Session { return &media.Session{Addr: addr} },
	}
	start := time.Now()
	stopProgress := func() {}
	if o.count == 1 {
		r.story = &story{w: env.Out, start: start}
		if o.json {
			r.story.w = env.Err
		}
	} else {
		stopProgress = env.Progress(func() string { return r.tally.line(o.count, start) })
	}
	r.place(soft, hard)
	stopProgress()
	interrupted := errors.Is(context.Cause(soft), cli.ErrInterrupted)
	elapsed := time.Since(start)
	cli.Shutdown(m, hard)

	result := r.tally.report(target.String(), elapsed, interrupted)
	if o.json {
		if err := result.json(env.Out); err != nil {
			return err
		}
	} else {
		result.text(env.Out)
	}
	if code := result.exit(); code != cli.Done {
		return cli.Fail(code, nil)
	}
	return nil
}
