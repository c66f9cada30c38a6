package stack

import (
	"errors"
	"fmt"
)

// Errors of transactions and of the stack.
var (
	// ErrTimeout ends a client transaction that got no final response in 64*T1
	// (for an INVITE: no response at all), and answers a final response that
	// comes after the client has given up.
	ErrTimeout = errors.New("stack: no response in time")
	// ErrCanceled ends an INVITE that was cancelled and got no final response
	// within 64*T1 of the CANCEL (RFC 3261 §9.1).
	ErrCanceled = errors.New("stack: cancelled, and no final response came")
	// ErrAnswered answers a response to a request that has its final one.
	ErrAnswered = errors.New("stack: the request has its final response")
	// ErrNotAllowed answers a response that may not be sent to a request other
	// than INVITE: 101 to 199, 408, and an early 100 over UDP (RFC 4320 §4).
	ErrNotAllowed = errors.New("stack: this response is not allowed for this request")
	// ErrClosed answers work for a stack or a strand that is closed, and is the
	// fault that a strand hears when its stack closes.
	ErrClosed = errors.New("stack: closed")
	// ErrNoTransport answers a target on a network that the stack does not have.
	ErrNoTransport = errors.New("stack: no transport for this network")
	// ErrBadAddress answers a listening point that cannot be read.
	ErrBadAddress = errors.New("stack: bad listening address")
)

// A PanicError is the fault that a strand hears when a turn of it panicked.
type PanicError struct {
	Value any    // what was passed to panic
	Stack []byte // the stack of the goroutine at that time
}

// Error shows the value that was passed to panic.
func (e *PanicError) Error() string { return fmt.Sprintf("stack: panic in a turn: %v", e.Value) }
