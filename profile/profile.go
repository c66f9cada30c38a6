// Package profile holds the settings of a user agent: who it is, through whom
// it speaks, and how long it waits.
//
// A [Profile] is a plain struct. A zero field means the default that its
// comment names, a negative time means off, and the methods give the settings
// with the defaults filled in. There is no chain of parents: to vary a profile,
// [Profile.Clone] it and change the copy.
package profile

import (
	"maps"
	"slices"
	"time"

	"dum/credential"
	"dum/sip"
)

// A Profile is the settings of one user agent. The zero Profile is usable: an
// anonymous caller without credentials or proxy.
//
// A profile is frozen from the moment it is handed to a user agent or a
// manager: nobody may change it then, and so it may be shared freely. Change a
// [Profile.Clone] instead.
type Profile struct {
	// AOR is the address of record, the URI of our From: "sip:alice@example.com".
	// "" is an anonymous caller, sip:anonymous@anonymous.invalid.
	AOR string
	// Display is the display name of our From, without quotes. "" is none, save
	// that an anonymous caller is called "Anonymous".
	Display string

	// Credentials answer digest challenges, each for its own realm. A challenge
	// from any other realm is not answered.
	Credentials []credential.Digest

	// OutboundProxy is the URI to which requests outside of dialogs are sent,
	// "sip:proxy.example.com;transport=tcp", as a loose route (";lr" is added).
	// "" sends them to where their Request-URI points. Requests within a dialog
	// follow the dialog's route set, never this.
	OutboundProxy string

	// ContactHost and ContactPort stand in our Contact in place of the address
	// of the socket, for a host behind a NAT or a load balancer. IPv6 goes in
	// brackets. An empty host means the socket's address and port; port 0 with a
	// host means that no port is shown.
	ContactHost string
	ContactPort uint16

	// UserAgent is what User-Agent says in our requests and Server in our
	// responses. "" leaves both out.
	UserAgent string

	// Headers are added to every request outside of dialogs and to nothing else,
	// unless the request has a header of that name.
	Headers []sip.Field

	// StaleCall is how long an INVITE of ours may ring before it is given up with
	// a CANCEL, counted from the last provisional response. Zero is 3 minutes
	// (RFC 3261 §16.6 asks of a proxy that its timer C be larger than that, so a
	// callee behind proxies is never cut off earlier by them). Negative waits for
	// ever.
	StaleCall time.Duration

	// StaleReinvite is how long a re-INVITE of ours may go without a final
	// response. Zero is 40 seconds. Negative waits for ever.
	StaleReinvite time.Duration

	// Provisional is how often a call that rings with us repeats its last
	// provisional response, to keep proxies from giving up. Zero is one minute,
	// as RFC 3261 §13.3.1.1 asks. Negative is never.
	Provisional time.Duration
}

// Defaults of the times of a [Profile].
const (
	DefaultStaleCall     = 3 * time.Minute
	DefaultStaleReinvite = 40 * time.Second
	DefaultProvisional   = time.Minute
)

// anonymous is who calls when there is no AOR.
//
// RFC 3261 §8.1.1.3: "A UAC SHOULD use the display name "Anonymous", along with
// a syntactically correct, but otherwise meaningless URI (like
// sip:thisis@anonymous.invalid), if the identity of the client is to remain
// hidden."
func anonymous() sip.Addr {
	return sip.Addr{
		Display: "Anonymous",
		URI:     sip.URI{Scheme: "sip", User: "anonymous", Host: "anonymous.invalid"},
	}
}

// Clone returns a copy that shares nothing that may be changed.
func (p *Profile) Clone() *Profile {
	c := *p
	c.Credentials = slices.Clone(p.Credentials)
	for i := range c.Credentials {
		c.Credentials[i].Domains = slices.Clone(c.Credentials[i].Domains)
		c.Credentials[i].HA1 = maps.Clone(c.Credentials[i].HA1)
	}
	c.Headers = slices.Clone(p.Headers)
	return &c
}

// StaleCallTime is StaleCall with its default; 0 means off.
func (p *Profile) StaleCallTime() time.Duration { return orDefault(p.StaleCall, DefaultStaleCall) }

// StaleReinviteTime is StaleReinvite with its default; 0 means off.
func (p *Profile) StaleReinviteTime() time.Duration {
	return orDefault(p.StaleReinvite, DefaultStaleReinvite)
}

// ProvisionalTime is Provisional with its default; 0 means off.
func (p *Profile) ProvisionalTime() time.Duration {
	return orDefault(p.Provisional, DefaultProvisional)
}

// orDefault resolves a time: zero is the default, negative is off.
func orDefault(d, def time.Duration) time.Duration {
	if d == 0 {
		return def
	}
	return max(d, 0)
}
