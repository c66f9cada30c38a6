package flow

import (
	"fmt"
	"regexp"
	"runtime"
	"strings"
)

// bubbled returns the stacks of the goroutines of the caller's bubble, but for
// the caller's own: what the runtime prints says which bubble each is in.
func bubbled() []string {
	buf := make([]byte, 1<<20)
	own := string(buf[:runtime.Stack(buf, false)])
	head, _, _ := strings.Cut(own, "\n")
	mark := regexp.MustCompile(`synctest bubble \d+`).FindString(head)
	all := string(buf[:runtime.Stack(buf, true)])
	var out []string
	for i, stack := range strings.Split(all, "\n\n") {
		head, _, _ := strings.Cut(stack, "\n")
		// The caller comes first; the root of the bubble waits for it in synctest.
		root := strings.Contains(head, "synctest.Run") || strings.Contains(stack, "\ntesting/synctest.testingSynctestTest(")
		if i > 0 && !root && mark != "" && strings.Contains(head, mark+"]") {
			out = append(out, stack)
		}
	}
	return out
}

// strays describes the goroutines that a run has left; "" is none.
func strays() string {
	all := bubbled()
	if len(all) == 0 {
		return ""
	}
	return fmt.Sprintf("%d goroutines left in the bubble:\n%s", len(all), strings.Join(all, "\n\n"))
}
