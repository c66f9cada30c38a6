package dialog_test

import (
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"

	"dum/credential"
	"dum/profile"
	"dum/sip"
	"dum/siptest"
)

// alice has a credential in two realms.
func alice() *profile.Profile {
	return &profile.Profile{AOR: "sip:alice@example.com", Credentials: []credential.Digest{
		{Realm: "example.com", Username: "alice", Password: "wonder"},
		{Realm: "proxy.example.com", Username: "a1", Password: "land"},
	}}
}

// challenge is the value of a challenge.
func challenge(realm, nonce, more string) string {
	return fmt.Sprintf(`Digest realm=%q, nonce=%q%s`, realm, nonce, more)
}

const qopAuth = `, qop="auth"`

// challenged answers a request with 401 or 407 and these challenges.
func (w *world) challenged(r *siptest.Received, code int, challenges ...string) {
	w.Helper()
	name := "WWW-Authenticate"
	if code == 407 {
		name = "Proxy-Authenticate"
	}
	w.peer.Reply(r, code, siptest.Set(name, challenges...))
	if r.Method() == sip.INVITE {
		w.peer.Expect("ACK")
	}
}

// proof checks the credentials of a realm in a request: the arithmetic is done
// here once more. It returns the nonce count.
func (w *world) proof(m *sip.Message, proxy bool, realm, user, password string) (nc string) {
	w.Helper()
	h := sip.Authorization
	if proxy {
		h = sip.ProxyAuthorization
	}
	for c, err := range h.All(m) {
		if err != nil || c.Get("realm") != realm {
			continue
		}
		if c.Get("username") != user || c.Get("uri") != m.RawURI() {
			w.Errorf("credentials %v", c)
		}
		if got, want := c.Get("response"), response(c, m, password); got != want {
			w.Errorf("response %q, want %q: %v", got, want, c)
		}
		return c.Get("nc")
	}
	w.Fatalf("no credentials for %s in\n%s", realm, m)
	return ""
}

// response is RFC 7616 §3.4.1.
func response(c sip.Credentials, m *sip.Message, password string) string {
	h := func(s string) string {
		var f hash.Hash
		switch c.Get("algorithm") {
		case "SHA-256":
			f = sha256.New()
		case "SHA-512-256":
			f = sha512.New512_256()
		default:
			f = md5.New()
		}
		f.Write([]byte(s))
		return hex.EncodeToString(f.Sum(nil))
	}
	a1 := h(c.Get("username") + ":" + c.Get("realm") + ":" + password)
	a2 := string(m.Method()) + ":" + c.Get("uri")
	switch c.Get("qop") {
	case "":
		return h(a1 + ":" + c.Get("nonce") + ":" + h(a2))
	case "auth-int":
		a2 += ":" + h(m.Body().Data)
	}
	return h(a1 + ":" + c.Get("nonce") + ":" + c.Get("nc") + ":" + c.Get("cnonce") + ":" + c.Get("qop") + ":" + h(a2))
}
