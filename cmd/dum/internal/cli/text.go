package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"dum/sip"
	"dum/trace"
)

// text is the sink of --trace text: whole messages, as people read them, with
// secrets masked. It is safe for concurrent use.
type text struct {
	mu sync.Mutex
	w  io.Writer
}

func newText(w io.Writer) *text { return &text{w: w} }

// Record writes the events that are about messages and connections.
func (s *text) Record(at time.Time, ev trace.Event) {
	var b strings.Builder
	head := func(p trace.Path, arrow, what string) {
		fmt.Fprintf(&b, "%s %s %s %s %s %s\n", at.Format("15:04:05.000000"), p.Network, p.Local, arrow, p.Remote, what)
	}
	switch ev := ev.(type) {
	case trace.MessageIn:
		head(ev.Path, "<-", "")
		message(&b, ev.Msg.String())
	case trace.MessageOut:
		again := ""
		if ev.Again {
			again = "(again)"
		}
		head(ev.Path, "->", again)
		message(&b, string(ev.Raw))
	case trace.MessageDropped:
		head(ev.Path, "<-", "dropped: "+ev.Reason)
		// What could be read has been shown when it came in.
		if m, _ := sip.Parse(string(ev.Raw), sip.Limits{}); m == nil {
			message(&b, string(ev.Raw))
		}
	case trace.Refused:
		head(ev.Path, "<-", fmt.Sprintf("refused: %d %s, Call-ID %s", ev.Code, ev.Reason, ev.CallID))
	case trace.FlowClosed:
		if ev.Err == nil {
			return
		}
		head(ev.Path, "--", "closed: "+ev.Err.Error())
	case trace.Panic:
		fmt.Fprintf(&b, "%s panic, Call-ID %s: %v\n%s\n", at.Format("15:04:05.000000"), ev.CallID, ev.Value, ev.Stack)
	default:
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	io.WriteString(s.w, b.String())
}

// message writes a message indented, so that it is told from the lines around
// it, and closed by an empty line.
func message(b *strings.Builder, raw string) {
	for line := range strings.Lines(strings.TrimRight(trace.Redact(raw), "\r\n")) {
		fmt.Fprintf(b, "    %s\n", printable(strings.TrimRight(line, "\r\n")))
	}
	b.WriteByte('\n')
}

// printable keeps what a peer sent from moving the cursor.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r >= 0x7f && r < 0xa0 {
			return '.'
		}
		return r
	}, s)
}
