package auth

import (
	"crypto/subtle"
	"slices"
	"strings"
	"sync"
	"time"

	"dum/credential"
	"dum/sip"
)

// A Challenger challenges requests and checks what they answer: the server side
// of digest authentication. It keeps no state per challenge: a nonce carries
// the time it was made and a keyed hash over it. What it keeps is a bounded
// memory of the nonces in use, so that no answer works twice.
//
// The zero Challenger works. Set its fields before the first call and do not
// copy it afterwards. Its methods may be called from any goroutine.
type Challenger struct {
	// Realm is what users are known in. "" is the host of the Request-URI.
	Realm string
	// Proxy makes it speak as a proxy: 407 and Proxy-Authenticate in place of
	// 401 and WWW-Authenticate.
	Proxy bool
	// Algorithms are the hashes to offer, in the order of preference (RFC 8760
	// §2.3). nil is SHA-256, then MD5 for the many that know nothing better.
	Algorithms []credential.Algorithm
	// QOP is what protection to offer: "auth", "auth-int" or both. nil is auth.
	QOP []string
	// NonceLife is how long a nonce may be used. Zero is 5 minutes; negative is
	// for ever.
	NonceLife time.Duration
	// Key makes nonces valid for every Challenger that has the same key, and
	// across restarts. nil is a random key. Each Challenger keeps its own memory
	// of used nonces, though.
	Key []byte

	once   sync.Once
	key    []byte
	replay replay
}

// DefaultNonceLife is the NonceLife of the zero [Challenger].
const DefaultNonceLife = 5 * time.Minute

// Challenge is the 401 or 407 that asks the sender of req for credentials, with
// a fresh nonce: one challenge per algorithm, the preferred one on top.
//
// Do not answer ACK or CANCEL with it. RFC 3261 §22.1: a server "MUST NOT
// challenge" CANCEL requests, and an ACK has no response at all.
func (c *Challenger) Challenge(req *sip.Message) *sip.Status {
	return c.challenge(req, false)
}

func (c *Challenger) challenge(req *sip.Message, stale bool) *sip.Status {
	st := sip.NewStatus(401, "")
	if c.Proxy {
		st = sip.NewStatus(407, "")
	}
	ch := challenge{
		realm: c.realm(req),
		nonce: c.newNonce(time.Now()),
		stale: stale,
		qop:   c.qop(),
	}
	for _, a := range c.algorithms() {
		ch.algorithm = string(a)
		st = st.With(asksIn(c.Proxy).Name(), string(ch.appendTo(nil)))
	}
	return st
}

// Verify checks the credentials of req and returns the name of the user whom
// they belong to, or the status to refuse it with: a challenge when there are
// none or they are wrong, one that says stale when only their nonce is too old
// or used up, 400 when they make no sense.
//
// lookup gives the secret of a user and may block; it is asked once for each
// set of credentials for our realm. Unknown users and wrong passwords get the
// same answer. ACK and CANCEL pass as nobody: "" and no status.
func (c *Challenger) Verify(req *sip.Message, lookup func(user, realm string) (credential.Digest, bool)) (user string, refusal *sip.Status) {
	if m := req.Method(); m == sip.ACK || m == sip.CANCEL {
		return "", nil
	}
	realm, stale := c.realm(req), false
	for o := range digests(req, answersIn(c.Proxy)) {
		cr, ok := parseCredentials(o)
		if cr.realm != realm {
			continue // for somebody else on the way, RFC 3261 §22.3
		}
		if !ok {
			return "", sip.NewStatus(400, "Malformed Credentials")
		}
		if !sameURI(cr.uri, req.RawURI()) {
			// RFC 7616 §3.4.6: "the server MUST assure that the resource designated
			// by the "Request-Line" field is the same as the resource specified in the
			// "uri" parameter; if they are not, the server SHOULD return a 400 Bad
			// Request error."
			return "", sip.NewStatus(400, "Digest URI Differs")
		}
		if !c.proves(req, &cr, lookup) {
			continue
		}
		if c.fresh(&cr) {
			return cr.username, nil
		}
		// RFC 7616 §3.3: stale is for "a request for which the nonce is invalid but
		// with a valid digest for that nonce".
		stale = true
	}
	return "", c.challenge(req, stale)
}

// proves tells whether the sender knew the secret.
func (c *Challenger) proves(req *sip.Message, cr *credentials, lookup func(user, realm string) (credential.Digest, bool)) bool {
	a, ok := algorithmOf(cr.algorithm)
	if !ok || !slices.Contains(c.algorithms(), a) || cr.qop != "" && !slices.Contains(c.qop(), cr.qop) {
		return false
	}
	cred, known := lookup(cr.username, cr.realm)
	if cred.Realm == "" {
		cred.Realm = cr.realm
	}
	if cred.Realm != cr.realm || !can(&cred, a, cr.realm) {
		// Hash something all the same: how long it takes shall not tell who exists.
		known, cred.Password = false, "?"
	}
	cred.Username = cr.username
	ch := challenge{realm: cr.realm, nonce: cr.nonce, algorithm: cr.algorithm}
	want, err := respond(req, &ch, &cred, *cr)
	if err != nil {
		return false
	}
	same := subtle.ConstantTimeCompare([]byte(want.response), []byte(strings.ToLower(cr.response)))
	return known && same == 1
}

// fresh tells whether the nonce is ours, young enough and not used this often
// before.
func (c *Challenger) fresh(cr *credentials) bool {
	made, ok := c.nonceTime(cr.nonce)
	if !ok {
		return false
	}
	now := time.Now()
	if life := c.nonceLife(); made.After(now) || life > 0 && now.Sub(made) >= life {
		return false
	}
	// An answer as of RFC 2069 has no nc: its nonce is good for one use.
	return c.replay.use(cr.nonce, made, max(cr.nc, 1), now, c.nonceLife())
}

// sameURI compares a digest-uri with the Request-URI. Proxies may have written
// it anew, so equivalence will do.
func sameURI(a, b string) bool {
	if a == b {
		return true
	}
	u, err := sip.ParseURI(a)
	if err != nil {
		return false
	}
	v, err := sip.ParseURI(b)
	return err == nil && u.Equal(v)
}

func (c *Challenger) realm(req *sip.Message) string {
	if c.Realm != "" {
		return c.Realm
	}
	u, err := req.URI()
	if err != nil || u.Host == "" {
		return "sip"
	}
	return u.Host
}

func (c *Challenger) algorithms() []credential.Algorithm {
	if len(c.Algorithms) == 0 {
		return []credential.Algorithm{credential.SHA256, credential.MD5}
	}
	return c.Algorithms
}

func (c *Challenger) qop() []string {
	if len(c.QOP) == 0 {
		return []string{qopAuth}
	}
	return c.QOP
}

func (c *Challenger) nonceLife() time.Duration {
	if c.NonceLife == 0 {
		return DefaultNonceLife
	}
	return max(c.NonceLife, 0)
}
