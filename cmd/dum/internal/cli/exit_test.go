package cli

import (
	"errors"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func TestReport(t *testing.T) {
	body := errors.New("no luck")
	root := func(err error) *cobra.Command {
		root := &cobra.Command{Use: "dum", SilenceErrors: true, SilenceUsage: true}
		call := &cobra.Command{Use: "call TARGET", Args: cobra.ExactArgs(1), RunE: RunE(func(*cobra.Command, []string) error { return err })}
		call.Flags().Int("count", 1, "")
		root.AddCommand(call)
		return root
	}
	for _, tt := range []struct {
		name string
		args string
		err  error
		code int
		want string // in what is printed; "" prints nothing
	}{
		{"done", "call x", nil, Done, ""},
		{"failed", "call x", body, Failed, "dum call: no luck\n"},
		{"no answer", "call x", Fail(NoAnswer, body), NoAnswer, "dum call: no luck\n"},
		{"told already", "call x", Fail(Interrupted, nil), Interrupted, ""},
		{"usage", "call x", Usagef("--status %d", 99), Usage, "--status 99\nRun 'dum call --help'"},
		{"unknown flag", "call --cuont 3 x", nil, Usage, "(did you mean --count?)\nRun 'dum call --help'"},
		{"abbreviated flag", "call --cou 3 x", nil, Usage, "(did you mean --count?)"},
		{"strange flag", "call --zzzzzz x", nil, Usage, "unknown flag: --zzzzzz\n"},
		{"bad value", "call --count x y", nil, Usage, "invalid argument"},
		{"no target", "call", nil, Usage, "accepts 1 arg"},
		{"unknown command", "cal", nil, Usage, "Did you mean this?\n\tcall"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := root(tt.err)
			c.SetArgs(strings.Fields(tt.args))
			cmd, err := c.ExecuteC()
			var out strings.Builder
			if got := Report(&out, cmd, err); got != tt.code {
				t.Errorf("exit code %d, want %d", got, tt.code)
			}
			if got := out.String(); !strings.Contains(got, tt.want) || (tt.want == "") != (got == "") {
				t.Errorf("printed %q, want %q", got, tt.want)
			}
		})
	}
}
