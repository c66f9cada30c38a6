package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"dum/internal/peer"
)

// A load is one run of SIPp against one subject.
type load struct {
	subject string
	rate    int
	calls   int
	stats   peer.SIPpStats
	cost    cpuTime // while calls came
	after   cpuTime // until the timers of the last transaction were over
	sipp    time.Duration
	dropped int // datagrams that the kernel dropped for want of buffer
}

func (l load) perCall() time.Duration {
	return (l.cost.total() + l.after.total()) / time.Duration(l.calls)
}

// cpu measures every subject at every rate and prints the table.
func (p *plan) cpu(ctx context.Context, subjects []subject) error {
	fmt.Fprintf(p.out, "\n## CPU of the answering process\n\n"+
		"INVITE-200-ACK-BYE-200 over loopback UDP, %d s at each rate, SIPp's built-in uac. CPU is user and system time\n"+
		"of the answering process, from its start of load until %s after the last call.\n\n", p.seconds, p.settle)
	w := tabwriter.NewWriter(p.out, 0, 0, 1, ' ', 0)
	fmt.Fprintln(w, "| process\t| calls/s\t| calls\t| failed\t| sent again\t| dropped\t| CPU µs/call\t| user\t| system\t| after the last\t| × floor\t| SIPp µs/call\t|")
	fmt.Fprintln(w, "|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|")
	floor := map[int]time.Duration{}
	for _, rate := range p.rates {
		for _, s := range subjects {
			l, err := p.load(ctx, s, rate)
			if err != nil {
				return fmt.Errorf("%s at %d/s: %w", s.name, rate, err)
			}
			ratio := "-"
			if s.name == "floor" {
				floor[rate] = l.perCall()
			} else if f := floor[rate]; f > 0 {
				ratio = fmt.Sprintf("%.2f", float64(l.perCall())/float64(f))
			}
			per := func(d time.Duration) string { return micros(d / time.Duration(l.calls)) }
			fmt.Fprintf(w, "| %s\t| %d\t| %d\t| %d\t| %d\t| %d\t| %s\t| %s\t| %s\t| %s\t| %s\t| %s\t|\n",
				l.subject, l.rate, l.calls, l.stats.Failed, l.stats.Retransmissions, l.dropped,
				micros(l.perCall()), per(l.cost.user+l.after.user), per(l.cost.system+l.after.system), per(l.after.total()),
				ratio, per(l.sipp))
		}
	}
	return w.Flush()
}

// load drives one subject at one rate.
func (p *plan) load(ctx context.Context, s subject, rate int) (load, error) {
	l := load{subject: s.name, rate: rate, calls: rate * p.seconds}
	proc, port, err := s.start(ctx)
	if err != nil {
		return l, err
	}
	defer proc.Stop()
	// A warm-up pays for page faults, the growth of tables and the first GC.
	if _, err := p.call(ctx, port, 500, 500); err != nil {
		return l, fmt.Errorf("warm-up: %w", err)
	}
	drops := bufferErrors()
	before, err := processTime(proc.PID())
	if err != nil {
		return l, err
	}
	run, err := p.call(ctx, port, l.calls, rate)
	if err != nil {
		return l, err
	}
	l.stats, l.sipp = run.stats, run.cpu
	mid, err := processTime(proc.PID())
	if err != nil {
		return l, err
	}
	if err := pause(ctx, p.settle); err != nil {
		return l, err
	}
	end, err := processTime(proc.PID())
	if err != nil {
		return l, err
	}
	l.cost, l.after, l.dropped = mid.minus(before), end.minus(mid), bufferErrors()-drops
	return l, nil
}

// A sippRun is what SIPp did.
type sippRun struct {
	stats peer.SIPpStats
	cpu   time.Duration // of SIPp itself
}

// sippUAC describes a run of the built-in caller.
func (p *plan) sippUAC(port uint16, calls, rate int, args ...string) (peer.SIPp, error) {
	dir, err := os.MkdirTemp(p.dir, "sipp")
	return peer.SIPp{
		Program: p.sipp, Scenario: "uac", Dir: dir, Local: peer.Loopback(0), Remote: peer.Loopback(port),
		Calls: calls, Rate: rate, Limit: max(calls, 1),
		MaxTime: time.Duration(calls/rate)*time.Second + 3*time.Minute,
		Args:    append([]string{"-buff_size", "4000000"}, args...),
	}, err
}

// call places calls with SIPp and waits for their end. Calls that fail are a
// result, not an error.
func (p *plan) call(ctx context.Context, port uint16, calls, rate int) (sippRun, error) {
	var run sippRun
	s, err := p.sippUAC(port, calls, rate)
	if err != nil {
		return run, err
	}
	proc, err := p.startSIPp(s)
	if err != nil {
		return run, err
	}
	defer proc.Stop()
	code, err := proc.Wait(ctx)
	if err != nil {
		return run, err
	}
	state := proc.Cmd.ProcessState
	run.cpu = state.UserTime() + state.SystemTime()
	if run.stats, err = s.Stats(); err != nil {
		return run, fmt.Errorf("exit code %d: %w\n%s", code, err, s.Errors())
	}
	if run.stats.Created < calls {
		return run, fmt.Errorf("SIPp placed %d of %d calls, exit code %d\n%s", run.stats.Created, calls, code, s.Errors())
	}
	return run, nil
}

// startSIPp starts SIPp with its screens going to a file.
func (p *plan) startSIPp(s peer.SIPp) (*peer.Process, error) {
	screen, err := os.Create(filepath.Join(s.Dir, "screen.log"))
	if err != nil {
		return nil, err
	}
	defer screen.Close() // the child has its own copy
	cmd := s.Command()
	cmd.Stdout = screen
	return peer.Start(cmd)
}

func micros(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d)/float64(time.Microsecond)) }
