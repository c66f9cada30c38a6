package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"syscall"
	"time"

	"dum/internal/peer"
)

// numbers is the line that `dum answer` prints on SIGUSR1 and at its end.
type numbers struct {
	Calls      int   `json:"calls"`
	Failed     int   `json:"failed"`
	Open       int   `json:"open"`
	Goroutines int   `json:"goroutines"`
	HeapBytes  int64 `json:"heap_bytes"`
}

// ask makes a process print its numbers and reads them.
func ask(ctx context.Context, proc *peer.Process) (numbers, error) {
	var n numbers
	from := proc.Out.Len()
	if err := proc.Signal(syscall.SIGUSR1); err != nil {
		return n, err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	line, _, err := proc.Out.Find(ctx, from, func(s string) bool { return strings.HasPrefix(s, "{") })
	if err != nil {
		return n, fmt.Errorf("no numbers on SIGUSR1: %w\n%s", err, proc.Transcript())
	}
	return n, json.Unmarshal([]byte(line), &n)
}

// hold opens many calls, leaves them open, and compares memory and goroutines.
func (p *plan) hold(ctx context.Context, subjects []subject) error {
	for _, s := range subjects {
		if !s.reports {
			continue
		}
		if err := p.holdOne(ctx, s); err != nil {
			return fmt.Errorf("holding calls: %w", err)
		}
	}
	return nil
}

func (p *plan) holdOne(ctx context.Context, s subject) error {
	proc, port, err := s.start(ctx)
	if err != nil {
		return err
	}
	defer proc.Stop()
	if _, err := p.call(ctx, port, 500, 500); err != nil {
		return fmt.Errorf("warm-up: %w", err)
	}
	if err := pause(ctx, p.settle); err != nil {
		return err
	}
	idle, err := ask(ctx, proc)
	if err != nil {
		return err
	}
	idleRSS := residentBytes(proc.PID())

	// Each call lasts until all are open, have settled, and have been looked at.
	const rate = 500
	opening := time.Duration(p.held/rate+1) * time.Second
	last := opening + p.settle + 15*time.Second
	uac, err := p.sippUAC(port, p.held, rate, "-d", fmt.Sprint(last.Milliseconds()))
	if err != nil {
		return err
	}
	client, err := p.startSIPp(uac)
	if err != nil {
		return err
	}
	defer client.Stop()
	if err := pause(ctx, opening); err != nil {
		return err
	}
	var open numbers
	for until := time.Now().Add(10 * time.Second); ; {
		if open, err = ask(ctx, proc); err != nil {
			return err
		}
		if open.Open >= p.held {
			break
		}
		if time.Now().After(until) {
			return fmt.Errorf("%d of %d calls are open\n%s", open.Open, p.held, uac.Errors())
		}
		if err := pause(ctx, 250*time.Millisecond); err != nil {
			return err
		}
	}
	if err := pause(ctx, p.settle); err != nil {
		return err
	}
	settled, err := ask(ctx, proc)
	if err != nil {
		return err
	}
	heldRSS := residentBytes(proc.PID())
	if _, err := client.Wait(ctx); err != nil {
		return err
	}
	stats, err := uac.Stats()
	if err != nil {
		return err
	}
	if err := pause(ctx, p.settle); err != nil {
		return err
	}
	done, err := ask(ctx, proc)
	if err != nil {
		return err
	}

	fmt.Fprintf(p.out, "\n## %d calls held by %s\n\n", p.held, s.name)
	fmt.Fprintln(p.out, "| when | open | goroutines | heap bytes | heap per held call |")
	fmt.Fprintln(p.out, "|---|---|---|---|---|")
	for _, row := range []struct {
		when string
		n    numbers
	}{
		{"idle, after a warm-up", idle},
		{"all open just now", open},
		{fmt.Sprintf("all open for %s", p.settle), settled},
		{fmt.Sprintf("%s after the last BYE", p.settle), done},
	} {
		per := "-"
		if row.n.Open > 0 {
			per = fmt.Sprint((row.n.HeapBytes - idle.HeapBytes) / int64(row.n.Open))
		}
		fmt.Fprintf(p.out, "| %s | %d | %d | %d | %s |\n", row.when, row.n.Open, row.n.Goroutines, row.n.HeapBytes, per)
	}
	fmt.Fprintf(p.out, "\nResident memory per held call: %d bytes. SIPp: %d failed, %d messages sent again.\n",
		(heldRSS-idleRSS)/int64(p.held), stats.Failed, stats.Retransmissions)
	return nil
}
