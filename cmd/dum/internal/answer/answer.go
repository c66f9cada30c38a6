package answer

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"dum/dialog"
	"dum/invite"
	"dum/media"
	"dum/sip"
)

// An answerer takes calls as the flags say.
type answerer struct {
	counters
	ring   bool
	delay  time.Duration
	status int                                  // refuse with it; 0: answer
	body   sip.Body                             // what --sdp says; zero: made for each call
	local  func(in *invite.Incoming) netip.Addr // our address as the caller of in should see it
	offers media.Reader                         // load generators say the same in each
	over   func(ended int64)                    // hears how many calls are over, after each
}

// take is the handler of every call. It returns as soon as the call is
// answered: what happens later is told to callbacks, so a call that is up costs
// no goroutine.
func (a *answerer) take(ctx context.Context, in *invite.Incoming) error {
	a.calls.Add(1)
	a.open.Add(1)
	if err := a.answer(ctx, in); err != nil {
		st, ok := errors.AsType[*sip.Status](err)
		if !ok {
			st = sip.NewStatus(500, "")
		}
		// Before the call counts as over: with the last of --count the command ends.
		// Where the caller has given up there is nothing to refuse any more, and
		// Reject says so.
		_ = in.Reject(st)
		a.end(a.broken(err))
	}
	return nil
}

// answer rings, waits and answers. An error is why there is no session.
func (a *answerer) answer(ctx context.Context, in *invite.Incoming) error {
	if a.ring {
		if err := in.Ring(180, sip.Body{}); err != nil {
			return err
		}
	}
	if a.delay > 0 {
		wait := time.NewTimer(a.delay)
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	if a.status != 0 {
		return sip.NewStatus(a.status, "")
	}
	side := &media.Session{Addr: a.local(in), Reader: &a.offers}
	body, err := a.describe(side, in.Offer())
	if err != nil {
		return err
	}
	_, err = in.Accept(ctx, body, invite.Handler{
		Offer: func(_ context.Context, _ *invite.Session, offer sip.Body) (sip.Body, error) {
			return a.describe(side, offer)
		},
		Ended: func(_ *invite.Session, why error) { a.end(a.broken(why)) },
	})
	return err
}

// describe is our word on an offer; a zero offer asks for one of ours.
func (a *answerer) describe(side *media.Session, offer sip.Body) (sip.Body, error) {
	switch {
	case !a.body.IsZero():
		return a.body, nil
	case offer.IsZero():
		return side.Offer(media.Sendrecv), nil
	}
	return side.Answer(offer)
}

// broken tells whether a call that ended for this reason has failed: not when
// somebody hung up or gave up, nor when we refused it because we were told to.
func (a *answerer) broken(why error) bool {
	if _, ok := errors.AsType[*invite.Hangup](why); ok {
		return false
	}
	if st, ok := errors.AsType[*sip.Status](why); ok {
		return st.Code != a.status
	}
	return !errors.Is(why, invite.ErrCanceled) && !errors.Is(why, invite.ErrExpired) &&
		!errors.Is(why, dialog.ErrEnded) && !errors.Is(why, dialog.ErrShutdown)
}

func (a *answerer) end(broken bool) {
	if broken {
		a.failed.Add(1)
	}
	a.open.Add(-1)
	a.over(a.ended.Add(1))
}
