//go:build !unix

package cli

import "os"

// reportSignals ask a command to say how it is; there are none here.
var reportSignals = [...]os.Signal{}
