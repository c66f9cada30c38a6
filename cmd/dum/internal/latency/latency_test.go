package latency

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestSummary(t *testing.T) {
	var s Samples
	if got := s.Summary(); got != (Summary{}) {
		t.Errorf("no samples: %+v", got)
	}
	s.Add(7)
	if got, want := s.Summary(), (Summary{1, 7, 7, 7, 7, 7}); got != want {
		t.Errorf("one sample: %+v, want %+v", got, want)
	}
	var many Samples
	for _, i := range rand.Perm(1000) {
		many.Add(time.Duration(i + 1))
	}
	if got, want := many.Summary(), (Summary{1000, 1, 500, 950, 990, 1000}); got != want {
		t.Errorf("1 to 1000: %+v, want %+v", got, want)
	}
	var odd Samples
	for i := range 101 { // nearest rank: the 51st, the 96th and the 100th
		odd.Add(time.Duration(i + 1))
	}
	if got, want := odd.Summary(), (Summary{101, 1, 51, 96, 100, 101}); got != want {
		t.Errorf("1 to 101: %+v, want %+v", got, want)
	}
}

func TestMilliseconds(t *testing.T) {
	if got := Milliseconds(1234567 * time.Nanosecond); got != 1.235 {
		t.Errorf("got %v", got)
	}
}
