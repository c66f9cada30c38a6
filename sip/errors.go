package sip

import (
	"errors"
	"fmt"
)

// ErrMissing is what reading a header yields that the message does not have.
// Test for it with errors.Is.
var ErrMissing = errors.New("header missing")

// HeaderError is a header whose value could not be read. The message it stands
// in is as good as before.
type HeaderError struct {
	Name  string // the full name of the header
	Value string // the value that could not be read
	Err   error  // what is wrong with it
}

// Error names the header, its value and what is wrong.
func (e *HeaderError) Error() string {
	if e.Value == "" {
		return fmt.Sprintf("sip: %s: %v", e.Name, e.Err)
	}
	return fmt.Sprintf("sip: %s: %v in %.80q", e.Name, e.Err, e.Value)
}

// Unwrap returns the cause, so that errors.Is(err, ErrMissing) works.
func (e *HeaderError) Unwrap() error { return e.Err }

// ParseError is a message that could not be taken as it is.
type ParseError struct {
	Status int    // what to answer if it was a request: 400 or 513
	Reason string // the reason phrase for that answer
	Offset int    // where in the text, in bytes
}

// Error tells the status, the reason and the place.
func (e *ParseError) Error() string {
	return fmt.Sprintf("sip: %d %s (at byte %d)", e.Status, e.Reason, e.Offset)
}
