package interop

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"dum/internal/peer"
)

// full tells that the loads are those of a release.
var full = os.Getenv("INTEROP_FULL") != ""

// build makes the command once; the directory goes with the tests.
var build struct {
	once    sync.Once
	dir     string
	program string
	err     error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if build.dir != "" {
		os.RemoveAll(build.dir)
	}
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// program returns the path of our command, built with the race detector when
// the tests have it.
func program(t *testing.T) string {
	t.Helper()
	build.once.Do(func() {
		if build.dir, build.err = os.MkdirTemp("", "dum-interop"); build.err != nil {
			return
		}
		build.program = filepath.Join(build.dir, "dum")
		args := []string{"build", "-o", build.program}
		if raced {
			args = append(args, "-race")
		}
		out, err := exec.Command("go", append(args, "dum/cmd/dum")...).CombinedOutput()
		if err != nil {
			build.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	if build.err != nil {
		t.Fatal(build.err)
	}
	return build.program
}

// command returns a run of our command; a data race ends it with code 66.
func command(t *testing.T, args ...string) *exec.Cmd {
	cmd := exec.Command(program(t), args...)
	cmd.Env = append(os.Environ(), "GORACE=halt_on_error=1")
	return cmd
}

// run starts a process that the end of the test ends.
func run(t *testing.T, cmd *exec.Cmd) *peer.Process {
	t.Helper()
	p, err := peer.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Stop()
		if t.Failed() {
			t.Log(p.Transcript())
		}
	})
	return p
}

// within bounds a test.
func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeoutCause(t.Context(), d, fmt.Errorf("not within %s", d))
	t.Cleanup(cancel)
	return ctx
}

// pause waits for a time that the protocol sets.
func pause(ctx context.Context, t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-ctx.Done():
		t.Fatal(context.Cause(ctx))
	}
}

func port(t *testing.T) uint16 {
	t.Helper()
	p, err := peer.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// An answerer is a running `dum answer`, on UDP and TCP.
type answerer struct {
	*peer.Process
	port uint16
}

// numbers is the line that it prints on SIGUSR1 and at its end.
type numbers struct {
	Calls      int   `json:"calls"`
	Failed     int   `json:"failed"`
	Open       int   `json:"open"`
	Goroutines int   `json:"goroutines"`
	HeapBytes  int64 `json:"heap_bytes"`
}

func answer(ctx context.Context, t *testing.T, args ...string) *answerer {
	t.Helper()
	a := &answerer{port: port(t)}
	at := peer.Loopback(a.port).String()
	a.Process = run(t, command(t, append([]string{"answer", "--listen", "udp://" + at, "--listen", "tcp://" + at}, args...)...))
	for _, network := range []string{"udp", "tcp"} {
		if err := peer.WaitBound(ctx, a.Process, network, a.port); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// numbers asks for the line.
func (a *answerer) numbers(ctx context.Context, t *testing.T) numbers {
	t.Helper()
	from := a.Out.Len()
	if err := a.Signal(syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	return a.line(ctx, t, from)
}

func (a *answerer) line(ctx context.Context, t *testing.T, from int) numbers {
	t.Helper()
	line, _, err := a.Out.Find(ctx, from, func(s string) bool { return strings.HasPrefix(s, "{") })
	if err != nil {
		t.Fatalf("no line of numbers: %v\n%s", err, a.Transcript())
	}
	var n numbers
	if err := json.Unmarshal([]byte(line), &n); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return n
}

// finish ends it with SIGTERM and returns its last line.
func (a *answerer) finish(ctx context.Context, t *testing.T) numbers {
	t.Helper()
	from := a.Out.Len()
	if err := a.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	n := a.line(ctx, t, from)
	if code, err := a.Wait(ctx); err != nil || code == 66 || code < 0 {
		t.Errorf("dum answer ended with %d, %v\n%s", code, err, a.Transcript())
	}
	return n
}

// A callReport is the line of `dum call --json`.
type callReport struct {
	Calls       int            `json:"calls"`
	Answered    int            `json:"answered"`
	Failed      int            `json:"failed"`
	Failures    map[string]int `json:"failures"`
	Canceled    int            `json:"canceled"`
	EndedByPeer int            `json:"ended_by_peer"`
	Interrupted bool           `json:"interrupted"`
}

// caller starts `dum call --json`.
func caller(t *testing.T, args ...string) *peer.Process {
	t.Helper()
	return run(t, command(t, append([]string{"call", "--json"}, args...)...))
}

// called waits for its end and returns exit code and report.
func called(ctx context.Context, t *testing.T, p *peer.Process) (int, callReport) {
	t.Helper()
	code, err := p.Wait(ctx)
	if err != nil {
		t.Fatalf("%v\n%s", err, p.Transcript())
	}
	var r callReport
	if err := json.Unmarshal([]byte(p.Out.String()), &r); err != nil {
		t.Fatalf("exit code %d, no report: %v\n%s", code, err, p.Transcript())
	}
	return code, r
}

// sipp describes a run of SIPp; a scenario of ours is named like sipp/fork.xml.
func sipp(t *testing.T, scenario string) peer.SIPp {
	t.Helper()
	s := peer.SIPp{Program: peer.Need(t, "sipp"), Scenario: scenario, Dir: t.TempDir(), Local: peer.Loopback(0), MaxTime: 3 * time.Minute}
	if strings.HasSuffix(scenario, ".xml") {
		file, err := filepath.Abs(scenario)
		if err != nil {
			t.Fatal(err)
		}
		s.Scenario = file
	}
	return s
}

// listening starts SIPp as the one that is called; what it found wrong is told
// when the test fails.
func listening(ctx context.Context, t *testing.T, s *peer.SIPp) *peer.Process {
	t.Helper()
	s.Local = peer.Loopback(port(t))
	p, err := s.Listen(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Stop()
		if t.Failed() {
			t.Logf("SIPp found wrong:\n%s", s.Errors())
		}
	})
	return p
}

// fine checks that SIPp ended well and saw n calls go as its scenario says.
func fine(ctx context.Context, t *testing.T, s peer.SIPp, p *peer.Process, n int) {
	t.Helper()
	code, err := p.Wait(ctx)
	if err != nil {
		t.Fatalf("SIPp: %v\n%s", err, s.Errors())
	}
	stats, err := s.Stats()
	if err != nil {
		t.Fatal(err)
	}
	if code != 0 || !stats.OK(n) {
		t.Errorf("SIPp: exit code %d, %+v, want %d good calls\n%s", code, stats, n, s.Errors())
	}
}
