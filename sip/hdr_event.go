package sip

import "time"

// Subscriptions and notifications (RFC 6665), publications (RFC 3903) and INFO
// packages (RFC 6086).
var (
	Event             = NewHeader("Event", itemCodec[EventType](isTokenByte))             // RFC 6665 §8.2.1
	AllowEvents       = NewHeader("Allow-Events", tokenCodec[string](true))               // RFC 6665 §8.2.2
	SubscriptionState = NewHeader("Subscription-State", itemCodec[SubState](isTokenByte)) // RFC 6665 §8.2.3

	SIPETag         = NewHeader("SIP-ETag", tokenCodec[string](false))          // RFC 3903 §11.3.1
	SIPIfMatch      = NewHeader("SIP-If-Match", tokenCodec[string](false))      // RFC 3903 §11.3.2
	SuppressIfMatch = NewHeader("Suppress-If-Match", tokenCodec[string](false)) // RFC 5839

	InfoPackage = NewHeader("Info-Package", itemCodec[Item](isTokenByte)) // RFC 6086
	// RecvInfo lists the INFO packages that a user agent takes. To take none is
	// said by Named("Recv-Info").Set(m, "").
	RecvInfo = NewHeader("Recv-Info", itemListCodec[Item](isTokenByte)) // RFC 6086
)

// EventType is the value of an Event header.
type EventType struct {
	Value  string // the event package with its templates: "presence.winfo"
	Params Params
}

// ID returns the id parameter, which tells several subscriptions of one dialog
// to one package apart; "" when there is none.
func (e EventType) ID() string {
	id, _ := e.Params.Get("id")
	return id
}

// WithID returns e with its id parameter set.
func (e EventType) WithID(id string) EventType {
	e.Params = e.Params.With("id", id)
	return e
}

// Match reports whether e and f name the same subscription within a dialog.
// RFC 6665 §8.2.1 has package and id compared byte by byte, an id never matches
// a missing one, and no other parameter counts.
func (e EventType) Match(f EventType) bool {
	return e.Value == f.Value && e.ID() == f.ID() && e.Params.Has("id") == f.Params.Has("id")
}

// String returns the value as it stands in the header.
func (e EventType) String() string { return string(appendItem(nil, Item(e), isTokenByte)) }

// SubState is the value of a Subscription-State header.
type SubState struct {
	Value  string // "active", "pending", "terminated" or an extension
	Params Params
}

// The states of a subscription (RFC 6665 §4.1.3).
const (
	SubActive     = "active"
	SubPending    = "pending"
	SubTerminated = "terminated"
)

// Is reports whether the state is s, without regard to case.
func (v SubState) Is(s string) bool { return equalFold(v.Value, s) }

// Reason returns why the subscription ended: "deactivated", "probation",
// "rejected", "timeout", "giveup", "noresource", "invariant" or an extension
// (RFC 6665 §4.1.3); "" when the peer does not say.
func (v SubState) Reason() string {
	r, _ := v.Params.Get("reason")
	return r
}

// WithReason returns v with its reason parameter set.
func (v SubState) WithReason(reason string) SubState {
	v.Params = v.Params.With("reason", reason)
	return v
}

// Expires returns how long the subscription still lasts; ok is false when the
// notifier does not say.
func (v SubState) Expires() (d time.Duration, ok bool) { return v.Params.Seconds("expires") }

// WithExpires returns v with its expires parameter set, in whole seconds.
func (v SubState) WithExpires(d time.Duration) SubState {
	v.Params = v.Params.WithSeconds("expires", d)
	return v
}

// RetryAfter returns when the subscriber may try again; ok is false when the
// notifier does not say.
func (v SubState) RetryAfter() (d time.Duration, ok bool) { return v.Params.Seconds("retry-after") }

// WithRetryAfter returns v with its retry-after parameter set, in whole
// seconds.
func (v SubState) WithRetryAfter(d time.Duration) SubState {
	v.Params = v.Params.WithSeconds("retry-after", d)
	return v
}

// String returns the value as it stands in the header.
func (v SubState) String() string { return string(appendItem(nil, Item(v), isTokenByte)) }
