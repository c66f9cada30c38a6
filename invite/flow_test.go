package invite_test

import (
	"flag"
	"testing"

	callflow "dum/siptest/flow"
)

var update = flag.Bool("update", false, "write what happened into the flow files")

// TestFlows runs the call flows of RFC 3665 and the races of RFC 5407 between
// managers, and each again with every datagram lost, doubled and overtaken.
func TestFlows(t *testing.T) { callflow.Test(t, "testdata/*.flow", callflow.Options{Update: *update}) }
