// Package resolve finds where to send: from a SIP URI to the transports,
// addresses and ports to try, in order (RFC 3263).
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

// A Resolver turns a query into targets, best first. It may block and is
// never called within a turn. It is safe for concurrent use.
type Resolver interface {
	Resolve(ctx context.Context, q Query) ([]Target, error)
}

// ErrNotFound tells that no target exists for a query.
var ErrNotFound = errors.New("resolve: no such host")
