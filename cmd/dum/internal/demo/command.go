// Package demo is "dum demo": two phones on one machine, and what goes over
// the wire between them.
package demo

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dum"
	"dum/cmd/dum/internal/cli"
	"dum/trace"
)

const long = `Demo makes Alice call Bob on this machine, over real sockets, and prints every
message between them as a ladder with a word on what it is for: who is calling
(digest authentication), ringing, early media, the answer, hold and back, the
end, and a call that is taken back while it rings. First over UDP, then over
TCP.

Each arrow is one message as Alice sees it. Every step is checked on both
sides; the exit code is 0 only if all of them happened.

` + cli.ExitHelp

const example = `  dum demo
  dum demo --trace text 2>messages.txt     # the whole messages
  dum demo --trace pcap=demo.pcap          # for Wireshark`

const prologue = `Two phones on this machine: Alice's and Bob's. Each arrow is one message, with
the time in seconds on its left. A request (INVITE, ACK, BYE) is answered by a
response with a number: 1xx for now, 2xx yes, 3xx elsewhere, 4xx to 6xx no.
"+sdp" marks a message whose body describes media.
`

// limit is the time that the whole demo may take.
const limit = 14 * time.Second

// Command returns the command.
func Command(env *cli.Env) *cobra.Command {
	var traces cli.Traces
	cmd := &cobra.Command{
		Use:     "demo",
		Short:   "two phones talk, and every message is explained",
		Long:    long,
		Example: example,
		Args:    cli.NoArgs,
		RunE: cli.RunE(func(cmd *cobra.Command, _ []string) error {
			return run(cmd.Context(), env, &traces)
		}),
	}
	traces.Flags(cmd.Flags())
	return cmd
}

var errSlow = errors.New("this takes too long")

func run(ctx context.Context, env *cli.Env, traces *cli.Traces) error {
	soft, hard, stop := env.Interrupts(ctx)
	defer stop()
	ctx, cancel := context.WithTimeoutCause(soft, limit, errSlow)
	defer cancel()

	sinks, closeTraces, err := traces.Sinks(env)
	if err != nil {
		return err
	}
	defer closeTraces()
	t := &teller{w: env.Out}
	t.printf("%s", prologue)
	for _, network := range []string{"UDP", "TCP"} {
		if err = perform(ctx, hard, t, network, sinks); err != nil {
			break
		}
		t.brief = true // the second time everything has been explained
	}
	switch {
	case errors.Is(err, cli.ErrInterrupted):
		return cli.Fail(cli.Interrupted, err)
	case err != nil:
		return err
	}
	t.printf("\nAll %d steps happened, on both sides.\n", t.steps)
	t.printf("Now try it yourself: 'dum answer' in one terminal, 'dum call' in another; see 'dum --help'.\n")
	return nil
}

// perform plays both acts over one kind of network.
func perform(ctx, hard context.Context, t *teller, network string, sinks []trace.Sink) error {
	s := &stage{teller: t, alice: newWire(), bob: newWire(), door: newBob()}
	listen := []string{strings.ToLower(network) + "://127.0.0.1:0"}
	bob, err := dum.New(dum.Config{
		Listen: listen, Trace: trace.New(s.bob), Invite: s.door.take,
		Profile: &dum.Profile{AOR: "sip:bob@example.com", UserAgent: "dum"},
	})
	if err != nil {
		return err
	}
	defer bob.Close()
	at := bob.Addrs()[0].Addr
	s.ladder = trace.NewLadder(t, trace.LadderOptions{Width: 80, Names: map[netip.AddrPort]string{at: "Bob"}})
	defer s.ladder.Close()
	alice, err := dum.New(dum.Config{
		Listen: listen, Trace: trace.New(append(sinks[:len(sinks):len(sinks)], s.ladder.As("Alice"), s.alice)...),
	})
	if err != nil {
		return err
	}
	defer alice.Close()
	s.agent = alice.UserAgent(profile())

	target := "sip:bob@" + at.String()
	if network != "UDP" {
		target += ";transport=" + strings.ToLower(network)
	}
	t.act(fmt.Sprintf("A call over %s, to %s", network, target))
	if err := s.call(ctx, target); err != nil {
		return err
	}
	t.act(fmt.Sprintf("A call over %s that is taken back", network))
	if err := s.cancel(ctx, target); err != nil {
		return err
	}
	return errors.Join(cli.Shutdown(alice, hard), cli.Shutdown(bob, hard))
}
