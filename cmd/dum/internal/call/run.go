package call

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"

	"dum"
	"dum/cmd/dum/internal/cli"
	"dum/dialog"
	"dum/invite"
	"dum/media"
	"dum/sip"
)

// errNoAnswer is the cause with which a call is given up that rang too long.
var errNoAnswer = errors.New("no answer in time")

// A runner places the calls.
type runner struct {
	options
	agent *dum.UserAgent
	local func() *media.Session // makes the SDP side of one call
	offer sip.Body              // what --sdp says; zero: made for each call
	tally *tally
	story *story // nil unless there is one call to tell about
}

// place starts every call on its schedule, whatever became of the ones before
// (an open model: a slow peer does not slow us down), and returns when all are
// over. soft ends the placing and the calls; hard ends the waiting for peers.
func (r *runner) place(soft, hard context.Context) {
	var calls sync.WaitGroup
	start := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for i := range r.count {
		due := start.Add(time.Duration(float64(i) / r.rate * float64(time.Second)))
		if wait := time.Until(due); wait > 0 {
			timer.Reset(wait)
			select {
			case <-timer.C:
			case <-soft.Done():
			}
		}
		if soft.Err() != nil {
			break
		}
		r.tally.count(&r.tally.placed, 1)
		calls.Go(func() { r.call(soft, hard, due) })
	}
	calls.Wait()
}

// call places one call and sees it through. Its set-up time counts from when
// it was due, so that a pause of ours is not hidden from the percentiles.
func (r *runner) call(soft, hard context.Context, due time.Time) {
	side := r.local()
	s, err := r.setUp(soft, side)
	if err != nil {
		r.refused(err)
		return
	}
	r.tally.setup.Add(time.Since(due))
	r.tally.count(&r.tally.answered, 1)
	r.tally.count(&r.tally.up, 1)
	defer r.tally.count(&r.tally.up, -1)
	r.story.answered(s)

	over := s.Context()
	hold := time.NewTimer(r.duration)
	defer hold.Stop()
	select {
	case <-hold.C:
	case <-soft.Done():
	case <-over.Done():
	}
	err = s.Bye(hard)
	why := s.Ended()
	if h, ok := errors.AsType[*invite.Hangup](why); ok && h.Peer {
		r.tally.count(&r.tally.byPeer, 1)
		r.story.tell("the peer hung up%s", reason(h))
		return
	}
	switch {
	case err == nil:
		r.story.tell("we hung up, and the peer confirmed it")
	case errors.Is(err, dialog.ErrEnded):
		r.hangUpFailed(why)
	default:
		r.hangUpFailed(err)
	}
}

// setUp sends the INVITE and waits for the answer.
func (r *runner) setUp(soft context.Context, side *media.Session) (*invite.Session, error) {
	ctx, cancel := context.WithTimeoutCause(soft, r.timeout, errNoAnswer)
	defer cancel()
	o := invite.Options{Handler: invite.Handler{
		Offer: func(ctx context.Context, _ *invite.Session, offer sip.Body) (sip.Body, error) {
			if offer.IsZero() {
				return side.Offer(media.Sendrecv), nil
			}
			r.story.offered("the peer changed the call", offer)
			return side.Answer(offer)
		},
	}}
	switch {
	case r.lateOffer:
		o.Answer = func(_ context.Context, offer sip.Body) (sip.Body, error) { return side.Answer(offer) }
	case !r.offer.IsZero():
		o.Offer = r.offer
	default:
		o.Offer = side.Offer(media.Sendrecv)
	}
	attempt, err := r.agent.StartInvite(r.target, o)
	if err != nil {
		return nil, err
	}
	if r.story != nil {
		r.story.placed(attempt)
		for p := range attempt.Progress(ctx) {
			r.story.progress(p)
		}
	}
	return attempt.Wait(ctx)
}

// refused sorts out why there is no call.
func (r *runner) refused(err error) {
	st, isStatus := errors.AsType[*sip.Status](err)
	switch {
	case errors.Is(err, cli.ErrInterrupted):
		r.tally.count(&r.tally.canceled, 1)
		r.story.tell("cancelled")
	case errors.Is(err, errNoAnswer):
		r.fail(noAnswer, fmt.Sprintf("no answer in %s", r.timeout))
	case isStatus && cli.Local(st) && st.Code == 408:
		r.fail(noAnswer, "no answer: nobody is there")
	case isStatus && cli.Local(st) && st.Code == 503:
		r.fail("503", "cannot be reached: "+st.Reason)
	case isStatus:
		text := st.Error()
		if hint := r.identity.Hint(st); hint != "" {
			text += " (" + hint + ")"
		}
		r.fail(strconv.Itoa(st.Code), text)
	default:
		r.fail(failed, err.Error())
	}
}

// hangUpFailed counts a call whose end did not go as it should.
func (r *runner) hangUpFailed(err error) {
	key, text := failed, "ended without a BYE: "+err.Error()
	if st, ok := errors.AsType[*sip.Status](err); ok {
		key, text = "bye-"+strconv.Itoa(st.Code), "BYE answered by "+st.Error()
		if cli.Local(st) {
			text = "BYE not answered: " + st.Error()
		}
	}
	r.fail(key, text)
}

func (r *runner) fail(key, text string) {
	r.tally.fail(key, text)
	r.story.tell("%s", text)
}

// reason is what the peer's BYE says about itself (RFC 3326).
func reason(h *invite.Hangup) string {
	if h.Request == nil {
		return ""
	}
	text, err := sip.Named("Reason").Get(h.Request)
	if err != nil {
		return ""
	}
	return ": " + text
}

// A story tells what happens in one call, line by line. The nil story is
// silent. It is safe for concurrent use.
type story struct {
	mu    sync.Mutex
	w     io.Writer
	start time.Time
}

func (s *story) tell(format string, args ...any) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(s.w, "%8.3fs  %s\n", time.Since(s.start).Seconds(), fmt.Sprintf(format, args...))
}

func (s *story) placed(a *invite.Attempt) { s.tell("INVITE sent, %s", a) }

func (s *story) progress(p invite.Progress) {
	text := fmt.Sprintf("%d %s", p.Code, p.Reason)
	if !p.Body.IsZero() {
		s.offered(text, p.Body)
		return
	}
	s.tell("%s", text)
}

func (s *story) answered(call *invite.Session) { s.tell("the call is up, %s", call) }

// offered tells of a session description.
func (s *story) offered(what string, body sip.Body) {
	if s == nil {
		return
	}
	streams, err := media.Streams(body)
	if err != nil {
		s.tell("%s, with a body of type %s", what, body.Type)
		return
	}
	s.tell("%s, media: %v", what, streams)
}
