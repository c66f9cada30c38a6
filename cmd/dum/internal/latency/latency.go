// Package latency sums up how long things took: exact percentiles over every
// sample, not estimates over buckets.
package latency

import (
	"math"
	"slices"
	"sync"
	"time"
)

// Samples collects durations. The zero value is empty and ready; it is safe
// for concurrent use.
type Samples struct {
	mu  sync.Mutex
	all []time.Duration
}

// Add takes one sample.
func (s *Samples) Add(d time.Duration) {
	s.mu.Lock()
	s.all = append(s.all, d)
	s.mu.Unlock()
}

// A Summary is what the samples say. All is zero when there were none.
type Summary struct {
	N                       int
	Min, P50, P95, P99, Max time.Duration
}

// Summary sums up the samples taken so far.
func (s *Samples) Summary() Summary {
	s.mu.Lock()
	sorted := slices.Clone(s.all)
	s.mu.Unlock()
	slices.Sort(sorted)
	n := len(sorted)
	if n == 0 {
		return Summary{}
	}
	return Summary{
		N: n, Min: sorted[0], Max: sorted[n-1],
		P50: percentile(sorted, 50), P95: percentile(sorted, 95), P99: percentile(sorted, 99),
	}
}

// percentile is the smallest sample that at least p percent of the samples do
// not exceed (nearest rank), so it is always one that was measured.
func percentile(sorted []time.Duration, p float64) time.Duration {
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[max(rank, 1)-1]
}

// Milliseconds is d as a JSON report shows it: milliseconds, to the microsecond.
func Milliseconds(d time.Duration) float64 {
	return float64(d.Round(time.Microsecond)) / float64(time.Millisecond)
}
