package flow

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dum/sip"
	"dum/siptest"
)

// patience is how long a command waits for what it needs: beyond 64*T1, within
// which every transaction ends.
const patience = 40 * time.Second

// run is one run of a flow, in a bubble.
type run struct {
	t      *testing.T
	ctx    context.Context
	cancel context.CancelFunc
	net    *siptest.Net
	log    record
	ladder ladder

	names []string // of the actors, in the order of the file
	holds []*siptest.Hold

	mu     sync.Mutex // what packets on their way look at too
	actors map[string]actor
	rules  []*rule

	fault    func(*siptest.Packet) siptest.Fault // of the sweep
	sweep    sweepPlan
	timeless bool // no times in what happened
}

// An actor is somebody who takes commands.
type actor interface {
	// do carries out a command whose first word is the actor's name.
	do(c command) error
	// address is where others call it.
	address() sip.URI
	// leftover tells what it still holds; "" is nothing.
	leftover() string
	close()
}

// result is what came of a run.
type result struct {
	blocks    [][]string            // what happened, by block
	outcomes  []map[string][]string // by block, from the beginning
	datagrams int
	sweep     sweepPlan
	left      []string // what was not cleaned up
}

// play runs a flow. With wait it is a run of a sweep: before a block ends, the
// outcomes of the block in the run without faults are waited for.
func play(t *testing.T, f *File, fault func(*siptest.Packet) siptest.Fault, wait []map[string][]string) (res result) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRun(t, fault)
		defer r.close()
		for i, b := range f.Blocks {
			res.blocks = append(res.blocks, r.block(f, b))
			if wait != nil {
				r.await(wait[i])
			}
			res.outcomes = append(res.outcomes, r.log.outcomes())
		}
		r.rest()
		res.left = r.leftovers()
		res.datagrams, res.sweep = r.net.Datagrams(), r.sweep
	})
	return res
}

// newRun makes a network. Close the run at the end.
func newRun(t *testing.T, fault func(*siptest.Packet) siptest.Fault) *run {
	r := &run{
		t: t, net: new(siptest.Net), actors: make(map[string]actor), fault: fault,
		ladder: ladder{names: make(map[string]string), count: make(map[string]int), seen: make(map[string]bool)},
		sweep:  defaultSweep(),
	}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	r.net.Watch(r.saw)
	r.net.Faults(r.decide)
	return r
}

// block carries out one block and returns what happened.
func (r *run) block(f *File, b Block) []string {
	begin := time.Now()
	if err := r.commands(f, b); err != nil {
		r.t.Fatalf("%v\nso far:\n%s", err, strings.Join(r.history(), "\n"))
	}
	time.Sleep(settle)
	synctest.Wait()
	if r.timeless {
		begin = time.Time{}
	}
	return format(r.log.take(), begin)
}

// commands carries out the commands of a block.
func (r *run) commands(f *File, b Block) error {
	for i, line := range b.Lead {
		c, err := parseCommand(line)
		if err == nil && len(c.words) > 0 {
			err = r.command(c)
		}
		if err != nil {
			return fmt.Errorf("%s:%d: %s: %w", f.Name, b.Line+i, strings.Join(c.words, " "), err)
		}
	}
	return nil
}

// await waits until the users have seen as many outcomes as they should, which
// may take all the time that a transaction has.
func (r *run) await(want map[string][]string) {
	enough := func() bool {
		have := r.log.outcomes()
		for name, outcomes := range want {
			if len(have[name]) < len(outcomes) {
				return false
			}
		}
		return true
	}
	for limit := time.Now().Add(3 * patience); !enough() && time.Now().Before(limit); synctest.Wait() {
		time.Sleep(10 * time.Millisecond)
	}
}

// rest waits until nothing has crossed the wire for as long as any timer runs:
// 64*T1 for a transaction, and as long again for what its end sets off.
func (r *run) rest() {
	quiet := 70 * time.Second
	last, since := -1, time.Now()
	for range 100 {
		n := len(r.history())
		if n == last && time.Since(since) >= quiet {
			return
		}
		if n != last {
			last, since = n, time.Now()
		}
		time.Sleep(quiet / 7)
		synctest.Wait()
	}
	r.t.Errorf("the network never comes to rest")
}

// history is all that has happened, in the order of writing.
func (r *run) history() []string {
	r.log.mu.Lock()
	defer r.log.mu.Unlock()
	if len(r.log.entries) == 0 {
		return nil
	}
	return format(r.log.entries, r.log.entries[0].at)
}

// leftovers tells what should have ended and has not.
func (r *run) leftovers() (left []string) {
	for _, name := range r.names {
		if s := r.actors[name].leftover(); s != "" {
			left = append(left, name+" has "+s)
		}
	}
	if s := strays(); s != "" {
		left = append(left, s)
	}
	return left
}

func (r *run) close() {
	r.cancel()
	for _, name := range slices.Backward(r.names) {
		r.actors[name].close()
	}
}

// command carries out one command.
func (r *run) command(c command) error {
	switch c.word(0) {
	case "agent", "peer", "proxy", "host":
		return r.enter(c)
	case "show":
		for _, column := range c.words[1:] {
			if !slices.Contains(columns(), column) {
				return fmt.Errorf("no column %q; there are %v", column, columns())
			}
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.ladder.show = append(r.ladder.show, c.words[1:]...)
		return c.only()
	case "sweep":
		return r.sweep.set(c)
	case "alike":
		return r.sweep.equate(c)
	case "clock":
		r.timeless = c.word(1) == "off"
		return c.only()
	case "net":
		return r.network(c)
	case "wait":
		d, err := time.ParseDuration(c.word(1))
		if err != nil {
			return err
		}
		time.Sleep(d)
		synctest.Wait()
		return c.only()
	}
	a, err := r.who(c.word(0))
	if err != nil {
		return err
	}
	return a.do(c)
}

// enter adds an actor.
func (r *run) enter(c command) (err error) {
	name := c.word(1)
	if _, err := r.who(name); name == "" || err == nil {
		return fmt.Errorf("%s needs a name of its own", c.word(0))
	}
	host := r.net.Host(name, fmt.Sprintf("192.0.2.%d", 11+len(r.names)))
	var a actor
	switch c.word(0) {
	case "agent":
		a, err = r.newAgent(name, host, c)
	case "peer":
		a, err = r.newPeer(name, host, c)
	case "proxy":
		a, err = r.newProxy(name, host, c)
	case "host":
		a = nobody{name, host}
	}
	if err != nil {
		return err
	}
	r.names = append(r.names, name)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ladder.hosts = append(r.ladder.hosts, host)
	r.actors[name] = a
	return nil
}

// who finds an actor by name.
func (r *run) who(name string) (actor, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if a := r.actors[name]; a != nil {
		return a, nil
	}
	return nil, fmt.Errorf("nobody is called %q", name)
}

// hostURI is the address of somebody on a host.
func hostURI(name string, h *siptest.Host, over string) sip.URI {
	u := sip.URI{Scheme: "sip", User: name, Host: h.Addr().String()}
	if over == "tcp" {
		u.Params = u.Params.With("transport", "tcp")
	}
	return u
}

// nobody is an address where nobody is.
type nobody struct {
	name string
	host *siptest.Host
}

func (n nobody) do(c command) error { return fmt.Errorf("nobody is at %s", n.name) }
func (n nobody) address() sip.URI   { return hostURI(n.name, n.host, "") }
func (n nobody) leftover() string   { return "" }
func (n nobody) close()             {}
