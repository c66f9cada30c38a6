package auth

import (
	"errors"
	"slices"
	"strings"

	"github.com/icholy/digest"
)

// What a challenge may fail by. An error of [Client.Challenged] wraps one of
// them.
var (
	// ErrNoChallenge: a 401 or 407 that challenges nothing.
	ErrNoChallenge = errors.New("no digest challenge in the response")
	// ErrMalformed: a challenge without a realm or a nonce.
	ErrMalformed = errors.New("malformed digest challenge")
	// ErrUnsupported: no algorithm or quality of protection that we have.
	ErrUnsupported = errors.New("digest algorithm or qop not supported")
	// ErrNoCredential: nobody gave a credential for this realm.
	ErrNoCredential = errors.New("no credential for the realm")
	// ErrRejected: the credential was sent and refused: a wrong password.
	ErrRejected = errors.New("credential refused")
)

// Quality of protection, by preference.
const (
	qopAuth    = "auth"
	qopAuthInt = "auth-int"
)

// challenge is one WWW-Authenticate or Proxy-Authenticate value, decoded.
type challenge struct {
	realm, nonce string
	opaque       string
	hasOpaque    bool
	algorithm    string // as written; "" is none
	stale        bool
	qop          []string // nil: none was given, as in RFC 2069
}

// parseChallenge reads an offer as a digest challenge.
func parseChallenge(o offer) (c challenge, err error) {
	var hasRealm, hasNonce bool
	for name, value := range params(o.params) {
		switch name {
		case "realm":
			c.realm, hasRealm = value, true
		case "nonce":
			c.nonce, hasNonce = value, true
		case "opaque":
			c.opaque, c.hasOpaque = value, true
		case "algorithm":
			c.algorithm = value
		case "stale":
			c.stale = strings.EqualFold(value, "true")
		case "qop":
			for option := range strings.SplitSeq(value, ",") {
				if option = strings.ToLower(strings.TrimSpace(option)); option != "" {
					c.qop = append(c.qop, option)
				}
			}
		}
	}
	if !hasRealm || !hasNonce || c.nonce == "" {
		return c, ErrMalformed
	}
	return c, nil
}

// choose picks the quality of protection to use; "" is none at all.
//
// RFC 3261 §22.4: "if a client receives a 'qop' parameter in a challenge
// header field, it MUST send the 'qop' parameter in any resulting
// authorization header field." auth comes first, because proxies on the way
// may change a body, and then auth-int fails.
func (c *challenge) choose() (qop string, ok bool) {
	switch {
	case len(c.qop) == 0:
		return "", true
	case slices.Contains(c.qop, qopAuth):
		return qopAuth, true
	case slices.Contains(c.qop, qopAuthInt):
		return qopAuthInt, true
	}
	return "", false
}

// appendTo writes the challenge as a header value. stale is written only when
// true, and algorithm, unlike in HTTP, stands without quotes (RFC 3261 §25.1).
func (c *challenge) appendTo(b []byte) []byte {
	b = append(b, "Digest realm="...)
	b = appendQuoted(b, c.realm)
	b = append(b, ", nonce="...)
	b = appendQuoted(b, c.nonce)
	if c.hasOpaque {
		b = append(b, ", opaque="...)
		b = appendQuoted(b, c.opaque)
	}
	if c.stale {
		b = append(b, ", stale=true"...)
	}
	if c.algorithm != "" {
		b = append(b, ", algorithm="...)
		b = append(b, c.algorithm...)
	}
	if len(c.qop) > 0 {
		b = append(b, ", qop="...)
		b = appendQuoted(b, strings.Join(c.qop, ","))
	}
	return b
}

// digest is what the arithmetic wants to know of the challenge.
func (c *challenge) digest(qop string) *digest.Challenge {
	d := &digest.Challenge{Realm: c.realm, Nonce: c.nonce, Algorithm: c.algorithm}
	if qop != "" {
		d.QOP = []string{qop}
	}
	return d
}

// appendQuoted writes a quoted string. Control characters, which no quoted
// string of SIP may hold, are left out.
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ' && c != '\t' || c == 0x7f:
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}
