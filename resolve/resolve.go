// Package resolve finds where to send: from a SIP URI to the transports,
// addresses and ports to try, in order (RFC 3263).
//
// [QueryOf] takes from a URI what decides; [Numeric] answers a query for an
// address at once and without I/O; [Hosts] knows the names of the hosts file,
// and [Static] those of a map.
package resolve

import (
	"context"
	"errors"
	"net/netip"
)

// A Query is the part of a URI that decides where a request goes.
type Query struct {
	Host      string // a name or an address, IPv6 without brackets
	Port      uint16 // 0: none given
	Transport string // the transport parameter in upper case, or ""
	Secure    bool   // a sips URI
}

// A Target is one place to try.
type Target struct {
	Network    string // Via token in upper case: "UDP", "TCP", …
	Addr       netip.AddrPort
	ServerName string // the name that was asked for; "" for an address
}

// A Resolver turns a query into targets, best first; without an error there is
// at least one. It may block and is never called within a turn. It is safe for
// concurrent use.
type Resolver interface {
	Resolve(ctx context.Context, q Query) ([]Target, error)
}

// Errors of resolvers, wrapped with what was asked for.
var (
	// ErrNotFound tells that no target exists for a query.
	ErrNotFound = errors.New("resolve: no such host")
	// ErrTransport tells that no transport can do what the URI asks, such as
	// sips over UDP.
	ErrTransport = errors.New("resolve: no transport fits")
)
