package dum_test

import (
	"flag"
	"os"
	"slices"
	"testing"

	"dum/internal/house"
)

var houseUpdate = flag.Bool("house.update", false, "write the table of go statements in docs/concurrency.md anew")

// Goroutines are countable: docs/concurrency.md lists each place that starts
// one, says what it is for and when it ends.
func TestGoStatements(t *testing.T) {
	const name = "docs/concurrency.md"
	doc, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	table, err := house.ParseStarts(string(doc))
	if err != nil {
		t.Fatal(err)
	}
	starts := load(t).Starts()
	if *houseUpdate {
		if err := os.WriteFile(name, []byte(table.Update(starts)), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, bad := range table.Check(starts) {
		t.Error(bad)
	}
}

func TestFileLengths(t *testing.T) {
	m := load(t)
	tooLong := m.LongFiles(800)
	for _, bad := range tooLong {
		t.Errorf("%s: more than 800 are refused", bad)
	}
	for _, f := range m.LongFiles(500) {
		if !slices.Contains(tooLong, f) {
			t.Logf("%s: more than 500 want a reason or a cut", f)
		}
	}
}

func TestNoRealSleepInTests(t *testing.T) {
	for _, bad := range load(t).Sleeps() {
		t.Error(bad)
	}
}

func TestNoMutableGlobals(t *testing.T) {
	for _, bad := range load(t).Globals() {
		t.Error(bad)
	}
}

func TestMachinesAreHandedTheTime(t *testing.T) {
	for _, bad := range load(t).ClockReads("internal/machine", "sip") {
		t.Error(bad)
	}
}

func TestNoLeftovers(t *testing.T) {
	for _, bad := range load(t).Leftovers() {
		t.Error(bad)
	}
}

func TestLinks(t *testing.T) {
	bad, err := house.BrokenLinks(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range bad {
		t.Error(b)
	}
}

// The README shows the first program as example_test.go has it, so it compiles
// and does what it says.
func TestReadmeQuotesTheExample(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	program, err := house.Program("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(house.CodeBlocks(string(readme), "go"), program) {
		t.Errorf("no Go block of README.md is the program of example_test.go; it should read\n%s", program)
	}
}
