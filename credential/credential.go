// Package credential holds what a user proves himself with. It stands below
// profile, which carries credentials, and auth, which uses them.
package credential

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
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

// A Digest is what one user proves himself with in one realm by the digest
// scheme (RFC 8760). It never
// shows its secrets: not to fmt, not to slog, not to encoding/json. The zero
// Digest matches nothing.
type Digest struct {
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

// String shows whose credential it is, without the secret.
func (c Digest) String() string {
	s := fmt.Sprintf("%q in realm %q", c.Username, c.Realm)
	if len(c.Domains) > 0 {
		s += " for " + strings.Join(c.Domains, ", ")
	}
	return s + " (secret hidden)"
}

// GoString is String, so that %#v shows no secret either.
func (c Digest) GoString() string { return "credential.Digest{" + c.String() + "}" }

// Format prints String for every verb.
func (c Digest) Format(f fmt.State, verb rune) {
	if verb == 'v' && f.Flag('#') {
		io.WriteString(f, c.GoString())
		return
	}
	io.WriteString(f, c.String())
}

// LogValue is String, for slog.
func (c Digest) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalJSON leaves the secrets out, since what is logged often goes through
// JSON. Reading a Digest from JSON works for all fields.
func (c Digest) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Realm, Username string
		Domains         []string `json:",omitempty"`
	}{c.Realm, c.Username, c.Domains})
}
