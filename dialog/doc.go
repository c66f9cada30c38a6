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
// A set lives while a usage, an unanswered request of the peer or a request of
// its own under way holds it. It ends by itself, once, with the turn that takes
// the last of them. After that [Set.Do] still runs its function, so that a
// caller is always answered, but the set can no longer be found and takes no
// new usage. Transactions that finish after the set are the stack's.
//
// # What is certain to happen
//
//   - A [Request] that was given to [Set.Send] hears of its end in OnResponse:
//     a final response or a local failure, also when its set dies.
//   - A request of the peer gets a final response, also when its usage forgets
//     it or panics.
//   - A usage hears [Usage.Fault] when its set ends over its head, and else
//     [Usage.Shutdown] when the manager shuts down.
//
// # What is bounded
//
// The dialogs of one set ([Config.MaxForks]), the requests of the peer that a
// set keeps unanswered (128, then 500 with Retry-After), and below that what
// the stack bounds: sets, queues and the memory of finished transactions. How
// many usages a set has is for the usages to say.
//
// # Usages
//
// invite, request and the other usages stand on exactly the interface that a
// usage from outside has: [Manager.Handle] to be asked for new sets, [Usage]
// to take part in them, [Set.Send] to send.
package dialog
