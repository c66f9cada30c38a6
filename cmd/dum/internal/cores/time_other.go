//go:build !unix

package cores

import "time"

func processorTime() (time.Duration, bool) { return 0, false }
