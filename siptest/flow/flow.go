package flow

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Options say what [Test] does besides comparing; the zero Options sweep.
type Options struct {
	// Update writes what happened into the files, for people to review, in place
	// of comparing it.
	Update bool
	// NoSweep leaves the sweeps out.
	NoSweep bool
}

// Test runs every flow file that a pattern of [filepath.Glob] finds, each as a
// subtest, compares what happened with what the file says, and sweeps. It is
// no use from within a bubble: it makes its own.
func Test(t *testing.T, pattern string, o Options) {
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("no flow files match %s: %v", pattern, err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".flow"), func(t *testing.T) { testFile(t, name, o) })
	}
}

func testFile(t *testing.T, name string, o Options) {
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Parse(name, string(text))
	if err != nil {
		t.Fatal(err)
	}
	good := play(t, f, nil, nil)
	for _, left := range good.left {
		t.Error(left)
	}
	for i := range min(len(f.Blocks), len(good.blocks)) {
		b := &f.Blocks[i]
		if got := good.blocks[i]; !slices.Equal(got, b.Want) && !o.Update {
			t.Errorf("%s:%d: what happened is\n%s\nwant\n%s", name, b.Line, strings.Join(got, "\n"), strings.Join(b.Want, "\n"))
		} else {
			b.Want = got
		}
	}
	if o.Update && !t.Failed() {
		if err := os.WriteFile(name, []byte(f.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if !o.NoSweep && !t.Failed() {
		sweep(t, f, good)
	}
}
