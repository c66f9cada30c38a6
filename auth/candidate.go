package auth

import (
	"fmt"
	"iter"
	"strings"

	"dum/credential"
	"dum/sip"
)

// candidate is what one realm of a response comes to: the challenge that will
// be answered, with what, or the reason why none will.
type candidate struct {
	proxy bool
	ch    challenge
	qop   string
	cred  credential.Digest
	err   error
}

// candidates picks one challenge per realm out of a response.
//
// RFC 8760 §2.4: "When the UAC receives a response with multiple
// WWW-Authenticate/Proxy-Authenticate header fields with the same realm, it
// SHOULD use the topmost header field that it supports".
func (c *Client) candidates(req, resp *sip.Message, creds []credential.Digest) []candidate {
	var out []candidate
	for _, proxy := range [...]bool{false, true} {
		for o := range digests(resp, asksIn(proxy)) {
			out = merge(out, c.weigh(proxy, o, req, creds))
		}
	}
	return out
}

// digests yields what a header says for the Digest scheme.
func digests(m *sip.Message, h sip.Header[string]) iter.Seq[offer] {
	return func(yield func(offer) bool) {
		for value := range h.All(m) {
			for o := range offers(value) {
				if strings.EqualFold(o.scheme, "Digest") && !yield(o) {
					return
				}
			}
		}
	}
}

// merge adds a candidate, unless its realm has one that is as good.
func merge(out []candidate, c candidate) []candidate {
	for i := range out {
		if have := &out[i]; have.proxy == c.proxy && have.ch.realm == c.ch.realm {
			if have.err != nil && c.err == nil {
				*have = c
			}
			return out
		}
	}
	return append(out, c)
}

// weigh tells whether, and how, one challenge can be answered.
func (c *Client) weigh(proxy bool, o offer, req *sip.Message, creds []credential.Digest) candidate {
	out := candidate{proxy: proxy}
	if out.ch, out.err = parseChallenge(o); out.err != nil {
		return out
	}
	a, ok := algorithmOf(out.ch.algorithm)
	if ok {
		out.qop, ok = out.ch.choose()
	}
	if !ok {
		out.err = ErrUnsupported
		return out
	}
	if cred := pick(creds, req, out.ch.realm, a); cred != nil {
		out.cred = *cred
	} else if r := c.find(proxy, out.ch.realm); r != nil && can(&r.cred, a, out.ch.realm) {
		out.cred = r.cred
	} else {
		out.err = ErrNoCredential
	}
	return out
}

// sentTo finds the credentials for a realm in a request that went out.
func sentTo(req *sip.Message, proxy bool, realm string) (c credentials, ok bool) {
	for o := range digests(req, answersIn(proxy)) {
		if c, ok = parseCredentials(o); ok && c.realm == realm {
			return c, true
		}
	}
	return credentials{}, false
}

// realmError is an error about one realm.
type realmError struct {
	realm string
	err   error
}

// Error names the realm and what is wrong.
func (e *realmError) Error() string { return fmt.Sprintf("auth: realm %q: %v", e.realm, e.err) }

// Unwrap returns the cause.
func (e *realmError) Unwrap() error { return e.err }
