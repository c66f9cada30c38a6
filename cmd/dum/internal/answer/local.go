package answer

import (
	"net/netip"
	"sync"

	"dum"
	"dum/cmd/dum/internal/cli"
	"dum/invite"
	"dum/sip"
)

// maxSources bounds how many callers' addresses are remembered.
const maxSources = 1024

// localAddr returns how to find the address of ours that a caller can reach.
// Where we listen on one address it is that; else the routing table is asked,
// once for each caller's address.
func localAddr(m *dum.Manager) func(in *invite.Incoming) netip.Addr {
	if addr, ok := cli.ListenAddr(m); ok {
		return func(*invite.Incoming) netip.Addr { return addr }
	}
	var mu sync.Mutex
	known := map[string]netip.Addr{}
	return func(in *invite.Incoming) netip.Addr {
		hop, _ := sip.Via.Get(in.Request()) // it was checked before the call came here
		source := hop.Received()
		if source == "" {
			source = hop.Host
		}
		mu.Lock()
		addr, ok := known[source]
		mu.Unlock()
		if ok {
			return addr
		}
		addr = cli.LocalAddr(m, sip.URI{Host: source})
		mu.Lock()
		defer mu.Unlock()
		if len(known) == maxSources {
			clear(known)
		}
		known[source] = addr
		return addr
	}
}
