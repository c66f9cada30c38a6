// Package sip holds the words of SIP: messages, URIs, headers, methods and
// statuses, and how they are read from and written to bytes. It does no I/O
// and reads no clock.
//
// # Messages are indexed, not decoded
//
// [Parse] walks over a message once and notes where the start line, each
// header line and the body lie. Nothing is decoded until somebody asks, and
// what is decoded is a substring of the one string that was parsed. A program
// that reads six headers pays for six.
//
// Reading never changes a [Message]: there is no hidden cache. A message that
// nobody writes to may be read from any number of goroutines.
//
// A parsed message that nobody touched is written out as the very bytes that
// came in. When some of its headers are changed, the other lines still go out
// as they came, with their folds, their case and their spaces.
//
// # One door to every header
//
// A [Header] is a typed description of one header field: [Via], [From],
// [MaxForwards] and so on. Its methods read, set, add and remove values:
//
//	hop, err := sip.Via.Get(msg)      // the topmost Via value
//	sip.MaxForwards.Set(msg, 70)
//	for addr, err := range sip.Contact.All(msg) { … }
//
// [NewHeader] makes a descriptor for a header that this package does not know,
// with exactly the same rights; [Named] gives the raw text of any header.
//
// A bad value is an error of that header, never of the message: [Message.Check]
// alone decides whether a message as a whole must be refused.
//
// # No injection
//
// No text given by a program or taken from a peer can break out of its line:
// CR, LF and NUL are percent-escaped inside URIs and dropped everywhere else
// when a value is written into a message.
package sip
