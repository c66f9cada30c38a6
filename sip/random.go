package sip

import "crypto/rand"

// NewBranch returns a fresh branch parameter (RFC 3261 §8.1.1.7).
func NewBranch() string { return BranchCookie + rand.Text() }

// NewTag returns a fresh tag (RFC 3261 §19.3: "at least 32 bits of
// randomness", unguessable).
func NewTag() string { return rand.Text()[:16] }

// NewCallID returns a fresh Call-ID. It tells nothing about the host.
func NewCallID() string { return rand.Text() }
