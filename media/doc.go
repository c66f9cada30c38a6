// Package media makes the session descriptions of a user agent: offers and
// answers by RFC 3264, in SDP (RFC 8866).
//
// It describes media and carries none. A [Session] is the SDP side of one
// call: it offers and accepts one audio stream of PCMU, PCMA and
// telephone-event, and refuses every other stream in the way the RFC asks for
// (the line stays, its port becomes 0). [Streams] tells what a description
// says, for people and for tests.
//
// Errors are *sip.Status, so a call handler can return them as they are: 415
// for a body that is not SDP, 400 for one that cannot be read, 488 for an
// offer of which nothing can be accepted.
package media
