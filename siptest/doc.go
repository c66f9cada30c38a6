// Package siptest is for tests of SIP programs: a network in memory, and peers
// that follow a script.
//
// A [Net] is a network of hosts. Each [Host] has transports that behave like
// UDP and TCP and go into a stack's configuration in place of the real ones.
// Nothing leaves the process, time is whatever package time says, so that
// everything works inside a [testing/synctest] bubble, and what happens to each
// datagram is for the test to say: lose it, double it, let it be overtaken,
// hold it back.
//
// A [Peer] is an end point without a stack inside, for what a correct one would
// never send. It speaks over a Net and over real transports alike.
//
// Package dum/siptest/flow runs whole call flows, written as text, on a Net.
package siptest
