package auth

import (
	"fmt"

	"dum/credential"
	"dum/sip"
)

// Bounds of a [Client]: a peer that keeps on challenging is given up.
const (
	// maxRealms is how many realms are answered at once.
	maxRealms = 8
	// maxRefused is how many fresh nonces in a row may be refused. One, since
	// there are servers that hand out a new nonce without saying stale.
	maxRefused = 1
)

// A Client answers the challenges of one dialog set and remembers them for its
// later requests. It belongs to that set and is used only inside its turns: it
// has no lock. The zero Client is ready and knows nothing.
type Client struct {
	realms []*realm
}

// realm is what is known of one protection space: one realm of the user agent
// servers, or one of the proxies.
type realm struct {
	proxy   bool
	ch      challenge
	qop     string
	cred    credential.Digest
	nc      uint32 // how often ch.nonce has been used
	refused int    // nonces refused at their first use, in a row
}

// asksIn is the header that challenges, and answersIn the one that answers.
func asksIn(proxy bool) sip.Header[string] {
	if proxy {
		return sip.Named("Proxy-Authenticate")
	}
	return sip.Named("WWW-Authenticate")
}

func answersIn(proxy bool) sip.Header[string] {
	if proxy {
		return sip.Named("Proxy-Authorization")
	}
	return sip.Named("Authorization")
}

// Challenged takes resp, the 401 or 407 that req was answered with, and tells
// whether req is worth sending again: as a new request, with the next CSeq
// number and what [Client.Authorize] writes into it.
//
// All challenges of both kinds are taken, since forks and chains of proxies
// put several into one response (RFC 3261 §22.3), and of each realm the first
// whose algorithm and qop are supported (RFC 8760 §2.4). Realms that creds
// have nothing for are left unanswered. It is not worth another try when no
// challenge could be answered, or when a credential was refused: err then says
// why and wraps one of the errors of this package.
//
// A refused credential is forgotten. creds are copied when they are used.
func (c *Client) Challenged(req, resp *sip.Message, creds []credential.Digest) (again bool, err error) {
	for _, found := range c.candidates(req, resp, creds) {
		ferr := found.err
		if ferr == nil {
			ferr = c.adopt(req, found)
		}
		if ferr == nil {
			again = true
			continue
		}
		ferr = &realmError{found.ch.realm, ferr}
		if found.err == nil {
			// Refused, or too much of it: what else there is cannot help.
			return false, ferr
		}
		if err == nil {
			err = ferr
		}
	}
	if again {
		return true, nil
	}
	if err == nil {
		err = fmt.Errorf("auth: %w", ErrNoChallenge)
	}
	return false, err
}

// adopt makes a challenge the one to answer in its realm.
func (c *Client) adopt(req *sip.Message, found candidate) error {
	r := c.find(found.proxy, found.ch.realm)
	if r == nil {
		if len(c.realms) >= maxRealms {
			return ErrRejected
		}
		r = &realm{proxy: found.proxy}
		c.realms = append(c.realms, r)
	}
	if sent, ok := sentTo(req, found.proxy, found.ch.realm); ok {
		// RFC 3261 §22.4 refers to RFC 2617 §3.2.1: without stale=true "the username
		// and/or password are invalid, and new values must be obtained". The same
		// nonce again is that; a new one deserves one more try, as an old nonce may
		// have run out unsaid.
		if r.seasoned(sent) {
			r.refused = 0
		}
		if sent.nonce == found.ch.nonce || r.refused >= maxRefused {
			c.drop(r)
			return ErrRejected
		}
		r.refused++
	}
	if r.ch.nonce != found.ch.nonce {
		r.nc = 0
	}
	r.ch, r.qop, r.cred = found.ch, found.qop, found.cred
	return nil
}

// seasoned tells whether the nonce of an answer had been used before it, and so
// may have run out, while a nonce refused at its first use hints at a wrong
// password. Without qop there is no nc to tell, only our own count.
func (r *realm) seasoned(sent credentials) bool {
	if sent.qop == "" && sent.nonce == r.ch.nonce {
		return r.nc > 1
	}
	return sent.nc > 1
}

// Authorize writes the credentials of every realm known into req, which is
// about to be sent with this very Request-URI and body; older ones of the same
// realms are replaced. Each call uses every nonce once more, so call it once
// per request that goes out, and not for retransmissions.
//
// ACK and CANCEL are left alone. RFC 3261 §22.1: "an ACK MUST contain the same
// credentials as the INVITE", and "a server MUST NOT attempt to challenge"
// CANCEL requests.
func (c *Client) Authorize(req *sip.Message) {
	if m := req.Method(); m == sip.ACK || m == sip.CANCEL {
		return
	}
	c.authorize(req, false)
	c.authorize(req, true)
}

func (c *Client) authorize(req *sip.Message, proxy bool) {
	var values []string
	for _, r := range c.realms {
		if r.proxy != proxy {
			continue
		}
		if v, ok := r.answer(req); ok {
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		return
	}
	h := answersIn(proxy)
	for v, err := range h.All(req) {
		if err == nil && !c.covers(proxy, v) {
			values = append(values, v)
		}
	}
	h.Set(req, values...)
}

// answer builds the header value for one realm.
func (r *realm) answer(req *sip.Message) (string, bool) {
	r.nc++
	cr := credentials{
		username: r.cred.Username, realm: r.ch.realm, nonce: r.ch.nonce,
		uri: req.RawURI(), algorithm: r.ch.algorithm,
		opaque: r.ch.opaque, hasOpaque: r.ch.hasOpaque,
		qop: r.qop, nc: r.nc,
	}
	cr, err := respond(req, &r.ch, &r.cred, cr)
	if err != nil {
		return "", false
	}
	return string(cr.appendTo(make([]byte, 0, 320))), true
}

// covers tells whether a header value is an answer to one of our realms.
func (c *Client) covers(proxy bool, value string) bool {
	for o := range offers(value) {
		if cr, ok := parseCredentials(o); ok && c.find(proxy, cr.realm) != nil {
			return true
		}
	}
	return false
}

// Forget drops all that is known: the next requests go without credentials
// until somebody challenges them.
func (c *Client) Forget() { c.realms = nil }

func (c *Client) find(proxy bool, name string) *realm {
	for _, r := range c.realms {
		if r.proxy == proxy && r.ch.realm == name {
			return r
		}
	}
	return nil
}

func (c *Client) drop(r *realm) {
	for i, have := range c.realms {
		if have == r {
			c.realms = append(c.realms[:i:i], c.realms[i+1:]...)
			return
		}
	}
}
