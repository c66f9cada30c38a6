// Package stack is the SIP stack below dialogs: transports, the way of each
// message to the transaction it belongs to, and the transactions themselves.
//
// # Strands and turns
//
// A [Strand] is the serial home of one dialog set: every message, timer and
// command that concerns it is handled in a [Turn] of it, one at a time. A turn
// runs on the goroutine that brought the work (a socket's reader, a timer, a
// caller of [Strand.Do]) and must not block; an idle strand has no goroutine,
// no queue and no timer. The layer above is the strand's [TU].
//
// # What is guaranteed
//
//   - Messages of one flow that belong to one strand are handled in the order
//     of their arrival.
//   - One request makes one transaction, whatever sockets its copies arrive on
//     and however they race.
//   - A request is delivered once; the copies are answered here.
//   - After its final response a transaction needs no strand: what is left is a
//     tombstone of some hundred bytes that answers retransmissions.
//   - A panic in a turn ends that strand, with a 500 for what it had not
//     answered, and no other.
//
// # Limits
//
// The stack is a user agent's: it matches responses to its own requests and
// never forwards one. Names are resolved outside of turns, see
// [Stack.Resolve].
package stack
