// Command dum places, takes and probes SIP calls, and shows how they work.
//
// Run "dum --help", or "dum demo" for a tour.
package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"dum/cmd/dum/internal/answer"
	"dum/cmd/dum/internal/call"
	"dum/cmd/dum/internal/cli"
	"dum/cmd/dum/internal/demo"
	"dum/cmd/dum/internal/ping"
)

func main() {
	os.Exit(run(context.Background(), cli.System(), os.Args[1:]))
}

const long = `dum places, takes and probes SIP calls, with the library of the same name.

New to SIP? "dum demo" makes two phones talk on this machine, shows every
message that goes over the wire and says what it is for.

Every command takes --trace ladder, text or json, which shows the messages on
stderr, and --trace pcap=FILE, which writes them for Wireshark.

` + cli.ExitHelp

const example = `  dum demo
  dum answer --listen udp://127.0.0.1:5070 --ring &
  dum ping sip:127.0.0.1:5070
  dum call sip:127.0.0.1:5070`

// run is the whole command; it returns the exit code.
func run(ctx context.Context, env *cli.Env, args []string) int {
	root := &cobra.Command{
		Use:     "dum",
		Short:   "place, take and probe SIP calls",
		Long:    long,
		Example: example,
		// Errors are told by cli.Report, in one line and with a hint.
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(demo.Command(env), answer.Command(env), call.Command(env), ping.Command(env))
	root.SetOut(env.Out)
	root.SetErr(env.Err)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	return cli.Report(env.Err, cmd, err)
}
