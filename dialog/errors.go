package dialog

import (
	"errors"

	"dum/stack"
)

// Errors of sets and dialogs.
var (
	// ErrEnded answers every use of a handle whose call, dialog or set is over.
	ErrEnded = errors.New("dialog: ended")
	// ErrShutdown answers new work on a manager that is shutting down.
	ErrShutdown = errors.New("dialog: manager is shutting down")
	// ErrTooManyForks answers a response that would make one dialog more than a
	// set may have; see [Config.MaxForks].
	ErrTooManyForks = errors.New("dialog: too many dialogs in one set")
	// ErrCanceled ends a request that was cancelled before it was sent.
	ErrCanceled = errors.New("dialog: request cancelled before it was sent")
	// ErrNoTarget ends a request whose next hop could not be found or reached.
	ErrNoTarget = errors.New("dialog: no way to the next hop")
)

// A PanicError is how a panic reaches the owner of what it ended.
type PanicError = stack.PanicError
