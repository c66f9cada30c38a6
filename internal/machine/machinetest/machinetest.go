// Package machinetest prints the transition tables of the machines.
//
// A machine is plain code: switches over its states. Its table is an output: a
// test walks every state and every input through the real machine, prints what
// it did as Markdown, and compares that with TABLE.md beside the machine. A
// changed rule then shows as a changed line of a table that a reader can hold
// against the RFC. Write the file anew with
//
//	go test ./internal/machine/txn -update
//
// A test of a machine is one call:
//
//	func TestTable(t *testing.T) {
//		machinetest.Golden(t, "TABLE.md", machinetest.Table{
//			Name:   "Server INVITE",
//			About:  "RFC 3261 §17.2.1 with RFC 6026.",
//			States: []string{"Proceeding", "Completed"},
//			Inputs: []string{"INVITE again", "ACK"},
//			Step: func(state, input string) machinetest.Cell {
//				m := inState(state)
//				acts := feed(m, input)
//				return machinetest.Cell{Next: m.State().String(), Actions: acts.String()}
//			},
//		})
//	}
package machinetest

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

// Flag is the name of the test flag that rewrites golden files.
const Flag = "update"

// Another package of the same test binary may have defined the flag already.
func init() {
	if flag.Lookup(Flag) == nil {
		flag.Bool(Flag, false, "rewrite the golden files")
	}
}

// Updating tells whether the test was asked to rewrite its golden files.
func Updating() bool {
	f := flag.Lookup(Flag)
	return f != nil && f.Value.String() == "true"
}

// A Table walks one machine: every state is a row, every input a column.
type Table struct {
	Name   string   // the heading
	About  string   // a paragraph under it; may be empty
	States []string // in the order of the RFC's figure
	Inputs []string
	// Step brings a fresh machine into state, feeds it input and tells what it
	// did. It is called once for every pair.
	Step func(state, input string) Cell
}

// A Cell is the outcome of one input in one state.
type Cell struct {
	Next    string // the state afterwards; "" or the same state: it stays
	Actions string // what has to be done; "" is nothing
	Not     bool   // the pair cannot happen: the cell stays empty
}

// Markdown prints the table.
func (tb Table) Markdown() string {
	rows := [][]string{append([]string{"state"}, tb.Inputs...)}
	for _, st := range tb.States {
		row := []string{"**" + st + "**"}
		for _, in := range tb.Inputs {
			row = append(row, tb.Step(st, in).text(st))
		}
		rows = append(rows, row)
	}
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, c := range row {
			width[i] = max(width[i], utf8.RuneCountInString(c))
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n", tb.Name)
	if tb.About != "" {
		fmt.Fprintf(&b, "%s\n\n", tb.About)
	}
	line := func(cells func(i int) string) {
		for i := range width {
			c := cells(i)
			fmt.Fprintf(&b, "| %s%s ", c, strings.Repeat(" ", width[i]-utf8.RuneCountInString(c)))
		}
		b.WriteString("|\n")
	}
	for n, row := range rows {
		line(func(i int) string { return row[i] })
		if n == 0 {
			line(func(i int) string { return strings.Repeat("-", width[i]) })
		}
	}
	return b.String()
}

func (c Cell) text(state string) string {
	switch {
	case c.Not:
		return ""
	case (c.Next == "" || c.Next == state) && c.Actions == "":
		return "–"
	case c.Next == "" || c.Next == state:
		return c.Actions
	case c.Actions == "":
		return "→ " + c.Next
	}
	return c.Actions + " → " + c.Next
}

// Golden compares the tables with the file at path, or writes it when the test
// runs with -update.
func Golden(t *testing.T, path string, tables ...Table) {
	t.Helper()
	var b strings.Builder
	b.WriteString("Printed by the tests from the machine's code. A cell holds what is done and the\n")
	b.WriteString("state that follows; – is nothing, an empty cell cannot happen.\n")
	for _, tb := range tables {
		b.WriteString("\n" + tb.Markdown())
	}
	File(t, path, b.String())
}

// File compares got with the golden file at path, or writes it when the test
// runs with -update.
func File(t *testing.T, path, got string) {
	t.Helper()
	if Updating() {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run the test with -%s)", err, Flag)
	}
	if string(want) == got {
		return
	}
	gl, wl := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(gl), len(wl)) {
		if g, w := at(gl, i), at(wl, i); g != w {
			t.Errorf("%s:%d differs (-%s rewrites it)\n got: %s\nwant: %s", path, i+1, Flag, g, w)
			return
		}
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(end of file)"
}
