package house

import (
	"fmt"
	"strings"
	"testing"
)

func TestGlobals(t *testing.T) {
	for _, c := range []struct{ name, code, want string }{
		{"error", `import "errors"; var ErrA = errors.New("a"); var errB = &bad{}; type bad struct{}`, ""},
		{"descriptor", `import "dum/sip"; var Via = sip.NewHeader("Via")`, ""},
		{"table", `var names = map[string]int{"a": 1}; var digits = [...]byte{1}; func f() int { return names["a"] + int(digits[0]) }`, ""},
		{"table of functions", `var t = []func() []int{func() []int { return make([]int, 1) }}`, ""},
		{"interface check", `import "io"; var _ io.Reader = (*r)(nil); type r struct{ io.Reader }`, ""},
		{"embedded", "import _ \"embed\"\n//go:embed a.txt\nvar text string", ""},
		{"shadowed", `var n = 1; func f() int { n := 2; n++; return n }`, ""},
		{"address of an element", `var rows = [...]int{1}; func f() *int { return &rows[0] }`, ""},
		{"no value", `var n int`, "has no value yet"},
		{"mutex", `import "sync"; var mu = sync.Mutex{}`, "holds sync.Mutex"},
		{"pool", `import "sync"; var pool = sync.Pool{New: func() any { return nil }}`, "holds sync.Pool"},
		{"atomic", `import "sync/atomic"; var n = atomic.Int64{}`, "holds atomic.Int64"},
		{"channel", `var c chan int = nil`, "holds a channel"},
		{"made", `var m = make(map[int]int)`, "is made to be filled"},
		{"pointer", `type conf struct{}; var Default = &conf{}`, "pointer to something that can change"},
		{"exported map", `var Names = map[string]int{}`, "exported map"},
		{"exported slice", `var Names = []string{"a"}`, "exported slice"},
		{"assigned", `var n = 1; func f() { n = 2 }`, "n is package-level and written to here"},
		{"counted", `var n = 1; func f() { n++ }`, "written to here"},
		{"address", `var n = 1; func f() *int { return &n }`, "written to here"},
		{"field", `var n = struct{ a int }{}; func f() { n.a = 1 }`, "written to here"},
		{"element", `var m = map[int]int{1: 1}; func f() { m[2] = 2 }`, "written to here"},
		{"deleted", `var m = map[int]int{1: 1}; func f() { delete(m, 1) }`, "written to here"},
		{"appended", `import "dum/x"; var l = []int{}; func f() { l = append(l, x.Y(1)) }`, "written to here"},
		{"foreign", `import "dum/sip"; func f() { sip.Via = nil }`, "sip.Via belongs to another package"},
		{"foreign std", `import "log"; func f() { log.X = nil }`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := plant(t, map[string]string{"a/a.go": fmt.Sprintf("package a\n%s\n", c.code)})
			got := strings.Join(m.Globals(), "\n")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
