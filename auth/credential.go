package auth

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"dum/sip"
)

// An Algorithm is a hash for digests, by its name in the header.
type Algorithm string

// The algorithms that SIP knows (RFC 8760 §2.2), best first. The "-sess"
// variants are not supported.
const (
	SHA512256 Algorithm = "SHA-512-256"
	SHA256    Algorithm = "SHA-256"
	MD5       Algorithm = "MD5"
)

// algorithmOf names the algorithm that a header asks for; ok is false when we
// do not have it.
//
// RFC 7616 §3.3: "If this is not present, it is assumed to be "MD5"." And "If
// the algorithm is not understood, the challenge SHOULD be ignored".
func algorithmOf(s string) (a Algorithm, ok bool) {
	switch {
	case s == "" || strings.EqualFold(s, string(MD5)):
		return MD5, true
	case strings.EqualFold(s, string(SHA256)):
		return SHA256, true
	case strings.EqualFold(s, string(SHA512256)):
		return SHA512256, true
	}
	return "", false
}

// A Credential is what one user proves himself with in one realm. It never
// shows its secrets: not to fmt, not to slog, not to encoding/json. The zero
// Credential matches nothing.
type Credential struct {
	// Realm is the realm that the credential is for, compared byte for byte. ""
	// matches no realm at all.
	Realm string
	// Username is the user name within the realm.
	Username string
	// Password is the secret. "" with HA1 set means that only hashes are known.
	Password string
	// HA1 holds, by algorithm, the hash of "username:realm:password" in lower
	// case hexadecimal, for those who keep no password. A challenge with an
	// algorithm that is missing here is not answered, unless there is a Password.
	HA1 map[Algorithm]string

	// Domains, when not empty, is the explicit way to say "whatever realm they
	// name": the credential then answers any realm too, but only for a request
	// outside of dialogs that goes to one of these hosts: that has it in its
	// Request-URI, or in its topmost Route if it has one. A dialog that the peer
	// opened is never answered by it, and later requests of the same dialog set
	// use it only for the realms that were met so. Hosts are compared without
	// regard to case; IPv6 goes in brackets.
	Domains []string
}

// can tells whether the secret for an algorithm is at hand.
func (c *Credential) can(a Algorithm, realm string) bool {
	return c.Password != "" || c.hash(a, realm) != ""
}

// hash is the precomputed H(A1), "" when there is none: it holds for the
// credential's own realm only.
func (c *Credential) hash(a Algorithm, realm string) string {
	if c.Realm != realm {
		return ""
	}
	return c.HA1[a]
}

// pick finds the credential for a challenge to req; nil when there is none.
func pick(creds []Credential, req *sip.Message, realm string, a Algorithm) *Credential {
	for i := range creds {
		if c := &creds[i]; realm != "" && c.Realm == realm && c.can(a, realm) {
			return c
		}
	}
	for i := range creds {
		if c := &creds[i]; len(c.Domains) > 0 && c.can(a, realm) && goesTo(req, c.Domains) {
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

// String shows whose credential it is, without the secret.
func (c Credential) String() string {
	s := fmt.Sprintf("%q in realm %q", c.Username, c.Realm)
	if len(c.Domains) > 0 {
		s += " for " + strings.Join(c.Domains, ", ")
	}
	return s + " (secret hidden)"
}

// GoString is String, so that %#v shows no secret either.
func (c Credential) GoString() string { return "auth.Credential{" + c.String() + "}" }

// Format prints String for every verb.
func (c Credential) Format(f fmt.State, verb rune) {
	if verb == 'v' && f.Flag('#') {
		io.WriteString(f, c.GoString())
		return
	}
	io.WriteString(f, c.String())
}

// LogValue is String, for slog.
func (c Credential) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalJSON leaves the secrets out, since what is logged often goes through
// JSON. Reading a Credential from JSON works for all fields.
func (c Credential) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Realm, Username string
		Domains         []string `json:",omitempty"`
	}{c.Realm, c.Username, c.Domains})
}
