package cli

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"
)

func TestProgress(t *testing.T) {
	for _, tt := range []struct {
		name string
		tty  bool
		wait time.Duration
		want string
	}{
		{"plain", false, 11 * time.Second, "1 calls\n2 calls\n"},
		{"terminal", true, 500 * time.Millisecond, "\r\x1b[K1 calls\r\x1b[K2 calls\r\x1b[K"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var out bytes.Buffer
				e := &Env{Err: &out, TTY: tt.tty}
				n := 0
				stop := e.Progress(func() string { n++; return string(rune('0'+n)) + " calls" })
				<-time.After(tt.wait)
				stop()
				if got := out.String(); got != tt.want {
					t.Errorf("wrote %q, want %q", got, tt.want)
				}
			})
		})
	}
}
