// Package cli holds what the commands of dum share: exit codes, errors that
// help, flags that mean the same everywhere, traces, interrupts and progress.
package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The exit codes of every command.
const (
	Done        = 0   // all that was asked for happened
	Failed      = 1   // the peer refused, or something went wrong
	Usage       = 2   // the command line makes no sense
	NoAnswer    = 3   // nobody answered in time
	Interrupted = 130 // stopped by a signal
)

// ExitHelp is the paragraph on exit codes that ends the help of each command.
const ExitHelp = `Exit codes:
  0    done
  1    refused or failed; the status is printed
  2    bad usage
  3    no answer in time
  130  interrupted`

// An Exit is an error that knows the exit code of the command.
type Exit struct {
	Code int
	Err  error // what to tell the user; nil: it has been told already
}

func (e *Exit) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit code %d", e.Code)
	}
	return e.Err.Error()
}

// Unwrap returns the reason.
func (e *Exit) Unwrap() error { return e.Err }

// Fail is an error that ends the command with code; err nil prints nothing.
func Fail(code int, err error) error { return &Exit{code, err} }

// Usagef is an error of the command line.
func Usagef(format string, args ...any) error {
	return &Exit{Usage, fmt.Errorf(format, args...)}
}

// RunE makes f the body of a command. Errors of f that are no Exit are
// failures; what cobra itself complains about never passes here and so stays
// an error of usage.
func RunE(f func(cmd *cobra.Command, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		err := f(cmd, args)
		if err == nil {
			return nil
		}
		if _, ok := errors.AsType[*Exit](err); ok {
			return err
		}
		return Fail(Failed, err)
	}
}

// Report tells what went wrong with cmd and returns the exit code.
func Report(w io.Writer, cmd *cobra.Command, err error) int {
	if err == nil {
		return Done
	}
	code := Usage
	if e, ok := errors.AsType[*Exit](err); ok {
		if code = e.Code; e.Err == nil {
			return code
		}
	}
	text := strings.TrimSpace(err.Error())
	if code == Usage {
		text += suggestion(cmd, text)
	}
	fmt.Fprintf(w, "%s: %s\n", cmd.CommandPath(), text)
	if code == Usage {
		fmt.Fprintf(w, "Run '%s --help' for usage and examples.\n", cmd.CommandPath())
	}
	return code
}

// suggestion is a hint at the flag that was meant, if the error is about an
// unknown one.
func suggestion(cmd *cobra.Command, text string) string {
	wrong, ok := strings.CutPrefix(text, "unknown flag: --")
	if !ok {
		return ""
	}
	best, least := "", 3 // farther away is another word
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if d := distance(wrong, f.Name); d < least || strings.HasPrefix(f.Name, wrong) {
			best, least = f.Name, d
		}
	})
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean --%s?)", best)
}

// distance is the number of letters to insert, drop or change to get from a
// to b (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
