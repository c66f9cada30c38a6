package dum

import (
	"context"
	"fmt"
	"strings"

	"dum/invite"
	"dum/request"
	"dum/sip"
)

// A UserAgent is one identity on a manager: it places calls and sends requests
// with the settings of its profile. All methods may be called from any
// goroutine. It needs no closing.
type UserAgent struct {
	manager *Manager
	profile *Profile
	err     error // what is wrong with the profile
}

// Manager is whose user agent it is.
func (u *UserAgent) Manager() *Manager { return u.manager }

// Profile is the agent's settings; frozen.
func (u *UserAgent) Profile() *Profile { return u.profile }

// Invite calls to, a SIP URI or an address such as "Bob <sip:bob@example.com>",
// and waits until the call is answered. A refusal is a [*sip.Status]. Ending
// ctx before that cancels the call; afterwards ctx means nothing to it.
func (u *UserAgent) Invite(ctx context.Context, to string, o invite.Options) (*invite.Session, error) {
	a, err := u.StartInvite(to, o)
	if err != nil {
		return nil, err
	}
	return a.Wait(ctx)
}

// StartInvite calls to and returns at once: for those who care for ringing,
// early media and forks.
func (u *UserAgent) StartInvite(to string, o invite.Options) (*invite.Attempt, error) {
	target, err := u.target(to)
	if err != nil {
		return nil, err
	}
	return invite.Start(u.manager.dialogs, u.profile, target, o), nil
}

// Request sends a request outside of dialogs and returns its 2xx; any other
// final response is a [*sip.Status].
func (u *UserAgent) Request(ctx context.Context, method sip.Method, to string, o request.Options) (*sip.Message, error) {
	target, err := u.target(to)
	if err != nil {
		return nil, err
	}
	return request.Do(ctx, u.manager.dialogs, u.profile, method, target, o)
}

func (u *UserAgent) target(to string) (sip.URI, error) {
	if u.err != nil {
		return sip.URI{}, u.err
	}
	return Target(to)
}

// Target reads the address of a peer as people write it: a sip, sips, tel or
// urn URI, a name with a URI in angle brackets, or what stands behind "sip:",
// such as "bob@example.com" or "localhost:5070".
func Target(s string) (sip.URI, error) {
	// Without angle brackets parameters are the URI's: nobody types a header.
	u, err := sip.ParseURI(s)
	if strings.Contains(s, "<") {
		var a sip.Addr
		a, err = sip.ParseAddr(s)
		u = a.URI
	}
	if err == nil {
		switch u.Scheme {
		case "sip", "sips", "tel", "urn":
			return u, nil
		}
	}
	if u, err := sip.ParseURI("sip:" + s); err == nil {
		return u, nil
	}
	return sip.URI{}, fmt.Errorf("dum: %q is not the address of a peer", s)
}
