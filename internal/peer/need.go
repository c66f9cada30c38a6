// Package peer runs the programs that the tests and benchmarks talk to: SIPp,
// baresip, and our own command. It starts and stops processes, reads what they
// say, and knows the little that each of them needs.
//
// It is for tests; everything in it waits with a context and never for a fixed
// time.
package peer

import (
	"os"
	"os/exec"
)

// T is the part of testing.TB that [Need] asks for.
type T interface {
	Helper()
	Skipf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Need returns the path of a program that a test cannot do without. In CI, where
// the environment has CI set, a missing one fails the test: there scripts/install-peers
// has put it in place. Elsewhere the test skips and says which program would
// have let it run.
func Need(t T, program string) string {
	t.Helper()
	file, err := exec.LookPath(program)
	if err == nil {
		return file
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is missing: in CI that is a failure (scripts/install-peers installs it)", program)
		return ""
	}
	t.Skipf("SKIPPED FOR WANT OF A PEER: %s is not in PATH; scripts/install-peers installs it", program)
	return ""
}
