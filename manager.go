package dum

import (
	"context"
	"fmt"

	"dum/dialog"
	"dum/invite"
	"dum/request"
	"dum/stack"
)

// A Manager is a SIP stack with the usages on it. It serves any number of user
// agents. All methods may be called from any goroutine. Whoever made it calls
// [Manager.Shutdown] or [Manager.Close].
type Manager struct{ dialogs *dialog.Manager }

// New makes a manager and opens its listening points.
func New(cfg Config) (*Manager, error) {
	if cfg.Trace != nil {
		cfg.Stack.Trace = cfg.Trace
	}
	dialogs, err := dialog.NewManager(dialog.Config{
		Stack:    cfg.Stack,
		Profile:  cfg.Profile,
		NewValue: cfg.NewValue,
	})
	if err != nil {
		return nil, err
	}
	invite.NewServer(dialogs, cfg.Invite)
	request.HandleOptions(dialogs)
	for method, h := range cfg.Requests {
		request.Handle(dialogs, method, h)
	}
	listen := cfg.Listen
	if listen == nil {
		listen = []string{"udp://:0", "tcp://:0"}
	}
	for _, uri := range listen {
		if _, err := dialogs.Listen(context.Background(), uri); err != nil {
			dialogs.Close()
			return nil, fmt.Errorf("dum: listen on %s: %w", uri, err)
		}
	}
	return &Manager{dialogs: dialogs}, nil
}

// UserAgent returns a user agent with the settings of p, which must not be
// changed any more; nil is the zero profile. What [profile.Profile.Validate]
// finds wrong with p is the error of every request of the agent.
func (m *Manager) UserAgent(p *Profile) *UserAgent {
	if p == nil {
		p = &Profile{}
	}
	return &UserAgent{manager: m, profile: p, err: p.Validate()}
}

// Addrs lists the listening points with their real ports.
func (m *Manager) Addrs() []stack.Listening { return m.dialogs.Stack().Addrs() }

// Dialogs is the floor below, for a usage of your own.
func (m *Manager) Dialogs() *dialog.Manager { return m.dialogs }

// Shutdown ends the manager gracefully: it takes no more requests, hangs up and
// cancels what is there, waits for the peers' word, and closes. When ctx ends
// first the rest is cut off and the cause of ctx is returned.
func (m *Manager) Shutdown(ctx context.Context) error { return m.dialogs.Shutdown(ctx) }

// Close ends the manager at once, without a word to any peer.
func (m *Manager) Close() error { return m.dialogs.Close() }

// Stats counts what a manager holds.
type Stats struct {
	Sets int // dialog sets: calls and requests that are not over
	stack.Stats
}

// Stats counts what is there now.
func (m *Manager) Stats() Stats {
	return Stats{Sets: m.dialogs.Sets(), Stats: m.dialogs.Stack().Stats()}
}
