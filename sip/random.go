package sip

import "math/rand/v2"

// The identifiers below have to be unique and hard to guess: who guesses the
// Call-ID and the tags of a call can end it. They are made by the generator
// behind the top-level functions of math/rand/v2, which cannot be seeded by a
// program, so nobody can make it predictable: it is ChaCha8, a stream cipher,
// keyed by the operating system, with a state per thread that is re-keyed from
// itself so that earlier output cannot be computed from it. What leaves here
// does not let an observer compute what comes next. It costs some nanoseconds
// where reading crypto/rand costs a system call, and it takes no lock.
//
// Only small letters and digits are used, as some peers compare tags and
// branches without regard to case.

const idAlphabet = "abcdefghijklmnopqrstuvwxyz234567" // 5 bits each

// appendRandom writes n random characters.
func appendRandom(b []byte, n int) []byte {
	for n > 0 {
		// 12 characters of 5 bits out of 64 bits.
		for r, k := rand.Uint64(), min(n, 12); k > 0; k-- {
			b = append(b, idAlphabet[r&31])
			r >>= 5
			n--
		}
	}
	return b
}

// NewBranch returns a fresh branch: the cookie and 120 random bits. RFC 3261
// §8.1.1.7: "The branch parameter value MUST be unique across space and time
// for all requests sent by the UA."
func NewBranch() string {
	var b [len(BranchCookie) + 24]byte
	return string(appendRandom(append(b[:0], BranchCookie...), 24))
}

// NewTag returns a fresh tag of 80 random bits. RFC 3261 §19.3: "it MUST be
// globally unique and cryptographically random with at least 32 bits of
// randomness."
func NewTag() string {
	var b [16]byte
	return string(appendRandom(b[:0], 16))
}

// NewCallID returns a fresh Call-ID of 120 random bits, which tells nothing
// about the host. RFC 3261 §8.1.1.4: "Use of cryptographically random
// identifiers … is RECOMMENDED."
func NewCallID() string {
	var b [24]byte
	return string(appendRandom(b[:0], 24))
}
