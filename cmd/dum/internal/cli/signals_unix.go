//go:build unix

package cli

import (
	"os"
	"syscall"
)

// reportSignals ask a command to say how it is and to go on.
var reportSignals = [...]os.Signal{syscall.SIGUSR1}
