package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"sync"
	"time"
)

// A nonce is base64 of: 8 bytes of time in nanoseconds, 8 random bytes, and the
// first 16 bytes of a keyed hash over both.
const (
	nonceStem = 16
	nonceSize = 32
)

// newNonce makes a nonce at the given time.
func (c *Challenger) newNonce(at time.Time) string {
	var b [nonceSize]byte
	binary.BigEndian.PutUint64(b[:], uint64(at.UnixNano()))
	rand.Read(b[8:nonceStem])
	copy(b[nonceStem:], c.seal(b[:nonceStem]))
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// nonceTime is when a nonce was made; ok is false when we did not make it.
func (c *Challenger) nonceTime(nonce string) (at time.Time, ok bool) {
	if len(nonce) != base64.RawURLEncoding.EncodedLen(nonceSize) {
		return time.Time{}, false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(nonce)
	if err != nil || !hmac.Equal(c.seal(b[:nonceStem]), b[nonceStem:]) {
		return time.Time{}, false
	}
	return time.Unix(0, int64(binary.BigEndian.Uint64(b))), true
}

// seal is the keyed hash of a nonce. It covers the realm too, so that one key
// may serve several challengers.
func (c *Challenger) seal(stem []byte) []byte {
	c.once.Do(func() {
		if c.key = c.Key; len(c.key) == 0 {
			c.key = make([]byte, 32)
			rand.Read(c.key)
		}
	})
	h := hmac.New(sha256.New, c.key)
	h.Write(stem)
	h.Write([]byte(c.Realm))
	return h.Sum(nil)[:nonceSize-nonceStem]
}

// maxNonces is how many nonces one generation of the memory holds, about 8 MB
// when both are full.
const maxNonces = 1 << 15

// replay remembers which nonce counts were used, in two generations: a use
// moves a nonce into the younger one, and when that is full or old the elder
// one is dropped. A nonce in neither that is older than what was dropped last
// may have been dropped with it, so it is refused: memory is bounded, and no
// answer is ever taken twice.
type replay struct {
	mu         sync.Mutex
	young, old map[string]uses
	youngSince time.Time
	floor      time.Time // what was made before may have been dropped
}

// uses is a sliding window over the nonce counts of one nonce: the highest one
// and which of the 64 up to it were seen. Requests may overtake each other.
type uses struct {
	high uint32
	seen uint64
}

// use notes that a nonce is used with a count; false when it was before, or
// when that cannot be told any more.
func (r *replay) use(nonce string, made time.Time, nc uint32, now time.Time, life time.Duration) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turnOver(now, life)
	u, known := r.young[nonce]
	if !known {
		if u, known = r.old[nonce]; !known && made.Before(r.floor) {
			return false
		}
	}
	if !u.take(nc) {
		return false
	}
	r.young[nonce] = u
	return true
}

// turnOver begins a new generation when it is time to.
func (r *replay) turnOver(now time.Time, life time.Duration) {
	if r.young == nil {
		r.young, r.youngSince = make(map[string]uses), now
		return
	}
	if len(r.young) < maxNonces && (life == 0 || now.Sub(r.youngSince) < life) {
		return
	}
	if r.old != nil {
		r.floor = r.youngSince
	}
	r.old = r.young
	r.young, r.youngSince = make(map[string]uses), now
}

// take marks a count as used; false when it was, or is too far behind.
func (u *uses) take(nc uint32) bool {
	switch {
	case nc > u.high:
		u.seen = u.seen<<(nc-u.high) | 1
		u.high = nc
		return true
	case u.high-nc >= 64 || u.seen&(1<<(u.high-nc)) != 0:
		return false
	}
	u.seen |= 1 << (u.high - nc)
	return true
}
