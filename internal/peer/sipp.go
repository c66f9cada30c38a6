package peer

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// SIPp describes one run of SIPp. It leaves its log files in Dir.
type SIPp struct {
	Program  string // path of sipp
	Scenario string // a file that ends in .xml, else the name of a built-in one
	Dir      string // for log and statistics files
	Remote   netip.AddrPort
	// Local is where it listens and sends from; a zero port lets it choose.
	Local     netip.AddrPort
	Transport string // "u1" (the default), "t1", "tn", …
	Calls     int    // ends after so many calls; 0: when stopped
	Rate      int    // calls per second, 0 for SIPp's default
	Limit     int    // calls open at once, 0 for no limit of ours
	// MaxTime ends a run that hangs, with an error.
	MaxTime time.Duration
	Args    []string // whatever else
}

// Command returns the command of the run.
func (s SIPp) Command() *exec.Cmd {
	var args []string
	if s.Remote.IsValid() {
		args = append(args, s.Remote.String())
	}
	if strings.HasSuffix(s.Scenario, ".xml") {
		args = append(args, "-sf", s.Scenario)
	} else {
		args = append(args, "-sn", s.Scenario)
	}
	args = append(args,
		"-i", s.Local.Addr().String(), "-bind_local",
		"-nostdin", "-trace_stat", "-stf", s.statFile(), "-fd", "1",
		"-trace_err", "-error_file", s.errorFile(),
		// A busy machine is no reason to end a run.
		"-watchdog_minor_maxtriggers", "1000000", "-watchdog_major_maxtriggers", "1000000",
	)
	if s.Local.Port() != 0 {
		args = append(args, "-p", strconv.Itoa(int(s.Local.Port())))
	}
	if s.Transport != "" {
		args = append(args, "-t", s.Transport)
	}
	for _, n := range []struct {
		flag  string
		value int
	}{{"-m", s.Calls}, {"-r", s.Rate}, {"-l", s.Limit}, {"-timeout", int(s.MaxTime / time.Second)}} {
		if n.value > 0 {
			args = append(args, n.flag, strconv.Itoa(n.value))
		}
	}
	if s.MaxTime > 0 {
		args = append(args, "-timeout_error")
	}
	cmd := exec.Command(s.Program, append(args, s.Args...)...)
	cmd.Dir = s.Dir
	cmd.Env = append(os.Environ(), "TERM=dumb")
	return cmd
}

func (s SIPp) statFile() string  { return filepath.Join(s.Dir, "stat.csv") }
func (s SIPp) errorFile() string { return filepath.Join(s.Dir, "errors.log") }

// Errors returns the start of what SIPp found wrong: unexpected messages and
// the like; "" when nothing was.
func (s SIPp) Errors() string {
	b, err := os.ReadFile(s.errorFile())
	if err != nil {
		return "" // it writes the file at the first error
	}
	const most = 6 << 10
	return string(b[:min(len(b), most)])
}

// Listen starts SIPp as the one that is called, and waits until it can be.
func (s SIPp) Listen(ctx context.Context) (*Process, error) {
	p, err := Start(s.Command())
	if err != nil {
		return nil, err
	}
	network := "udp"
	if strings.HasPrefix(s.Transport, "t") {
		network = "tcp"
	}
	if err := WaitBound(ctx, p, network, s.Local.Port()); err != nil {
		p.Stop()
		return nil, err
	}
	return p, nil
}

// SIPpStats is what a run of SIPp counted, from its statistics file.
type SIPpStats struct {
	Created, Succeeded, Failed int
	Retransmissions            int // messages that SIPp sent again
	Unexpected                 int // calls that failed for a message out of place
	OutOfCall                  int // messages that belonged to no call
	DeadCall                   int // messages for a call that was over
	Warnings, FatalErrors      int
	Current                    int // calls open
}

// OK tells that every one of n calls went as the scenario says, and that
// nothing arrived which it does not know of.
func (s SIPpStats) OK(n int) bool {
	return s.Created == n && s.Succeeded == n && s.Failed == 0 && s.Unexpected == 0 &&
		s.OutOfCall == 0 && s.FatalErrors == 0
}

// Stats reads the last line of the statistics file.
func (s SIPp) Stats() (SIPpStats, error) {
	f, err := os.Open(s.statFile())
	if err != nil {
		return SIPpStats{}, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = ';', -1, true
	rows, err := r.ReadAll()
	if err != nil {
		return SIPpStats{}, err
	}
	if len(rows) < 2 {
		return SIPpStats{}, errors.New("peer: no line in SIPp's statistics yet")
	}
	head, last := rows[0], rows[len(rows)-1]
	var bad error
	get := func(name string) int {
		for i, h := range head {
			if h == name && i < len(last) {
				n, err := strconv.Atoi(last[i])
				if err != nil {
					bad = fmt.Errorf("peer: SIPp's statistics: %s: %w", name, err)
				}
				return n
			}
		}
		bad = fmt.Errorf("peer: SIPp's statistics have no %s", name)
		return 0
	}
	out := SIPpStats{
		Created:         get("TotalCallCreated"),
		Succeeded:       get("SuccessfulCall(C)"),
		Failed:          get("FailedCall(C)"),
		Retransmissions: get("Retransmissions(C)"),
		Unexpected:      get("FailedUnexpectedMessage(C)"),
		OutOfCall:       get("OutOfCallMsgs(C)"),
		DeadCall:        get("DeadCallMsgs(C)"),
		Warnings:        get("Warnings(C)"),
		FatalErrors:     get("FatalErrors(C)"),
		Current:         get("CurrentCall"),
	}
	return out, bad
}
