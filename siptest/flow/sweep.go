package flow

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"dum/siptest"
)

// sweepPlan is what a flow lets be done to its datagrams.
type sweepPlan struct {
	faults    []siptest.Fault
	unordered bool
	alike     [][]string // outcomes that count as the first of them
}

func defaultSweep() sweepPlan {
	return sweepPlan{faults: []siptest.Fault{siptest.Lose, siptest.Double, siptest.Swap}}
}

// equate carries out "alike".
func (p *sweepPlan) equate(c command) error {
	var texts []string
	for text := range strings.SplitSeq(c.rest(1), "|") {
		texts = append(texts, strings.TrimSpace(text))
	}
	p.alike = append(p.alike, texts)
	return c.only()
}

// plain puts the outcomes of a user into the form in which they are compared.
func (p *sweepPlan) plain(outcomes []string) []string {
	out := slices.Clone(outcomes)
	for i, text := range out {
		for _, texts := range p.alike {
			if slices.Contains(texts, text) {
				out[i] = texts[0]
			}
		}
	}
	if p.unordered {
		slices.Sort(out)
	}
	return out
}

// set carries out "sweep".
func (p *sweepPlan) set(c command) error {
	known := map[string]siptest.Fault{"lose": siptest.Lose, "double": siptest.Double, "swap": siptest.Swap}
	var faults []siptest.Fault
	for _, word := range c.words[1:] {
		switch fault, ok := known[word]; {
		case ok:
			faults = append(faults, fault)
		case word == "unordered":
			p.unordered = true
		case word == "none":
			p.faults = nil
		default:
			return fmt.Errorf("no sweep %q", word)
		}
	}
	if len(faults) > 0 {
		p.faults = faults
	}
	return c.only()
}

// sweep runs a flow once for every datagram and every fault.
func sweep(t *testing.T, f *File, good result) {
	for _, fault := range good.sweep.faults {
		for n := 1; n <= good.datagrams; n++ {
			t.Run(fmt.Sprintf("%v_%d", fault, n), func(t *testing.T) {
				bad := play(t, f, siptest.FaultAt(n, fault), good.outcomes)
				for _, diff := range compare(good, bad) {
					t.Error(diff)
				}
				if t.Failed() {
					t.Logf("what happened:\n%s", strings.Join(slices.Concat(bad.blocks...), "\n"))
				}
			})
		}
	}
}

// compare tells what a user saw otherwise with a fault, and what was left.
func compare(good, bad result) (diffs []string) {
	if len(good.outcomes) == 0 || len(bad.outcomes) == 0 {
		return []string{"the flow did not come to its end"}
	}
	want, got := good.outcomes[len(good.outcomes)-1], bad.outcomes[len(bad.outcomes)-1]
	for name := range want {
		a, b := good.sweep.plain(want[name]), good.sweep.plain(got[name])
		if !slices.Equal(a, b) {
			diffs = append(diffs, fmt.Sprintf("%s saw\n\t%s\nwant\n\t%s", name, strings.Join(b, "\n\t"), strings.Join(a, "\n\t")))
		}
	}
	for name := range got {
		if len(want[name]) == 0 {
			diffs = append(diffs, fmt.Sprintf("%s saw what it should not: %v", name, got[name]))
		}
	}
	slices.Sort(diffs)
	return append(diffs, bad.left...)
}
