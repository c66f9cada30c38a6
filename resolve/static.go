package resolve

import (
	"context"
	"net/netip"
)

// Static resolves addresses and the names of a map, which are in lower case and
// without a dot at the end. It serves tests and programs that know their peers.
// The map must not change while it is used; nil knows no name.
type Static map[string][]netip.Addr

// Resolve answers with the addresses of a name in the order of the map's list.
// The error wraps ErrNotFound or ErrTransport.
func (s Static) Resolve(ctx context.Context, q Query) ([]Target, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return q.resolve(func(name string) ([]netip.Addr, error) { return s[name], nil })
}
