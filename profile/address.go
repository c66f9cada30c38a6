package profile

import (
	"errors"
	"fmt"

	"dum/sip"
)

// From is our address of record with its display name, as the From of a
// request has it but for the tag. An AOR that cannot be read, which
// [Profile.Validate] tells, counts as none.
func (p *Profile) From() sip.Addr {
	if p.AOR == "" {
		return p.named(anonymous())
	}
	u, err := sip.ParseURI(p.AOR)
	if err != nil {
		return p.named(anonymous())
	}
	return p.named(sip.Addr{URI: u})
}

func (p *Profile) named(a sip.Addr) sip.Addr {
	if p.Display != "" {
		a.Display = p.Display
	}
	return a
}

// User is the user part of the AOR as it is written there, "" when there is
// none. It is also the user part of our Contact.
func (p *Profile) User() string {
	u, err := sip.ParseURI(p.AOR)
	if err != nil {
		return ""
	}
	return u.User
}

// Proxy is the outbound proxy as a loose route; ok is false when there is none.
//
// RFC 3261 §8.1.2: when a set of outbound proxies is configured, the request
// gets a pre-loaded route set, and §12.2.1.1 rewrites the Request-URI for a
// route without "lr", which no proxy of this century wants: so "lr" is added.
func (p *Profile) Proxy() (u sip.URI, ok bool) {
	if p.OutboundProxy == "" {
		return sip.URI{}, false
	}
	u, err := sip.ParseURI(p.OutboundProxy)
	if err != nil {
		return sip.URI{}, false
	}
	if !u.Params.Has("lr") {
		u.Params = u.Params.Flag("lr")
	}
	return u, true
}

// Validate tells what cannot work in p: a URI that cannot be read, or one that
// is no place for SIP. nil is fine.
func (p *Profile) Validate() error {
	var errs []error
	if p.AOR != "" {
		if _, err := sip.ParseURI(p.AOR); err != nil {
			errs = append(errs, fmt.Errorf("profile: AOR %q: %w", p.AOR, err))
		}
	}
	if p.OutboundProxy != "" {
		u, err := sip.ParseURI(p.OutboundProxy)
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("profile: OutboundProxy %q: %w", p.OutboundProxy, err))
		case !u.IsSIP():
			errs = append(errs, fmt.Errorf("profile: OutboundProxy %q: neither sip nor sips", p.OutboundProxy))
		}
	}
	if p.ContactHost != "" {
		u, err := sip.ParseURI("sip:" + p.ContactHost)
		if err != nil || u.Host != p.ContactHost {
			errs = append(errs, fmt.Errorf("profile: ContactHost %q: not a host", p.ContactHost))
		}
	} else if p.ContactPort != 0 {
		errs = append(errs, errors.New("profile: ContactPort without ContactHost"))
	}
	return errors.Join(errs...)
}
