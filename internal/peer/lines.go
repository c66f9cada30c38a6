package peer

import (
	"bytes"
	"context"
	"strings"
	"sync"
)

// Lines collects what a process writes, line by line. It is an io.Writer that
// others can wait on; the zero value is ready.
type Lines struct {
	mu    sync.Mutex
	part  []byte   // the line that has no end yet
	lines []string // complete ones
	news  chan struct{}
}

// Write takes output. It never fails.
func (l *Lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.part = append(l.part, b...)
	for {
		line, rest, ok := bytes.Cut(l.part, []byte("\n"))
		if !ok {
			break
		}
		l.lines = append(l.lines, strings.TrimSuffix(string(line), "\r"))
		l.part = rest
	}
	if l.news != nil {
		close(l.news)
		l.news = nil
	}
	return len(b), nil
}

// String returns all there is so far.
func (l *Lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(append(l.lines[:len(l.lines):len(l.lines)], string(l.part)), "\n")
}

// Len returns the number of complete lines.
func (l *Lines) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.lines)
}

// Find waits for the first line, from the line number from on, for which match
// is true, and returns it with the number of the line after it.
func (l *Lines) Find(ctx context.Context, from int, match func(string) bool) (line string, next int, err error) {
	for {
		l.mu.Lock()
		for ; from < len(l.lines); from++ {
			if line := l.lines[from]; match(line) {
				l.mu.Unlock()
				return line, from + 1, nil
			}
		}
		if l.news == nil {
			l.news = make(chan struct{})
		}
		news := l.news
		l.mu.Unlock()
		select {
		case <-news:
		case <-ctx.Done():
			return "", from, context.Cause(ctx)
		}
	}
}
