package flow

import (
	"strings"
	"testing"
	"testing/synctest"
)

// TestStrays: a goroutine that stays behind in the bubble is seen, one of
// another place is not.
func TestStrays(t *testing.T) {
	outside := make(chan bool)
	go func() { <-outside }()
	defer close(outside)
	synctest.Test(t, func(t *testing.T) {
		if s := strays(); s != "" {
			t.Errorf("in an empty bubble: %s", s)
		}
		stop := make(chan bool)
		go func() { <-stop }()
		synctest.Wait()
		if s := strays(); !strings.HasPrefix(s, "1 goroutines left") || !strings.Contains(s, "TestStrays") {
			t.Errorf("with one: %s", s)
		}
		close(stop)
		synctest.Wait()
		if s := strays(); s != "" {
			t.Errorf("after it ended: %s", s)
		}
	})
}
