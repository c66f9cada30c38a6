// Package ping is "dum ping": it asks a peer what it can do.
package ping

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dum"
	"dum/cmd/dum/internal/cli"
	"dum/cmd/dum/internal/latency"
	"dum/request"
	"dum/sip"
)

// options are the flags.
type options struct {
	target   string
	listen   []string
	identity cli.Identity
	traces   cli.Traces
	timeout  time.Duration
	json     bool
}

const long = `Ping sends one OPTIONS request to TARGET and prints what comes back: the status,
the round-trip time, and what the peer says it is (Server or User-Agent),
which methods it takes (Allow), which bodies (Accept) and which extensions it
speaks (Supported).

A status of 200 means that a call would be taken now. Any other one comes from
a peer that is alive all the same: it is printed with all the rest, but the
exit code is 1.

` + cli.CredentialHelp + `

` + cli.ExitHelp

const example = `  dum ping sip:127.0.0.1:5070
  dum ping --json 'sip:bob@example.com;transport=tcp'
  dum ping --timeout 500ms sip:192.0.2.1 || echo "down"`

// Command returns the command.
func Command(env *cli.Env) *cobra.Command {
	o := &options{}
	cmd := &cobra.Command{
		Use:     "ping TARGET",
		Short:   "ask a peer whether it is there and what it can do",
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
	fs.DurationVar(&o.timeout, "timeout", 5*time.Second, "how long to wait for the answer")
	fs.BoolVar(&o.json, "json", false, "print one JSON object, and nothing else on stdout")
	o.identity.Flags(fs)
	o.traces.Flags(fs)
	return cmd
}

var errNoAnswer = errors.New("no answer in time")

func (o *options) run(ctx context.Context, env *cli.Env) error {
	if o.timeout <= 0 {
		return cli.Usagef("--timeout %s: must be positive", o.timeout)
	}
	if err := cli.Listen(o.listen); err != nil {
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
	tracer, closeTraces, err := o.traces.Open(env)
	if err != nil {
		return err
	}
	defer closeTraces()
	soft, _, stop := env.Interrupts(ctx)
	defer stop()
	m, err := dum.New(dum.Config{Listen: o.listen, Profile: profile, Trace: tracer})
	if err != nil {
		return err
	}
	defer m.Close()

	ctx, cancel := context.WithTimeoutCause(soft, o.timeout, errNoAnswer)
	defer cancel()
	start := time.Now()
	resp, err := m.UserAgent(profile).Request(ctx, sip.OPTIONS, o.target, request.Options{})
	rtt := time.Since(start)
	if err != nil {
		if resp = o.response(err); resp == nil {
			return o.silence(err)
		}
	}
	r := read(target.String(), resp, rtt)
	if o.json {
		err = json.NewEncoder(env.Out).Encode(r)
	} else {
		r.text(env.Out)
	}
	if err != nil {
		return err
	}
	if r.Status >= 300 {
		refusal := fmt.Errorf("%d %s", r.Status, r.Reason)
		if hint := o.identity.Hint(&sip.Status{Code: r.Status, Response: resp}); hint != "" {
			refusal = fmt.Errorf("%w: %s", refusal, hint)
		}
		return cli.Fail(cli.Failed, refusal)
	}
	return nil
}

// response is the response inside of a refusal; nil when nobody answered.
func (o *options) response(err error) *sip.Message {
	if st, ok := errors.AsType[*sip.Status](err); ok {
		return st.Response
	}
	return nil
}

// silence is the error for a request that got no response at all.
func (o *options) silence(err error) error {
	st, ok := errors.AsType[*sip.Status](err)
	switch {
	case errors.Is(err, cli.ErrInterrupted):
		return cli.Fail(cli.Interrupted, err)
	case errors.Is(err, errNoAnswer), ok && st.Code == 408:
		return cli.Fail(cli.NoAnswer, fmt.Errorf("%s did not answer within %s", o.target, o.timeout))
	}
	return fmt.Errorf("%s: %w", o.target, err)
}

// A report is what the peer said, as JSON shows it.
type report struct {
	Target    string   `json:"target"`
	Status    int      `json:"status"`
	Reason    string   `json:"reason"`
	RTT       float64  `json:"rtt_ms"`
	Server    string   `json:"server"`     // "" when it does not say
	UserAgent string   `json:"user_agent"` // "" when it does not say
	Allow     []string `json:"allow"`
	Accept    []string `json:"accept"`
	Supported []string `json:"supported"`
}

// read takes the report out of a response.
func read(target string, m *sip.Message, rtt time.Duration) *report {
	r := &report{
		Target: target, Status: m.Code(), Reason: m.Reason(), RTT: latency.Milliseconds(rtt),
		Allow: []string{}, Accept: []string{}, Supported: []string{},
	}
	r.Server, _ = sip.Server.Get(m)
	r.UserAgent, _ = sip.UserAgent.Get(m)
	for v, err := range sip.Allow.All(m) {
		if err == nil {
			r.Allow = append(r.Allow, string(v))
		}
	}
	for v, err := range sip.Accept.All(m) {
		if err == nil {
			r.Accept = append(r.Accept, v.String())
		}
	}
	for v, err := range sip.Supported.All(m) {
		if err == nil {
			r.Supported = append(r.Supported, v)
		}
	}
	return r
}

// text writes the report for people.
func (r *report) text(w io.Writer) {
	fmt.Fprintf(w, "%d %s from %s in %.1f ms\n", r.Status, r.Reason, r.Target, r.RTT)
	for _, line := range []struct{ name, value string }{
		{"Server", r.Server},
		{"User-Agent", r.UserAgent},
		{"Allow", strings.Join(r.Allow, ", ")},
		{"Accept", strings.Join(r.Accept, ", ")},
		{"Supported", strings.Join(r.Supported, ", ")},
	} {
		if line.value != "" {
			fmt.Fprintf(w, "  %-10s  %s\n", line.name, line.value)
		}
	}
}
