package house

import (
	"strings"
	"testing"
)

func TestSleeps(t *testing.T) {
	m := plant(t, map[string]string{
		"a/a_test.go": `package a

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Hour)
		viaHelper()
		shared()
	})
	synctest.Test(t, named)
}

func viaHelper() { deeper() }
func deeper()    { time.Sleep(1) }
func named(t *testing.T) { time.Sleep(1) }

func TestReal(t *testing.T) { time.Sleep(2) }
func TestShared(t *testing.T) { shared() }
func shared() { time.Sleep(3) }
`,
		"a/a.go": "package a\n\nimport \"time\"\n\nfunc f() { time.Sleep(1) }\n",
	})
	got := strings.Join(m.Sleeps(), "\n")
	for _, line := range []string{"a_test.go:22:", "a_test.go:24:"} {
		if !strings.Contains(got, line) {
			t.Errorf("missed %s", line)
		}
	}
	if n := strings.Count(got, "bubble:"); n != 2 {
		t.Errorf("%d findings, want 2:\n%s", n, got)
	}
}
