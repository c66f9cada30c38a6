package auth

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/icholy/digest"

	"dum/credential"
	"dum/sip"
)

// credentials is one Authorization or Proxy-Authorization value, decoded.
type credentials struct {
	username, realm, nonce string
	uri, response          string
	algorithm              string // as written; "" is none
	cnonce, opaque         string
	hasOpaque              bool
	qop                    string // "" is none, as in RFC 2069
	nc                     uint32
}

// parseCredentials reads an offer as digest credentials; ok is false when
// something is missing that no answer can be checked without.
func parseCredentials(o offer) (c credentials, ok bool) {
	var have int
	ok = true
	for name, value := range params(o.params) {
		switch name {
		case "username":
			c.username = value
			have |= 1
		case "realm":
			c.realm = value
			have |= 2
		case "nonce":
			c.nonce = value
			have |= 4
		case "uri":
			c.uri = value
			have |= 8
		case "response":
			c.response = value
			have |= 16
		case "algorithm":
			c.algorithm = value
		case "cnonce":
			c.cnonce = value
		case "opaque":
			c.opaque, c.hasOpaque = value, true
		case "qop":
			c.qop = strings.ToLower(value)
		case "nc":
			// RFC 3261 §25.1: nc-value = 8LHEX. One digit more or less does no harm.
			n, err := strconv.ParseUint(value, 16, 32)
			if err != nil {
				ok = false
			}
			c.nc = uint32(n)
		}
	}
	if have != 31 || c.qop != "" && (c.cnonce == "" || c.nc == 0) {
		ok = false
	}
	return c, ok
}

// appendTo writes the credentials as a header value, in the order of the
// examples of RFC 3261: quotes around all but algorithm, qop and nc.
func (c *credentials) appendTo(b []byte) []byte {
	for _, p := range [...]struct{ name, value string }{
		{"Digest username=", c.username}, {", realm=", c.realm}, {", nonce=", c.nonce},
		{", uri=", c.uri}, {", response=", c.response},
	} {
		b = append(b, p.name...)
		b = appendQuoted(b, p.value)
	}
	if c.algorithm != "" {
		b = append(b, ", algorithm="...)
		b = append(b, c.algorithm...)
	}
	if c.qop != "" {
		b = append(b, ", cnonce="...)
		b = appendQuoted(b, c.cnonce)
	}
	if c.hasOpaque {
		b = append(b, ", opaque="...)
		b = appendQuoted(b, c.opaque)
	}
	if c.qop != "" {
		b = append(b, ", qop="...)
		b = append(b, c.qop...)
		b = fmt.Appendf(b, ", nc=%08x", c.nc)
	}
	return b
}

// respond computes the answer of cred to ch for req. An empty cnonce gets a
// fresh one.
//
// RFC 3261 §22.4: the digest-uri is the Request-URI, and "If qop is
// 'auth-int', H(entity-body)" is over the body as it is, "an MD5 hash of the
// empty string" when there is none.
func respond(req *sip.Message, ch *challenge, cred *credential.Digest, c credentials) (credentials, error) {
	a, ok := algorithmOf(ch.algorithm)
	if !ok {
		return c, ErrUnsupported
	}
	body := req.Body().Data
	d, err := digest.Digest(ch.digest(c.qop), digest.Options{
		Method: string(req.Method()),
		URI:    c.uri,
		GetBody: func() (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(body)), nil
		},
		Count:    int(c.nc),
		Username: cred.Username,
		Password: cred.Password,
		A1:       hashOf(cred, a, ch.realm),
		Cnonce:   c.cnonce,
	})
	if err != nil {
		return c, fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	c.cnonce, c.response = d.Cnonce, d.Response
	return c, nil
}
