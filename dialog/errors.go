package dialog

import "errors"

// Errors of sets and dialogs.
var (
	// ErrEnded answers every use of a handle whose call, dialog or set is over.
	ErrEnded = errors.New("dialog: ended")
	// ErrShutdown answers new work on a manager that is shutting down.
	ErrShutdown = errors.New("dialog: manager is shutting down")
	// ErrCanceled ends a request that was cancelled before it was sent.
	ErrCanceled = errors.New("dialog: request cancelled before it was sent")
	// ErrNoTarget ends a request whose next hop could not be found or reached.
	ErrNoTarget = errors.New("dialog: no way to the next hop")
)
