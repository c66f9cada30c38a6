package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"iter"
	"maps"
	"strings"
	"sync"
	"sync/atomic"

	"dum/internal/machine/txn"
	"dum/resolve"
	"dum/sip"
	"dum/trace"
	"dum/transport"
)

// A Stack is a SIP stack: make one with [New], open listening points with
// [Stack.Listen], and close it when done. Two stacks in one process share
// nothing. Its methods may be called from any goroutine.
type Stack struct {
	acceptor   Acceptor
	transports map[string]transport.Transport // by name
	resolver   resolve.Resolver
	timers     txn.Timers
	limits     sip.Limits
	advertise  map[string]Advertise
	maxStrands int64
	overload   *sip.Status
	trace      *trace.Tracer
	seed       maphash.Seed

	txs    *txTable                   // transactions
	sets   *sharded[Key, bound]       // strands by the name of their dialog set
	merged *sharded[uint64, struct{}] // server transactions by what merged requests share
	flows  *flowTable                 // client transactions by flow
	roll   roll                       // all strands
	sexton sexton                     // tombstones
	names  names

	listening listening
	buffers   buffers
	stats     stats

	tasks   tasks
	closing atomic.Bool
	once    sync.Once
	err     error // of Close
}

// bound is a strand under one of its names.
type bound struct {
	strand *Strand
	tu     TU
}

// retryAfter is what an overloaded stack asks for, in seconds.
const retryAfter = "5"

// New makes a stack. Requests that open something new go to a.
func New(cfg Config, a Acceptor) (*Stack, error) {
	if a == nil {
		return nil, errors.New("stack: no acceptor")
	}
	seed := maphash.MakeSeed()
	s := &Stack{
		acceptor:   a,
		transports: make(map[string]transport.Transport),
		resolver:   cfg.Resolver,
		timers:     cfg.Timers.resolved(),
		limits:     cfg.Limits,
		advertise:  maps.Clone(cfg.Advertise),
		maxStrands: limit(cfg.MaxStrands, 1_000_000),
		// RFC 3261 §21.5.4: "The server MAY indicate when the client should retry the
		// request in a Retry-After header field."
		overload: sip.NewStatus(503, "Overloaded").With("Retry-After", retryAfter),
		trace:    cfg.Trace,
		seed:     seed,
		txs:      newTxTable(seed),
		sets:     newSharded[Key, bound](seed),
		merged:   newSharded[uint64, struct{}](seed),
		flows:    newFlowTable(seed),
	}
	s.sexton.set(s.timers.T4, s.timers.Long(), s.timers.D, limit(cfg.MaxTombstones, 1_000_000))
	if s.resolver == nil {
		s.resolver = &resolve.Hosts{}
	}
	trs := cfg.Transports
	if trs == nil {
		trs = []transport.Transport{
			transport.NewUDP(transport.UDPOptions{Trace: cfg.Trace}),
			transport.NewTCP(transport.TCPOptions{Trace: cfg.Trace, Limits: cfg.Limits}),
		}
	}
	for _, tr := range trs {
		name := tr.Network().Name
		if s.transports[name] != nil {
			return nil, fmt.Errorf("stack: two transports for %s", name)
		}
		s.transports[name] = tr
	}
	return s, nil
}

// Timers are the transaction timers, with the defaults filled in.
func (s *Stack) Timers() Timers { return Timers(s.timers) }

// Trace is where the events go; nil is off.
func (s *Stack) Trace() *trace.Tracer { return s.trace }

// Find returns the TU of the strand that is bound to k, nil if there is none.
func (s *Stack) Find(k Key) TU {
	b, _ := s.sets.get(k)
	return b.tu
}

// Users yields the TU of every strand that is bound, one for each name it has.
// It holds no lock meanwhile; strands come and go.
func (s *Stack) Users() iter.Seq[TU] {
	return func(yield func(TU) bool) {
		for _, b := range s.sets.all() {
			if !yield(b.tu) {
				return
			}
		}
	}
}

// Resolve finds where a request goes. An address is answered at once, a name
// may block: never call it in a turn.
func (s *Stack) Resolve(ctx context.Context, q resolve.Query) ([]resolve.Target, error) {
	if targets, ok := resolve.Numeric(q); ok {
		return targets, nil
	}
	return s.resolver.Resolve(ctx, q)
}

// Flow returns the way to a target: a flow that is there, or a new one. It
// never blocks; should a connection not come up, the transactions that were
// sent on it hear of it.
func (s *Stack) Flow(to resolve.Target) (transport.Flow, error) {
	if s.closing.Load() {
		return nil, ErrClosed
	}
	tr := s.transports[to.Network]
	if tr == nil {
		if tr = s.transports[strings.ToUpper(to.Network)]; tr == nil {
			return nil, fmt.Errorf("%w: %q", ErrNoTransport, to.Network)
		}
	}
	return tr.Flow(transport.Destination{Remote: to.Addr, ServerName: to.ServerName}, (*receiver)(s))
}

// Close ends the stack at once: every strand hears ErrClosed as its fault, the
// transports close, and when Close returns no goroutine of the stack is left.
// It must not be called in a turn. Later calls wait for the first.
func (s *Stack) Close() error {
	s.once.Do(func() {
		s.closing.Store(true)
		s.endStrands()
		for _, tr := range s.transports {
			s.err = cmp.Or(s.err, tr.Close())
		}
		// What readers and users began meanwhile.
		s.endStrands()
		s.sexton.dismiss()
		s.tasks.close()
	})
	return s.err
}

func (s *Stack) endStrands() {
	for st := range s.roll.all() {
		st.post(event{kind: evEnd})
	}
}
