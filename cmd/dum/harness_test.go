package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"dum"
	"dum/cmd/dum/internal/cli"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds what a test waits for; nothing should come near.
const patience = 20 * time.Second

// A stream is what a command has written so far.
type stream struct {
	mu   sync.Mutex
	buf  bytes.Buffer
	more chan struct{} // closed at the next write
}

func newStream() *stream { return &stream{more: make(chan struct{})} }

func (s *stream) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.more)
	s.more = make(chan struct{})
	return s.buf.Write(b)
}

func (s *stream) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

// A process is a command that runs within the test.
type process struct {
	t        *testing.T
	out, err *stream
	signals  sync.Map // chan<- os.Signal -> []os.Signal
	exit     chan struct{}
	code     int
}

// start runs the command in the background; the end of the test ends it.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{t: t, out: newStream(), err: newStream(), exit: make(chan struct{})}
	env := &cli.Env{
		Out: p.out, Err: p.err, Getenv: func(string) string { return "" },
		Notify: func(c chan<- os.Signal, sig ...os.Signal) { p.signals.Store(c, sig) },
		Stop:   func(c chan<- os.Signal) { p.signals.Delete(c) },
	}
	go func() {
		defer close(p.exit)
		p.code = run(context.Background(), env, args)
	}()
	t.Cleanup(func() {
		for range 2 {
			p.signal(os.Interrupt)
		}
		p.wait()
	})
	return p
}

// signal delivers a signal to whoever asked for it.
func (p *process) signal(sig os.Signal) {
	p.signals.Range(func(c, wanted any) bool {
		for _, w := range wanted.([]os.Signal) {
			if w == sig {
				select {
				case c.(chan<- os.Signal) <- sig:
				default:
				}
			}
		}
		return true
	})
}

// wait waits for the end of the command and returns its exit code.
func (p *process) wait() int {
	p.t.Helper()
	select {
	case <-p.exit:
		return p.code
	case <-time.After(patience):
		p.t.Fatalf("still running\nstdout: %s\nstderr: %s", p.out, p.err)
		return -1
	}
}

// find waits until s matches pattern and returns the submatches.
func (p *process) find(s *stream, pattern string) []string {
	p.t.Helper()
	re, late := regexp.MustCompile(pattern), time.After(patience)
	for {
		s.mu.Lock()
		m, more := re.FindStringSubmatch(s.buf.String()), s.more
		s.mu.Unlock()
		if m != nil {
			return m
		}
		select {
		case <-more:
		case <-late:
			p.t.Fatalf("no %q in %s", pattern, s)
		}
	}
}

// answerer starts "dum answer" on a free port and returns its address as a
// target.
func answerer(t *testing.T, network string, args ...string) (*process, string) {
	t.Helper()
	p := start(t, append([]string{"answer", "--listen", network + "://127.0.0.1:0"}, args...)...)
	target := "sip:bob@" + p.find(p.err, `listening on \w+://(\S+)`)[1]
	if network != "udp" {
		target += ";transport=" + network
	}
	return p, target
}

// numbers is the line that dum answer prints.
type numbers struct {
	Calls, Failed, Open, Goroutines int
	HeapBytes                       int `json:"heap_bytes"`
}

// last decodes the last line on stdout, strictly.
func last[T any](t *testing.T, p *process) (v T) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(p.out.String()), "\n")
	d := json.NewDecoder(strings.NewReader(lines[len(lines)-1]))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("stdout %q: %v", p.out, err)
	}
	return v
}

// manager runs a user agent of the test's own and returns it with its address
// as a target.
func manager(t *testing.T, cfg dum.Config) (m *dum.Manager, target string) {
	t.Helper()
	cfg.Listen = []string{"udp://127.0.0.1:0"}
	m, err := dum.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
			t.Error(err)
		}
	})
	return m, "sip:bob@" + m.Addrs()[0].Addr.String()
}
