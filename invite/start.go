package invite

import (
	"context"

	"dum/dialog"
	"dum/internal/machine/oa"
	"dum/profile"
	"dum/sip"
)

// Options are how a call is placed. The zero Options place one without a
// session description.
type Options struct {
	// Offer is our session description. Zero sends an INVITE without one: the
	// peer makes the offer in its 2xx, and Answer answers it in the ACK.
	Offer sip.Body
	// Answer answers the offer of a peer that was asked for one. Its error, or
	// nil for Answer, ends the call with ACK and BYE; the error is what Wait
	// returns then. The context ends when the call does.
	Answer func(ctx context.Context, offer sip.Body) (sip.Body, error)
	// Headers are added to the INVITE.
	Headers []sip.Field
	// Handler hears of the session.
	Handler Handler
	// Forks says what becomes of further answers to a forked call.
	Forks ForkPolicy
	// Value becomes the value of the dialog set, see [dialog.Set.Value]; nil
	// leaves it to the manager's factory.
	Value any
}

// A ForkPolicy says what becomes of the calls that answer after the first one
// has: an INVITE that a proxy forks may be answered more than once. The zero
// policy keeps the first, and acknowledges and hangs up the others.
type ForkPolicy struct {
	// Extra is given each further session, acknowledged, and now owns it. It is
	// called like a callback of that session.
	Extra func(s *Session)
}

// Start places a call to a URI and returns at once. Read its course from
// [Attempt.Progress] and its outcome from [Attempt.Wait]. A nil profile is the
// manager's own.
func Start(m *dialog.Manager, p *profile.Profile, to sip.URI, o Options) *Attempt {
	a := &Attempt{options: o, done: make(chan struct{})}
	set, err := m.NewSet(p)
	if err != nil {
		a.err = err
		close(a.done)
		return a
	}
	a.set = set
	if o.Value != nil {
		set.SetValue(o.Value)
	}
	req := sip.NewRequest(sip.INVITE, to)
	addHeaders(req, o.Headers)
	if !o.Offer.IsZero() {
		req.SetBody(o.Offer)
	}
	a.request = &dialog.Request{Msg: req, OnResponse: a.recv}
	inTurn(set, func(t *dialog.Turn) {
		a.oa.Send(oa.Invite, !o.Offer.IsZero())
		set.AddUsage(t, (*caller)(a))
		set.Send(t, a.request)
	})
	return a
}
