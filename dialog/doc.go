// Package dialog keeps dialog sets: the dialogs that one request made, the
// usages that live in them, and the one pipeline through which every request
// of a user agent client goes.
//
// # What is serial with what
//
// Everything that belongs to one [Set] happens within turns of that set, one
// at a time, in the order in which it arrived. A function that takes a [Turn]
// runs inside one and must not block. Code of the application never runs in a
// turn: it is posted to an [Outbox], a queue of its own, and may block there
// and call anything.
//
// # What lives how long
//
// A set lives while a usage, an unanswered request or a request of its own
// under way holds it. It ends by itself, once. After that [Set.Do] still runs
// its function, so that a caller is always answered, but the set can no longer
// be found and takes no new usage. Transactions that finish after the set are
// the stack's.
//
// # Usages
//
// invite, request and the other usages stand on exactly the interface that a
// usage from outside has: [Manager.Handle] to be asked for new sets, [Usage]
// to take part in them, [Set.Send] to send.
package dialog
