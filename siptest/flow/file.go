package flow

import (
	"fmt"
	"strings"
)

// A File is a flow file, parsed.
type File struct {
	Name   string
	Blocks []Block
}

// A Block is some commands and what happened then.
type Block struct {
	Line  int      // where it begins, from 1
	Lead  []string // the commands as they stand in the file, with comments
	Want  []string // what happened
	Asked bool     // whether there is a line of dashes
}

const dashes = "----"

// Parse reads a flow file.
func Parse(name, text string) (*File, error) {
	f := &File{Name: name}
	b := Block{Line: 1}
	flush := func(next int) {
		if len(b.Lead) > 0 || len(b.Want) > 0 {
			f.Blocks = append(f.Blocks, b)
		}
		b = Block{Line: next}
	}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimRight(line, " \t\r")
		switch {
		case line == "":
			flush(i + 2)
		case line == dashes:
			if b.Asked {
				return nil, fmt.Errorf("%s:%d: a second %s in one block", name, i+1, dashes)
			}
			b.Asked = true
		case b.Asked:
			b.Want = append(b.Want, line)
		default:
			b.Lead = append(b.Lead, line)
		}
	}
	flush(0)
	for _, b := range f.Blocks {
		for i, line := range b.Lead {
			if _, err := parseCommand(line); err != nil {
				return nil, fmt.Errorf("%s:%d: %w", name, b.Line+i, err)
			}
		}
	}
	return f, nil
}

// String writes the file back.
func (f *File) String() string {
	var out strings.Builder
	for i, b := range f.Blocks {
		if i > 0 {
			out.WriteByte('\n')
		}
		for _, line := range b.Lead {
			out.WriteString(line + "\n")
		}
		if b.Asked || len(b.Want) > 0 {
			out.WriteString(dashes + "\n")
		}
		for _, line := range b.Want {
			out.WriteString(line + "\n")
		}
	}
	return out.String()
}

// A command is one line: words, and name=value arguments among them.
type command struct {
	words []string
	args  map[string]string
}

// parseCommand reads a line; a comment is a command without words.
func parseCommand(line string) (command, error) {
	c := command{args: make(map[string]string)}
	line, _, _ = strings.Cut(line, "#")
	for word := range strings.FieldsSeq(line) {
		name, value, ok := strings.Cut(word, "=")
		if !ok {
			c.words = append(c.words, word)
			continue
		}
		if _, twice := c.args[name]; twice || name == "" {
			return c, fmt.Errorf("argument %q is there twice or has no name", word)
		}
		c.args[name] = value
	}
	if len(c.words) == 0 && len(c.args) > 0 {
		return c, fmt.Errorf("arguments without a command")
	}
	return c, nil
}

// word is the n-th word, "" beyond the last.
func (c command) word(n int) string {
	if n < len(c.words) {
		return c.words[n]
	}
	return ""
}

// rest joins the words from the n-th on.
func (c command) rest(n int) string {
	if n < len(c.words) {
		return strings.Join(c.words[n:], " ")
	}
	return ""
}

// only reports an argument that none of names is, so that a typing error does
// not pass unnoticed.
func (c command) only(names ...string) error {
next:
	for name := range c.args {
		for _, n := range names {
			if n == name {
				continue next
			}
		}
		return fmt.Errorf("%s knows no %s=", strings.Join(c.words, " "), name)
	}
	return nil
}
