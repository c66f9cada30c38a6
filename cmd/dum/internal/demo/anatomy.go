package demo

import (
	"strings"

	"dum/sip"
)

// notes says what the lines of a first INVITE are for, by header name; the
// lines of its body go by their first letter. A line without a note is shown
// bare.
var notes = [...]struct{ name, note string }{
	{"INVITE", "what is asked, of whom"},
	{"Via", "where the answers go back to; the branch names this one exchange"},
	{"Max-Forwards", "how many proxies may still pass it on"},
	{"From", "who calls; the tag is Alice's part of the call's name"},
	{"To", "who is called; Bob's answer adds his tag, his part of the name"},
	{"Call-ID", "the rest of the name: Call-ID and both tags make a dialog"},
	{"CSeq", "counts Alice's requests"},
	{"Contact", "where Alice is to be reached from now on, past all proxies"},
	{"Allow", "the methods that she takes"},
	{"Content-Type", "what the body is"},
	{"o", "who made this description, and which version of it"},
	{"c", "where to send media"},
	{"m", "one stream: audio, its port, and the formats in order of preference"},
	{"a=sendrecv", "both sides send; to put somebody on hold is to change this word"},
}

// anatomy shows a whole message with a note under the lines that matter.
func (t *teller) anatomy(m *sip.Message) {
	t.printf("\n    The first INVITE in full:\n\n")
	for line := range strings.Lines(m.String()) {
		line = strings.TrimRight(line, "\r\n")
		t.printf("      %s\n", line)
		if note := noteOn(line); note != "" {
			t.printf("        ^ %s\n", note)
		}
	}
}

// noteOn finds the note on a line.
func noteOn(line string) string {
	name := line
	if i := strings.IndexAny(line, ":= "); i >= 0 {
		name = line[:i]
	}
	for _, n := range notes {
		if n.name == name || n.name == line {
			return n.note
		}
	}
	return ""
}
