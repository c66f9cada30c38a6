// Package trace is the sight of the stack: typed events of everything that
// happens, and sinks that print, store or count them.
//
// Nothing in the stack writes logs. It records events; a sink decides what
// becomes of them. Without a sink an event is never even built: callers ask
// [Tracer.On] first, and a nil *Tracer answers false.
//
// The sinks of this package: [NewLadder] draws the messages as arrows, [Pcap]
// writes them to a file for Wireshark, [JSON] and [Slog] write every event, and
// [Recorder] keeps events for tests. One that writes does so within a tenth of a
// second and may wait for its writer, which should be a file or a terminal and
// not a slow network. Passwords are masked in all that show text ([Redact]).
package trace

import (
	"net/netip"
	"time"

	"dum/sip"
)

// An Event is something that happened. The types of this package are the
// events of the stack; a usage from outside may record types of its own.
type Event interface {
	// EventName is a short stable name, such as "message-in".
	EventName() string
}

// A Sink takes events. Record is called from many goroutines at once, often
// within a turn, so it must be quick, must not block, and must not call back
// into the stack. The event and all it points to must not be changed.
type Sink interface {
	Record(at time.Time, ev Event)
}

// A Tracer hands events to its sinks. The nil Tracer is valid and off.
type Tracer struct{ sinks []Sink }

// New returns a tracer that feeds the sinks in order; nil when there are none.
func New(sinks ...Sink) *Tracer {
	if len(sinks) == 0 {
		return nil
	}
	return &Tracer{sinks: sinks}
}

// On tells whether anybody listens. Ask it before an event is built.
func (t *Tracer) On() bool { return t != nil }

// Record hands ev to every sink. On a nil tracer it does nothing.
func (t *Tracer) Record(at time.Time, ev Event) {
	if t == nil {
		return
	}
	for _, s := range t.sinks {
		s.Record(at, ev)
	}
}

// A Path tells over what a message travelled.
type Path struct {
	Network string // the Via transport token: "UDP", "TCP", …
	// Local is our end; its IP may be unspecified for a socket that is bound to
	// every address, its port 0 for a connection that is coming up. Remote is the
	// peer; a listening point has none.
	Local, Remote netip.AddrPort
}

// MessageIn is a message that arrived and could be parsed.
type MessageIn struct {
	Path
	Msg *sip.Message
}

// MessageOut is a message handed to a flow. Raw is what went out, valid only
// during Record; a sink that keeps it copies it. Again marks a retransmission.
type MessageOut struct {
	Path
	CallID string
	Raw    []byte
	Again  bool
}

// MessageDropped is input that nobody got: junk, a stray response, a datagram
// beyond a mailbox's bound. Raw is valid only during Record. What could be parsed
// was recorded as MessageIn before.
type MessageDropped struct {
	Path
	Raw    []byte
	Reason string
}

// FlowOpened is a connection that came up, or a listening point. Transports
// record it, and FlowClosed.
type FlowOpened struct{ Path }

// FlowClosed is a connection that went away; Err is nil when we closed it.
type FlowClosed struct {
	Path
	Err error
}

// TransactionState is a transaction that entered a state.
type TransactionState struct {
	CallID, Branch string
	Method         sip.Method
	Kind           string // "client" or "server"
	State          string // the RFC's name: "Proceeding", "Completed", …
}

// SetOpened is a new dialog set; SetEnded its end, Err the reason if it failed.
type SetOpened struct{ CallID, LocalTag string }

// SetEnded is the end of a dialog set.
type SetEnded struct {
	CallID, LocalTag string
	Err              error
}

// Panic is a panic caught in a turn or in user code; the set it happened in
// has ended, or the handler was answered for with a 500.
type Panic struct {
	CallID string
	Value  any
	Stack  []byte
}

// Refused is a request refused before anything was kept for it.
type Refused struct {
	Path
	CallID string
	Code   int
	Reason string
}

func (MessageIn) EventName() string        { return "message-in" }
func (MessageOut) EventName() string       { return "message-out" }
func (MessageDropped) EventName() string   { return "message-dropped" }
func (FlowOpened) EventName() string       { return "flow-opened" }
func (FlowClosed) EventName() string       { return "flow-closed" }
func (TransactionState) EventName() string { return "transaction" }
func (SetOpened) EventName() string        { return "set-opened" }
func (SetEnded) EventName() string         { return "set-ended" }
func (Panic) EventName() string            { return "panic" }
func (Refused) EventName() string          { return "refused" }
