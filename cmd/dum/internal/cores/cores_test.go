package cores

import (
	"runtime"
	"testing"
	"time"
)

func TestNext(t *testing.T) {
	for _, tt := range []struct {
		now, most int
		load      float64
		want      int
	}{
		{1, 8, 0, 1},
		{1, 8, 0.5, 1},
		{1, 8, 0.51, 2},
		{2, 8, 1.1, 4},
		{4, 8, 4, 8},
		{8, 8, 8, 8}, // there are no more
		{4, 6, 3, 6},
		{2, 8, 0.3, 2}, // one would be busy to a third
		{2, 8, 0.2, 1},
		{8, 8, 1.7, 7},
	} {
		if got := next(tt.now, tt.most, tt.load); got != tt.want {
			t.Errorf("%d of %d with %.2f busy: %d, want %d", tt.now, tt.most, tt.load, got, tt.want)
		}
	}
}

// No load may make it go back and forth.
func TestNextIsSteady(t *testing.T) {
	for load := 0.0; load < 9; load += 0.01 {
		now, changes := 1, 0
		for range 100 {
			if n := next(now, 8, load); n != now {
				now, changes = n, changes+1
			}
		}
		if changes > 10 {
			t.Fatalf("load %.2f: %d changes", load, changes)
		}
	}
}

func TestGovernor(t *testing.T) {
	t.Setenv("GOMAXPROCS", "")
	before := runtime.GOMAXPROCS(4)
	defer runtime.GOMAXPROCS(before)
	g := Govern()
	if g == nil {
		if runtime.GOOS == "linux" {
			t.Fatal("there is no governor")
		}
		t.Skip("NOT TESTED: this system does not tell what a process has used")
	}
	if n := runtime.GOMAXPROCS(0); n != 1 {
		t.Errorf("begins with %d", n)
	}
	// As if all that the process has ever used fell into the last millisecond.
	g.spent, g.at = 0, time.Now().Add(-time.Millisecond)
	g.Adjust()
	if n := runtime.GOMAXPROCS(0); n != 2 {
		t.Errorf("busy: %d", n)
	}
	g.Stop()
	if n := runtime.GOMAXPROCS(0); n != 4 {
		t.Errorf("leaves %d behind", n)
	}

	t.Setenv("GOMAXPROCS", "3")
	if Govern() != nil {
		t.Error("overrules what the user has set")
	}
	var none *Governor
	none.Adjust()
	none.Stop()
}
