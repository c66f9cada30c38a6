package resolve

import (
	"fmt"
	"net/netip"
	"strings"

	"dum/sip"
)

// QueryOf takes from a URI what decides where a request to it goes.
//
// RFC 3263 §4: "We define TARGET as the value of the maddr parameter of the URI,
// if present, otherwise, the host value of the hostport component of the URI."
//
// A URI that is neither sip nor sips has no host; its query is ErrNotFound.
func QueryOf(u sip.URI) Query {
	q := Query{Host: u.Host, Port: u.Port, Secure: u.Scheme == "sips"}
	if maddr, ok := u.Params.Get("maddr"); ok && maddr != "" {
		q.Host = maddr
	}
	if n := len(q.Host); n > 2 && q.Host[0] == '[' && q.Host[n-1] == ']' {
		q.Host = q.Host[1 : n-1]
	}
	if t, ok := u.Params.Get("transport"); ok {
		q.Transport = strings.ToUpper(t)
	}
	return q
}

// String shows the query as a URI without a user.
func (q Query) String() string {
	u := sip.URI{Scheme: "sip", Host: q.Host, Port: q.Port}
	if q.Secure {
		u.Scheme = "sips"
	}
	if strings.Contains(q.Host, ":") {
		u.Host = "[" + q.Host + "]"
	}
	if q.Transport != "" {
		u.Params = u.Params.With("transport", strings.ToLower(q.Transport))
	}
	return u.String()
}

// Numeric answers a query whose host is an address: no I/O, fit for a turn. ok
// tells that it is one; targets is empty all the same when no transport can do
// what the URI asks (see [ErrTransport]).
func Numeric(q Query) (targets []Target, ok bool) {
	ip, err := netip.ParseAddr(q.Host)
	if err != nil {
		return nil, false
	}
	t, err := q.target(ip.Unmap())
	if err != nil {
		return nil, true
	}
	t.ServerName = ""
	return []Target{t}, true
}

// target is the one place to try at an address, without NAPTR and SRV records.
func (q Query) target(ip netip.Addr) (Target, error) {
	network, err := q.network()
	if err != nil {
		return Target{}, err
	}
	port := q.Port
	if port == 0 {
		port = defaultPort(network)
	}
	return Target{Network: network, Addr: netip.AddrPortFrom(ip, port), ServerName: q.Host}, nil
}

// network is the transport of a query that no NAPTR record decides.
//
// RFC 3263 §4.1: "If the URI specifies a transport protocol in the transport
// parameter, that transport protocol SHOULD be used. Otherwise, if no transport
// protocol is specified, but the TARGET is a numeric IP address, the client
// SHOULD use UDP for a SIP URI, and TCP for a SIPS URI" – which is TLS over TCP.
// The same holds for a name with a port, and for one without any records.
func (q Query) network() (string, error) {
	t := q.Transport
	if !q.Secure {
		if t == "" {
			t = "UDP"
		}
		return t, nil
	}
	// RFC 3261 §26.2.2 deprecates "transport=tls": sips with tcp says it.
	switch t {
	case "", "TCP", "TLS":
		return "TLS", nil
	case "WS", "WSS":
		return "WSS", nil
	case "SCTP", "TLS-SCTP":
		return "TLS-SCTP", nil
	}
	return "", fmt.Errorf("%w: %v", ErrTransport, q)
}

// defaultPort is what RFC 3261 §19.1.2 and, for WebSocket, RFC 7118 §6 name.
func defaultPort(network string) uint16 {
	switch network {
	case "TLS", "TLS-SCTP", "DTLS":
		return 5061
	case "WS":
		return 80
	case "WSS":
		return 443
	}
	return 5060
}
