// Package auth is digest authentication for SIP (RFC 3261 §22, RFC 8760): a
// [Client] that answers challenges and a [Challenger] that makes and checks
// them.
//
// The arithmetic is that of github.com/icholy/digest; reading and writing the
// headers and all policy are ours, because SIP differs from HTTP in both.
//
// # Who gets an answer
//
// Anybody who receives a request may challenge it, also a stranger who only
// waits for the BYE of a call that he placed: what he gets for it is enough to
// guess the password off-line. So a [credential.Digest] answers the realm that it
// names and no other, and there is no "first credential for everybody". Where
// the realm is not known beforehand, [credential.Digest.Domains] ties a credential to
// the places to which one's own first requests go instead.
package auth
