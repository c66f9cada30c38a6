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

// goesSecure tells whether the Contact of a request of ours has to be a sips
// URI.
//
// RFC 3261 §8.1.1.8: "If the Request-URI or top Route header field value contains
// a SIPS URI, the Contact header field MUST contain a SIPS URI as well."
func goesSecure(req *sip.Message) bool {
	if u, err := req.URI(); err == nil && u.Scheme == "sips" {
		return true
	}
	route, err := sip.Route.Get(req)
	return err == nil && route.URI.Scheme == "sips"
}

// contactUser is the user part of our Contact as a UAS: the one that the peer
// asked for.
func contactUser(req *sip.Message) string {
	if u, err := req.URI(); err == nil && u.IsSIP() && u.User != "" {
		return u.User
	}
	if to, err := sip.To.Get(req); err == nil && to.URI.IsSIP() {
		return to.URI.User
	}
	return ""
}

// isSecure tells whether our Contact has to be a sips URI.
//
// RFC 3261 §12.1.1: "If the request that initiated the dialog contained a SIPS
// URI in the Request-URI or in the top Record-Route header field value, if
// there was any, or the Contact header field if there was no Record-Route
// header field, the Contact header field in the response MUST be a SIPS URI."
func isSecure(req *sip.Message) bool {
	if u, err := req.URI(); err == nil && u.Scheme == "sips" {
		return true
	}
	if rr, err := sip.RecordRoute.Get(req); err == nil {
		return rr.URI.Scheme == "sips"
	}
	c, err := sip.Contact.Get(req)
	return err == nil && c.URI.Scheme == "sips"
}
