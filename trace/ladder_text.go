package trace

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	gutter  = 11 // where the first lifeline stands, right of the time
	spread  = 66 // no two lifelines stand further apart
	crowded = 20 // nor closer
)

// textLadder draws with box characters.
type textLadder struct {
	width   int
	columns []int // where the lifelines stand
	started bool
}

func newTextLadder(width int) *textLadder {
	if width <= 0 {
		width = 100
	}
	return &textLadder{width: max(width, 60)}
}

// room is how many lifelines fit.
func (d *textLadder) room() int { return 1 + (d.width-1-gutter)/crowded }

// canvas is one line of text.
type canvas []rune

func (d *textLadder) canvas(at time.Duration, lines bool) canvas {
	c := make(canvas, d.width)
	for i := range c {
		c[i] = ' '
	}
	if lines {
		for _, x := range d.columns {
			c[x] = '│'
		}
	}
	if at >= 0 {
		t := strconv.FormatFloat(at.Seconds(), 'f', 3, 64)
		c.put(gutter-3-len(t), t)
	}
	return c
}

// put writes s at x; what does not fit is cut off.
func (c canvas) put(x int, s string) {
	for _, r := range s {
		if x >= 0 && x < len(c) {
			c[x] = r
		}
		x++
	}
}

func (c canvas) append(b []byte) []byte {
	b = append(b, strings.TrimRight(string(c), " ")...)
	return append(b, '\n')
}

// shorten cuts s to n characters.
func shorten(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	if n <= 0 {
		return ""
	}
	r := []rune(s)
	return string(r[:n-1]) + "…"
}

func (d *textLadder) lifelines(b []byte, all []*lifeline) []byte {
	if d.started {
		b = append(b, '\n')
	}
	d.started = true
	step := spread
	if n := len(all) - 1; n > 0 {
		step = min(spread, (d.width-1-gutter)/n)
	}
	d.columns = d.columns[:0]
	for i := range all {
		d.columns = append(d.columns, gutter+i*step)
	}
	titles, addrs := make([]string, len(all)), make([]string, len(all))
	for i, e := range all {
		titles[i], addrs[i] = e.title, e.addr
	}
	c := d.canvas(-1, false)
	c.put(gutter-4, "s")
	b = d.titles(c, titles, step).append(b)
	if slices.ContainsFunc(addrs, func(s string) bool { return s != "" }) {
		b = d.titles(d.canvas(-1, false), addrs, step).append(b)
	}
	return d.canvas(-1, true).append(b)
}

// titles writes each text over its lifeline: the first from its left, the last
// to its right, the others about their middle, none into another.
func (d *textLadder) titles(c canvas, texts []string, step int) canvas {
	last := len(texts) - 1
	half := step / 2 // what the neighbour of the first and of the last takes
	if last > 1 {
		half = 0
		for i, s := range texts[1:last] {
			texts[i+1] = shorten(s, step-2)
			half = max(half, utf8.RuneCountInString(texts[i+1])/2)
		}
	}
	for i, s := range texts {
		x := d.columns[i]
		switch n := utf8.RuneCountInString(s); i {
		case 0:
			s = shorten(s, step-1-half)
		case last:
			s = shorten(s, step-1-half)
			x -= min(n, step-1-half) - 1
		default:
			x -= n / 2
		}
		c.put(x, s)
	}
	return c
}

func (d *textLadder) arrow(b []byte, at time.Duration, from, to *lifeline, label string, _ bool) []byte {
	c := d.canvas(at, true)
	if from == to {
		x := d.columns[from.column]
		c.put(x+1, "⟲ "+shorten(label, d.width-x-4))
		return c.append(b)
	}
	left, right := d.columns[min(from.column, to.column)], d.columns[max(from.column, to.column)]
	for x := left + 1; x < right; x++ {
		if c[x] == '│' {
			c[x] = '┼'
		} else {
			c[x] = '─'
		}
	}
	if from.column < to.column {
		c[right-1] = '▶'
	} else {
		c[left+1] = '◀'
	}
	label = " " + shorten(label, right-left-7) + " "
	c.put(left+(right-left+1-utf8.RuneCountInString(label))/2, label)
	return c.append(b)
}

func (d *textLadder) note(b []byte, at time.Duration, over *lifeline, text string) []byte {
	c := d.canvas(at, true)
	n := utf8.RuneCountInString(text)
	x := gutter + 2
	if over != nil {
		x = d.columns[over.column] + 2
		if x+n > d.width { // to the left of its lifeline then
			x = d.columns[over.column] - 1 - n
		}
		x = max(gutter+2, x)
	}
	c.put(x, shorten(text, d.width-x))
	return c.append(b)
}
