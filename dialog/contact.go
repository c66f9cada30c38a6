package dialog

import (
	"strings"

	"dum/profile"
	"dum/sip"
	"dum/transport"
)

type flow = transport.Flow

// contact is the address at which the peer at the other end of f reaches us.
func (m *Manager) contact(p *profile.Profile, f flow, user string, secure bool) sip.Addr {
	host, port := m.stack.SentBy(f)
	if p.ContactHost != "" {
		host, port = p.ContactHost, p.ContactPort
	}
	u := sip.URI{Scheme: "sip", User: user, Host: host, Port: port}
	if secure {
		u.Scheme = "sips"
	}
	// RFC 3261 §19.1.1: the default transport of a SIP URI is UDP, of a sips URI
	// TLS over TCP; anything else has to be said.
	if name := f.Network().Name; name != "UDP" && !(secure && name == "TLS") {
		u.Params = u.Params.With("transport", strings.ToLower(name))
	}
	return sip.Addr{URI: u}
}
