package dialog

import (
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"dum/profile"
	"dum/sip"
	"dum/stack"
	"dum/trace"
)

// A Config is what a [Manager] is made of. The zero Config works: a stack of
// its own over UDP and TCP that has yet to be told where to listen.
type Config struct {
	// Stack configures the SIP stack that the manager makes. Its Trace is the
	// manager's too.
	Stack stack.Config
	// Profile holds the settings of requests that no user agent claims; nil is
	// the zero profile.
	Profile *profile.Profile
	// ProfileFor picks the settings for a request that opens a set; nil, or a
	// nil answer, means Profile. It is called on the reader's goroutine: it must
	// be quick and must not block.
	ProfileFor func(req *sip.Message) *profile.Profile
	// NewValue makes the application's own value of a set, see [Set.Value].
	NewValue func(s *Set) any
	// Schemes are the Request-URI schemes that are served; nil: sip, sips, tel.
	Schemes []string
	// Supported are the option tags of extensions that the application speaks
	// on top of those of the usages.
	Supported []string
	// Accept lists the media types that requests of a method may carry; a
	// method that is missing may carry any. nil: application/sdp for INVITE,
	// UPDATE and PRACK, alone or in multipart/mixed and multipart/alternative (RFC
	// 5621).
	Accept map[sip.Method][]string
	// MaxForks bounds the dialogs of one set, of which each fork that answers a
	// request of ours makes one, so that a peer who invents To tags cannot make
	// us keep them all. See [Set.UACDialog] for what becomes of the others.
	// Default 64; negative: no bound.
	MaxForks int
}

const defaultMaxForks = 64

// A Manager keeps all dialog sets of one stack. Its methods may be called from
// any goroutine, but for [Manager.Handle] and [Manager.Support], which belong
// before the first [Manager.Listen].
type Manager struct {
	stack      *stack.Stack
	trace      *trace.Tracer
	profile    *profile.Profile
	profileFor func(*sip.Message) *profile.Profile
	newValue   func(*Set) any

	// Frozen when the first listening point opens.
	openers   map[sip.Method]Opener
	closed    []sip.Method // known within dialogs, but nobody opens a set for them
	methods   []sip.Method
	allow     string
	schemes   []string
	supported []string
	accept    map[sip.Method][]string
	maxForks  int

	sets     atomic.Int64
	draining atomic.Bool
	empty    sync.Once     // closes drained
	drained  chan struct{} // closed when a draining manager has no set left
	lookups  lookups
}

// NewManager makes a manager and its stack.
func NewManager(cfg Config) (*Manager, error) {
	m := &Manager{
		trace:      cfg.Stack.Trace,
		profile:    cfg.Profile,
		profileFor: cfg.ProfileFor,
		newValue:   cfg.NewValue,
		openers:    make(map[sip.Method]Opener),
		schemes:    cfg.Schemes,
		supported:  slices.Clone(cfg.Supported),
		accept:     cfg.Accept,
		maxForks:   cfg.MaxForks,
		drained:    make(chan struct{}),
	}
	switch {
	case m.maxForks == 0:
		m.maxForks = defaultMaxForks
	case m.maxForks < 0:
		m.maxForks = math.MaxInt
	}
	if m.profile == nil {
		m.profile = &profile.Profile{}
	}
	if m.schemes == nil {
		m.schemes = []string{"sip", "sips", "tel"}
	}
	if m.accept == nil {
		sdp := []string{"application/sdp", "multipart/mixed", "multipart/alternative"}
		m.accept = map[sip.Method][]string{sip.INVITE: sdp, sip.UPDATE: sdp, sip.PRACK: sdp}
	}
	var err error
	if m.stack, err = stack.New(cfg.Stack, (*acceptor)(m)); err != nil {
		return nil, err
	}
	m.lookups.init()
	return m, nil
}

// Stack is the stack below.
func (m *Manager) Stack() *stack.Stack { return m.stack }

// Trace is where events go; nil is off.
func (m *Manager) Trace() *trace.Tracer { return m.trace }

// Profile holds the manager's own settings.
func (m *Manager) Profile() *profile.Profile { return m.profile }

// Handle says who opens a set for requests of a method that have no To tag, and
// which other methods then live in its dialogs. All of them appear in Allow;
// what is not there is answered with 405. A nil o takes the method within
// dialogs only: outside it is answered with 405 as well.
func (m *Manager) Handle(method sip.Method, o Opener, within ...sip.Method) {
	if o != nil {
		m.openers[method] = o
	} else {
		m.closed = append(m.closed, method)
	}
	for _, known := range append(within, method) {
		if !slices.Contains(m.methods, known) {
			m.methods = append(m.methods, known)
		}
	}
	m.allow = listOf(m.methods, nil)
}

// listOf is a list of methods for Allow, without some of them.
func listOf(methods, without []sip.Method) string {
	var names []string
	for _, method := range methods {
		if !slices.Contains(without, method) {
			names = append(names, string(method))
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// Support adds option tags that a usage speaks.
func (m *Manager) Support(tags ...string) {
	for _, tag := range tags {
		if !slices.Contains(m.supported, tag) {
			m.supported = append(m.supported, tag)
		}
	}
}

// Allows tells whether a method has a usage here.
func (m *Manager) Allows(method sip.Method) bool { return slices.Contains(m.methods, method) }

// Allow is the value of our Allow header.
func (m *Manager) Allow() string { return m.allow }

// Sets counts the sets that have not ended.
func (m *Manager) Sets() int { return int(m.sets.Load()) }

// capabilities writes what we speak into a message (RFC 3261 §13.2.1), unless
// it says so already.
func (m *Manager) capabilities(msg *sip.Message) {
	if m.allow != "" && !sip.Allow.Has(msg) {
		sip.Named("Allow").Set(msg, m.allow)
	}
	if len(m.supported) > 0 && !sip.Supported.Has(msg) {
		sip.Named("Supported").Set(msg, strings.Join(m.supported, ", "))
	}
}

// Capabilities fills resp, a 200 to OPTIONS, with all that we can do, and
// returns it.
//
// RFC 3261 §11.2: "Allow, Accept, Accept-Encoding, Accept-Language, and
// Supported header fields SHOULD be present in a 200 (OK) response to an
// OPTIONS request."
func (m *Manager) Capabilities(resp *sip.Message) *sip.Message {
	m.capabilities(resp)
	if !sip.Supported.Has(resp) {
		sip.Named("Supported").Set(resp, "")
	}
	types := slices.Sorted(maps.Keys(m.accept))
	var all []string
	for _, method := range types {
		for _, t := range m.accept[method] {
			if !slices.Contains(all, t) {
				all = append(all, t)
			}
		}
	}
	sip.Named("Accept").Set(resp, strings.Join(all, ", "))
	sip.Named("Accept-Encoding").Set(resp, "identity")
	sip.Named("Accept-Language").Set(resp, "en")
	return resp
}

// NewSet makes the set of a user agent client, with a fresh Call-ID and tag.
// The caller's first turn must send a request or add a usage, else the set
// ends with that turn; a set that is never given a turn is never freed. A nil
// profile is the manager's own. The error is ErrShutdown.
func (m *Manager) NewSet(p *profile.Profile) (*Set, error) {
	s := m.newSet(p, Key{CallID: sip.NewCallID(), Tag: sip.NewTag()})
	if !m.open(s, time.Now()) {
		return nil, ErrShutdown
	}
	return s, nil
}

func (m *Manager) newSet(p *profile.Profile, k Key) *Set {
	if p == nil {
		p = m.profile
	}
	return &Set{manager: m, profile: p, key: k}
}

// open makes s known to the stack and counts it, unless the manager is shutting
// down. The order matters: s is counted and can be found before it asks whether
// the manager drains, and Shutdown says so before it counts and looks. So
// either s sees that, or Shutdown sees s.
func (m *Manager) open(s *Set, at time.Time) bool {
	if m.draining.Load() {
		return false
	}
	m.sets.Add(1)
	if m.trace.On() {
		m.trace.Record(at, trace.SetOpened{CallID: s.key.CallID, LocalTag: s.key.Tag})
	}
	s.strand = m.stack.NewStrand((*tu)(s))
	if s.bind() && !m.draining.Load() {
		return true
	}
	s.strand.Do(func(t *Turn) { s.end(t, ErrShutdown) })
	return false
}

// bind gives the strand its name, in a turn: the stack knows the strand already
// and may end it at the same time. That is all that can hold the turn up, and
// then there is nothing to wait for.
func (s *Set) bind() bool {
	s.strand.Do(func(t *Turn) {
		if !s.closed && t.Strand().Bind(s.key) && !s.bound.CompareAndSwap(undecided, bound) {
			s.end(t, ErrShutdown)
		}
	})
	return !s.bound.CompareAndSwap(undecided, unbound)
}

// The states of Set.bound.
const (
	undecided int32 = iota
	bound
	unbound
)

// ended takes a set out of the count.
func (m *Manager) ended() {
	if m.sets.Add(-1) == 0 && m.draining.Load() {
		m.signal()
	}
}

// signal tells everybody in Shutdown that the last set is gone. That is final:
// a set that opens now is refused.
func (m *Manager) signal() { m.empty.Do(func() { close(m.drained) }) }
