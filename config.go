package dum

import (
	"context"

	"dum/dialog"
	"dum/invite"
	"dum/profile"
	"dum/request"
	"dum/sip"
	"dum/stack"
	"dum/trace"
)

// A Profile holds the settings of one user agent; see [profile.Profile].
type Profile = profile.Profile

// A Config says what a [Manager] does. The zero Config is a user agent client
// that takes no calls. It is copied by [New].
type Config struct {
	// Listen names the listening points: "udp://127.0.0.1:5060", "tcp://:5060".
	// An empty host is every address, port 0 any free port, no port 5060. None at
	// all means "udp://:0" and "tcp://:0".
	Listen []string
	// Profile holds the settings for requests that arrive, and is what the
	// profiles of user agents are usually cloned from.
	Profile *Profile
	// Invite is asked about every call that comes in, on a goroutine of its own
	// that may block as long as the call rings. What it must do, and what becomes
	// of its error, is written at [invite.NewServer]. nil: calls are answered with 405.
	Invite func(ctx context.Context, in *invite.Incoming) error
	// Requests is asked about requests outside of dialogs, by method; see
	// [request.Handle]. A method that is missing is answered with 405, but for
	// OPTIONS, which is answered with what this manager can do.
	Requests map[sip.Method]func(ctx context.Context, in *request.Incoming) error
	// Stack configures the SIP stack below: transports, timers, limits. The zero
	// value is the RFC's.
	Stack stack.Config
	// Trace gets every event; nil is off. It overrides Stack.Trace.
	Trace *trace.Tracer
	// NewValue makes the application's own value of each dialog set, see
	// [dialog.Set.Value].
	NewValue func(s *dialog.Set) any
}
