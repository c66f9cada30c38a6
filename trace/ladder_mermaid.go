package trace

import (
	"fmt"
	"strings"
	"time"
)

// mermaid draws a sequence diagram in the language of Mermaid.
type mermaid struct {
	next int // the first lifeline that has not been declared
}

func (d *mermaid) lifelines(b []byte, all []*lifeline) []byte {
	if d.next == 0 {
		b = append(b, "sequenceDiagram\n"...)
	}
	next := d.next
	for _, e := range all {
		if e.id < d.next {
			continue
		}
		title := mermaidText(e.title)
		if e.addr != "" {
			title += "<br/>" + mermaidText(e.addr)
		}
		b = fmt.Appendf(b, "    participant p%d as %s\n", e.id, title)
		next = max(next, e.id+1)
	}
	d.next = next
	return b
}

func (d *mermaid) arrow(b []byte, _ time.Duration, from, to *lifeline, label string, response bool) []byte {
	line := "->>"
	if response {
		line = "-->>"
	}
	return fmt.Appendf(b, "    p%d%sp%d: %s\n", from.id, line, to.id, mermaidText(label))
}

func (d *mermaid) note(b []byte, _ time.Duration, over *lifeline, text string) []byte {
	switch {
	case over != nil:
		return fmt.Appendf(b, "    Note over p%d: %s\n", over.id, mermaidText(text))
	case d.next > 0:
		return fmt.Appendf(b, "    Note over p0: %s\n", mermaidText(text))
	}
	return b // a diagram cannot begin with a note
}

// mermaidText escapes what would end a statement or make markup.
func mermaidText(s string) string {
	return strings.NewReplacer("#", "#35;", ";", "#59;", "<", "#lt;", ">", "#gt;").Replace(s)
}
