package auth

import (
	"crypto/md5"
	"encoding/hex"
	"strings"
	"testing"

	"dum/credential"
	"dum/sip"
)

// respondA1 is H(A1) as somebody computes it who stores it.
func respondA1(user, realm, password string) (string, error) {
	sum := md5.Sum([]byte(user + ":" + realm + ":" + password))
	return hex.EncodeToString(sum[:]), nil
}

var seeds = []string{
	`Digest realm="biloxi.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"`,
	`Digest realm="atlanta.com", domain="sip:ss1.carrier.com", qop="auth", nonce="f84f1cec41e6cbe5aea9c8e88d359", opaque="", stale=FALSE, algorithm=MD5`,
	`Digest username="bob", realm="biloxi.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="sip:bob@biloxi.com", qop=auth, nc=00000001, cnonce="0a4f113b", response="6629fae49393a05397450978507c4ef1", opaque="5ccc069c403ebaf9f0171e9517f40e41"`,
	`NoOneKnowsThisScheme opaque-data=here`,
	`Digest realm="a", nonce="1", Digest realm="b", nonce="2"`,
	`Digest realm="a\"b\\", nonce="`, `Digest`, `Digest ,,,=,"`, `Digest realm=a;nonce=b`, "Digest realm=\"\\", `"`, `Digest a="b"c, realm="\`,
}

// FuzzChallenge: whatever a challenge looks like, reading it does not panic,
// what is answered can be read back, and nothing breaks out of its header.
func FuzzChallenge(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		req := request(t, "INVITE", "sip:bob@biloxi.com")
		resp := sip.NewResponse(req, 401, "")
		sip.Named("WWW-Authenticate").Add(resp, value)
		var creds []credential.Digest
		for o := range offers(value) {
			if c, err := parseChallenge(o); err == nil {
				creds = append(creds, credential.Digest{Realm: c.realm, Username: `u"\`, Password: "p"})
			}
		}
		var c Client
		again, err := c.Challenged(req, resp, creds)
		if again == (err != nil) {
			t.Fatalf("again %v, %v", again, err)
		}
		before := strings.Count(req.String(), "\n")
		c.Authorize(req)
		if got := strings.Count(req.String(), "\n") - before; got != len(c.realms) {
			t.Errorf("%d lines for %d realms in\n%s", got, len(c.realms), req)
		}
		if !again {
			return
		}
		for _, r := range c.realms {
			if strings.ContainsFunc(r.ch.realm+r.ch.nonce, func(c rune) bool { return c < ' ' || c == 0x7f }) {
				continue // cannot be said in SIP
			}
			cr, ok := sentTo(req, false, r.ch.realm)
			if !ok || cr.nonce != r.ch.nonce || cr.username != `u"\` || cr.opaque != r.ch.opaque && cr.hasOpaque && !strings.ContainsFunc(r.ch.opaque, func(c rune) bool { return c < ' ' || c == 0x7f }) {
				t.Errorf("%+v reads back as %+v from\n%s", r.ch, cr, req)
			}
		}
	})
}

// FuzzDigest: whatever credentials look like, a Challenger neither panics nor
// lets them in.
func FuzzDigest(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	ch := &Challenger{Realm: "biloxi.com", Algorithms: []credential.Algorithm{credential.SHA512256, credential.SHA256, credential.MD5}, QOP: []string{"auth", "auth-int"}}
	f.Fuzz(func(t *testing.T, value string) {
		req := request(t, "INVITE", "sip:bob@biloxi.com")
		sip.Named("Authorization").Add(req, value)
		user, st := ch.Verify(req, func(user, realm string) (credential.Digest, bool) {
			return credential.Digest{Password: "zanzibar"}, true
		})
		if user != "" || st == nil {
			t.Fatalf("let in as %q by %s", user, value)
		}
		for o := range offers(value) {
			if cr, ok := parseCredentials(o); ok {
				back, ok := parseCredentials(offer{"Digest", strings.TrimPrefix(string(cr.appendTo(nil)), "Digest ")})
				if printable(cr) && (!ok || back != cr) {
					t.Errorf("%+v reads back as %+v", cr, back)
				}
			}
		}
	})
}

// printable tells whether credentials can be written without loss: tokens are
// tokens and no control characters stand in the rest.
func printable(c credentials) bool {
	tok := func(s string) bool { _, rest := token(s); return rest == "" }
	all := c.username + c.realm + c.nonce + c.uri + c.response + c.cnonce + c.opaque
	return tok(c.algorithm) && tok(c.qop) && (c.qop != "" || c.cnonce == "" && c.nc == 0) &&
		!strings.ContainsFunc(all, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f })
}
