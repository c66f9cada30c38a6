package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dum"
	"dum/sip"
)

// OneTarget wants exactly one argument, the target.
func OneTarget(_ *cobra.Command, args []string) error {
	switch len(args) {
	case 0:
		return errors.New("whom? give a target such as sip:bob@127.0.0.1:5070")
	case 1:
		return nil
	}
	return fmt.Errorf("one target, please, not %d: %s (quote a URI that has a ';')", len(args), strings.Join(args, " "))
}

// NoArgs wants no argument.
func NoArgs(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("no arguments here, but got %s", strings.Join(args, " "))
	}
	return nil
}

// Listen checks the form of listening points, so that a slip of the pen is
// told from a port that is taken.
func Listen(uris []string) error {
	for _, u := range uris {
		network, rest, ok := strings.Cut(u, "://")
		if !ok || rest == "" || network != "udp" && network != "tcp" {
			return Usagef("--listen %q: must look like udp://127.0.0.1:5060 or tcp://:5060", u)
		}
	}
	return nil
}

// SDPFile reads a session description to send as it is.
func SDPFile(name string) (sip.Body, error) {
	b, err := os.ReadFile(name)
	switch {
	case err != nil:
		return sip.Body{}, Usagef("--sdp: %w", err)
	case !strings.HasPrefix(string(b), "v="):
		return sip.Body{}, Usagef("--sdp %s: not a session description, it must begin with v=0", name)
	}
	return sip.Body{Type: "application/sdp", Data: string(b)}, nil
}

// patience is how long a command waits at its end for peers to confirm what is
// still under way.
const patience = 5 * time.Second

// Shutdown ends m in order: peers are told, and have a moment to confirm. hard
// cuts that short.
func Shutdown(m *dum.Manager, hard context.Context) error {
	ctx, cancel := context.WithTimeout(hard, patience)
	defer cancel()
	return m.Shutdown(ctx)
}
