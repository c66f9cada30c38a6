package flow

import (
	"flag"
	"testing"

	"go.uber.org/goleak"
)

var update = flag.Bool("update", false, "write what happened into the flow files")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestFlows(t *testing.T) { Test(t, "testdata/*.flow", Options{Update: *update}) }
