package auth

import (
	"slices"
	"strings"

	"dum/credential"
	"dum/sip"
)

// algorithmOf names the algorithm that a header asks for; ok is false when we
// do not have it.
//
// RFC 7616 §3.3: "If this is not present, it is assumed to be "MD5"." And "If
// the algorithm is not understood, the challenge SHOULD be ignored".
func algorithmOf(s string) (a credential.Algorithm, ok bool) {
	switch {
	case s == "" || strings.EqualFold(s, string(credential.MD5)):
		return credential.MD5, true
	case strings.EqualFold(s, string(credential.SHA256)):
		return credential.SHA256, true
	case strings.EqualFold(s, string(credential.SHA512256)):
		return credential.SHA512256, true
	}
	return "", false
}

// can tells whether the secret for an algorithm is at hand.
func can(c *credential.Digest, a credential.Algorithm, realm string) bool {
	return c.Password != "" || hashOf(c, a, realm) != ""
}

// hashOf is the precomputed H(A1), "" when there is none: it holds for the
// credential's own realm only.
func hashOf(c *credential.Digest, a credential.Algorithm, realm string) string {
	if c.Realm != realm {
		return ""
	}
	return c.HA1[a]
}

// pick finds the credential for a challenge to req; nil when there is none.
func pick(creds []credential.Digest, req *sip.Message, realm string, a credential.Algorithm) *credential.Digest {
	for i := range creds {
		if c := &creds[i]; realm != "" && c.Realm == realm && can(c, a, realm) {
			return c
		}
	}
	for i := range creds {
		if c := &creds[i]; len(c.Domains) > 0 && can(c, a, realm) && goesTo(req, c.Domains) {
			return c
		}
	}
	return nil
}

// goesTo tells whether req is a first request to one of the hosts.
func goesTo(req *sip.Message, hosts []string) bool {
	if req.ToTag() != "" {
		return false
	}
	u, err := req.URI()
	if route, rerr := sip.Route.Get(req); rerr == nil {
		u, err = route.URI, nil
	}
	return err == nil && u.IsSIP() && slices.ContainsFunc(hosts, func(h string) bool {
		return strings.EqualFold(h, u.Host)
	})
}
