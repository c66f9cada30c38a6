package flow

import (
	"slices"
	"strings"
	"testing"
)

// TestCompare: what a sweep lets pass, and what not.
func TestCompare(t *testing.T) {
	seen := func(lines ...string) result {
		return result{outcomes: []map[string][]string{{"alice": lines}}}
	}
	good := seen("answered", "ended: a")
	for _, tt := range []struct {
		name string
		plan string
		bad  result
		want string // "" is no difference
	}{
		{"same", "", seen("answered", "ended: a"), ""},
		{"another outcome", "", seen("answered", "ended: b"), "alice saw"},
		{"another order", "", seen("ended: a", "answered"), "alice saw"},
		{"another order, allowed", "sweep unordered", seen("ended: a", "answered"), ""},
		{"less", "", seen("answered"), "alice saw"},
		{"alike", "alike ended: a | ended: b", seen("answered", "ended: b"), ""},
		{"alike, but not this", "alike ended: a | ended: c", seen("answered", "ended: b"), "alice saw"},
		{"somebody else", "", result{outcomes: []map[string][]string{{"alice": {"answered", "ended: a"}, "bob": {"x"}}}}, "bob saw what it should not"},
		{"left over", "", result{outcomes: good.outcomes, left: []string{"alice has a set"}}, "alice has a set"},
		{"no end", "", result{}, "did not come to its end"},
	} {
		good := good
		good.sweep = defaultSweep()
		if tt.plan != "" {
			c, err := parseCommand(tt.plan)
			if err == nil && c.word(0) == "sweep" {
				err = good.sweep.set(c)
			} else if err == nil {
				err = good.sweep.equate(c)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		got := strings.Join(compare(good, tt.bad), "\n")
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestOrder: what happened at one moment is written in one order, whoever was
// first to write it.
func TestOrder(t *testing.T) {
	want := []entry{
		{text: "wire", rank: 0}, {text: "p", rank: 1, lane: progress}, {text: "c2", rank: 1, lane: callback},
		{text: "c1", rank: 1, lane: callback}, {text: "r1", rank: 1, lane: returned}, {text: "r2", rank: 1, lane: returned},
		{text: "other", rank: 2, lane: progress},
	}
	for _, order := range [][]int{{0, 1, 2, 3, 4, 5, 6}, {6, 5, 4, 2, 3, 1, 0}, {2, 5, 3, 0, 6, 1, 4}} {
		var r record
		for _, i := range order {
			r.add(want[i])
		}
		var got []string
		for _, e := range r.take() {
			got = append(got, e.text)
		}
		if !slices.Equal(got, []string{"wire", "p", "c2", "c1", "r1", "r2", "other"}) {
			t.Errorf("%v became %v", order, got)
		}
		if len(r.take()) != 0 {
			t.Error("shown twice")
		}
	}
}
