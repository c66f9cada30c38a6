package answer

import (
	"encoding/json"
	"io"
	"runtime"
	"sync/atomic"
)

// counters count the calls.
type counters struct {
	calls, failed, open, ended atomic.Int64
}

// A line is what is printed about them, as one line of JSON.
type line struct {
	Calls      int64  `json:"calls"`      // taken so far
	Failed     int64  `json:"failed"`     // of these, broken by something other than the caller's wish or our flags
	Open       int64  `json:"open"`       // of these, ringing or up
	Goroutines int    `json:"goroutines"` // of the process
	HeapBytes  uint64 `json:"heap_bytes"` // live after a garbage collection
}

// print writes the line. It collects garbage first, so that the heap is what
// is in use and not what happened to be thrown away lately.
func (c *counters) print(w io.Writer) error {
	runtime.GC()
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	return json.NewEncoder(w).Encode(line{
		Calls: c.calls.Load(), Failed: c.failed.Load(), Open: c.open.Load(),
		Goroutines: runtime.NumGoroutine(), HeapBytes: mem.HeapAlloc,
	})
}
