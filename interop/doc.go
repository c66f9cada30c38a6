// Package interop holds the tests against real peers: SIPp and baresip on the
// loopback address, over UDP and TCP, calling our command and called by it.
//
// Without the peers the tests skip, loudly; in CI they fail (see package peer).
// With INTEROP_FULL=1 the loads are those of a release, else they are cut down
// to fit into every run of the tests. The scenarios in sipp/ are ours; each is
// itself tested against a caller that does it right and, where it matters, one
// that does not.
package interop
