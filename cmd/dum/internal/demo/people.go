package demo

import (
	"context"
	"errors"

	"dum"
	"dum/auth"
	"dum/credential"
	"dum/invite"
	"dum/media"
	"dum/sip"
)

const (
	realm    = "demo"
	password = "open sesame"
)

// bob takes calls: his door asks callers for a password, and what he does with
// a call is up to the script.
type bob struct {
	door  auth.Challenger
	calls chan *ringing
}

// A ringing is a call that Bob has not answered yet.
type ringing struct {
	*invite.Incoming
	ctx    context.Context // ends when the caller gives up
	caller string          // the name that the door has verified
	done   chan struct{}   // closed by the script when the call needs no handler any more
}

func newBob() *bob {
	return &bob{door: auth.Challenger{Realm: realm}, calls: make(chan *ringing)}
}

// take is Bob's handler for calls.
func (b *bob) take(ctx context.Context, in *invite.Incoming) error {
	caller, refusal := b.door.Verify(in.Request(), func(user, _ string) (credential.Digest, bool) {
		return credential.Digest{Username: user, Password: password}, user == "alice"
	})
	if refusal != nil {
		return refusal
	}
	call := &ringing{Incoming: in, ctx: ctx, caller: caller, done: make(chan struct{})}
	select {
	case b.calls <- call:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case <-call.done:
	case <-ctx.Done():
	}
	return nil
}

// An answered is Bob's side of a call that is up.
type answered struct {
	offers chan media.Direction // what Alice asked for in each re-INVITE
	ended  chan error
}

// answer picks up with the description that went out as early media.
func (c *ringing) answer(ctx context.Context, side *media.Session, body sip.Body) (*answered, error) {
	a := &answered{offers: make(chan media.Direction, 1), ended: make(chan error, 1)}
	_, err := c.Accept(ctx, body, invite.Handler{
		Offer: func(_ context.Context, _ *invite.Session, offer sip.Body) (sip.Body, error) {
			d, err := direction(offer)
			if err != nil {
				return sip.Body{}, err
			}
			a.offers <- d
			return side.Answer(offer)
		},
		Ended: func(_ *invite.Session, why error) { a.ended <- why },
	})
	close(c.done)
	return a, err
}

// profile is Alice's.
func profile() *dum.Profile {
	return &dum.Profile{
		AOR: "sip:alice@example.com", Display: "Alice", UserAgent: "dum",
		Credentials: []credential.Digest{{Realm: realm, Username: "alice", Password: password}},
	}
}

// direction is that of the one stream in a description.
func direction(body sip.Body) (media.Direction, error) {
	streams, err := media.Streams(body)
	if err != nil {
		return 0, err
	}
	if len(streams) != 1 || streams[0].Refused {
		return 0, errors.New("not one stream of audio")
	}
	return streams[0].Direction, nil
}

// receive waits for a value, as long as ctx lasts.
func receive[T any](ctx context.Context, c <-chan T) (v T, err error) {
	select {
	case v = <-c:
		return v, nil
	case <-ctx.Done():
		return v, context.Cause(ctx)
	}
}
