// Command run measures what a call costs: CPU of the answering process, heap
// and goroutines of calls that are held, beside the floor (bench/floor) in the
// same run, and then the Go benchmarks of the packages. It prints tables in
// Markdown. `make bench` runs it from the root of the module.
//
// SIPp is the caller. All traffic stays on the loopback address; every run has
// a fixed number of calls and ends by itself.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"dum/internal/peer"
)

// plan is what to measure.
type plan struct {
	rates   []int
	seconds int           // length of each run at a rate
	held    int           // calls held for the heap
	settle  time.Duration // until the timers of finished transactions are over
	only    string        // one subject alone
	gobench bool
	sipp    string // path of the program
	dir     string // scratch
	out     io.Writer
}

func main() {
	var p plan
	rates := flag.String("rates", "1000,2000", "calls per second, comma separated")
	flag.IntVar(&p.seconds, "seconds", 20, "seconds of load at each rate")
	flag.IntVar(&p.held, "held", 10000, "calls to hold for the heap; 0 leaves that out")
	flag.DurationVar(&p.settle, "settle", 34*time.Second, "wait for the transaction timers (64*T1 is 32s) before a process counts as idle")
	flag.StringVar(&p.only, "only", "", "measure only `floor` or dum")
	flag.BoolVar(&p.gobench, "go", true, "run the Go benchmarks too")
	flag.Parse()
	p.out = os.Stdout

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := p.run(ctx, *rates); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func (p *plan) run(ctx context.Context, rates string) error {
	for r := range strings.SplitSeq(rates, ",") {
		n, err := strconv.Atoi(r)
		if err != nil || n <= 0 {
			return fmt.Errorf("not a rate: %q", r)
		}
		p.rates = append(p.rates, n)
	}
	var err error
	if p.sipp, err = exec.LookPath("sipp"); err != nil {
		return errors.New("sipp is not in PATH; scripts/install-peers installs it")
	}
	if p.dir, err = os.MkdirTemp("", "dum-bench"); err != nil {
		return err
	}
	defer os.RemoveAll(p.dir)

	fmt.Fprint(p.out, host())
	subjects, err := p.build(ctx)
	if err != nil {
		return err
	}
	if err := p.cpu(ctx, subjects); err != nil {
		return err
	}
	if p.held > 0 {
		if err := p.hold(ctx, subjects); err != nil {
			return err
		}
	}
	if p.gobench {
		return p.goBenchmarks(ctx)
	}
	return nil
}

// A subject is a process that answers calls on an address.
type subject struct {
	name    string
	command func(listen string) *exec.Cmd
	reports bool // it prints a line of numbers on SIGUSR1
}

// build compiles the subjects, the floor first. The floor gives the very
// answers of `dum answer`, so that the messages have the same size.
func (p *plan) build(ctx context.Context) ([]subject, error) {
	floor, dum := filepath.Join(p.dir, "floor"), filepath.Join(p.dir, "dum")
	var subjects []subject
	var args []string
	if p.only != "floor" {
		if err := goBuild(ctx, dum, "./cmd/dum"); err != nil {
			return nil, err
		}
		s := subject{"dum answer", func(listen string) *exec.Cmd {
			return exec.Command(dum, "answer", "--listen", "udp://"+listen)
		}, true}
		subjects = append(subjects, s)
		file := filepath.Join(p.dir, "answers.json")
		if err := p.copyAnswers(ctx, s, file); err != nil {
			return nil, fmt.Errorf("asking dum answer for its answers: %w", err)
		}
		args = []string{"-answers", file}
	}
	if p.only != "dum" {
		if err := goBuild(ctx, floor, "./bench/floor"); err != nil {
			return nil, err
		}
		s := subject{"floor", func(listen string) *exec.Cmd {
			return exec.Command(floor, append([]string{"-listen", listen}, args...)...)
		}, false}
		subjects = append([]subject{s}, subjects...)
	}
	return subjects, nil
}

func goBuild(ctx context.Context, to, pkg string) error {
	out, err := exec.CommandContext(ctx, "go", "build", "-o", to, pkg).CombinedOutput()
	if err != nil {
		return fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
	}
	return nil
}

// start runs a subject on a free port.
func (s subject) start(ctx context.Context) (*peer.Process, uint16, error) {
	port, err := peer.FreePort()
	if err != nil {
		return nil, 0, err
	}
	proc, err := peer.Start(s.command(peer.Loopback(port).String()))
	if err != nil {
		return nil, 0, err
	}
	if err := peer.WaitBound(ctx, proc, "udp", port); err != nil {
		proc.Stop()
		return nil, 0, err
	}
	return proc, port, nil
}

// pause waits, unless the run is interrupted.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
