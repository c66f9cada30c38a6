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

	"dum/kit"
)

func TestBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Hour)
		viaHelper()
		shared()
	})
	synctest.Test(t, named)
	inBubble(t, "x", func(t *testing.T) { time.Sleep(1) })
	deeperBubble(t, func(t *testing.T) { time.Sleep(1) })
	kit.Run(t, func(t *testing.T) { time.Sleep(1) })
	body := func(t *testing.T) { time.Sleep(1) }
	synctest.Test(t, body)
	for _, c := range []struct{ run func(t *testing.T) }{{run: func(t *testing.T) { time.Sleep(1) }}} {
		synctest.Test(t, c.run)
	}
}

func inBubble(t *testing.T, name string, f func(t *testing.T)) {
	synctest.Test(t, func(t *testing.T) { f(t) })
}

func deeperBubble(t *testing.T, f func(t *testing.T)) {
	inBubble(t, "y", func(t *testing.T) { f(t) })
}

func viaHelper()         { deeper() }
func deeper()            { time.Sleep(1) }
func named(t *testing.T) { time.Sleep(1) }

func plainly(f func()) { f() }

func TestReal(t *testing.T)     { time.Sleep(2) }
func TestShared(t *testing.T)   { shared() }
func shared()                   { time.Sleep(3) }
func TestPlainly(t *testing.T) {
	plainly(func() { time.Sleep(4) })
	wait := func() { time.Sleep(5) }
	wait()
}
`,
		"kit/kit.go": `package kit

import (
	"testing"
	"testing/synctest"
)

func Run(t *testing.T, f func(t *testing.T)) { synctest.Test(t, f) }
`,
		"b/b.go": "package b\n\nimport \"time\"\n\nfunc f() { time.Sleep(1) }\n",
	})
	got := strings.Join(m.Sleeps(), "\n")
	for _, line := range []string{"a_test.go:42:", "a_test.go:44:", "a_test.go:46:", "a_test.go:47:"} {
		if !strings.Contains(got, line) {
			t.Errorf("missed %s", line)
		}
	}
	if n := strings.Count(got, "bubble:"); n != 4 {
		t.Errorf("%d findings, want 4:\n%s", n, got)
	}
}
