package flow

import (
	"flag"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
)

var update = flag.Bool("update", false, "write what happened into the flow files")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestFlows(t *testing.T) { Test(t, "testdata/*.flow", Options{Update: *update}) }

// playFailing runs a flow that is meant to fail and returns what it says.
func playFailing(t *testing.T, f *File) (said string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRun(t, nil)
		defer r.close()
		for _, b := range f.Blocks {
			if err := r.commands(f, b); err != nil {
				said = err.Error()
				return
			}
		}
	})
	return said
}
