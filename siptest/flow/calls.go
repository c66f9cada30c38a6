package flow

import (
	"context"
	"fmt"
	"strconv"

	"dum/credential"
	"dum/invite"
	"dum/sip"
)

// dial places a call and reports its course.
func (a *agent) dial(c command) error {
	peer, err := a.run.who(c.word(2))
	if err != nil {
		return err
	}
	o := invite.Options{Offer: body(c.args["offer"]), Handler: a.handler()}
	if answer := c.args["answer"]; answer != "" {
		o.Answer = func(ctx context.Context, offer sip.Body) (sip.Body, error) {
			a.saw("asked to answer %s, answers %s", offered(offer), answer)
			return body(answer), nil
		}
	}
	attempt, err := a.ua.StartInvite(peer.address().String(), o)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(a.run.ctx)
	l := a.newLeg()
	a.change(func() { l.cancel = cancel })
	go func() {
		for p := range attempt.Progress(ctx) {
			early := ""
			if !p.Body.IsZero() {
				early = ", early " + bodyName(p.Body)
			}
			if p.Code > 100 && p.Code < 200 {
				a.heard("hears %d %s%s", p.Code, p.Reason, early)
			}
		}
	}()
	go func() {
		defer cancel()
		s, err := attempt.Wait(ctx)
		if err != nil {
			a.got("dial failed: %v", err)
			return
		}
		a.got("dial answered, %s", bodyName(s.RemoteBody()))
		a.change(func() { l.session = s })
	}()
	return c.only("offer", "answer", "call")
}

// called takes a call and waits for the command that decides it.
func (a *agent) called(ctx context.Context, in *invite.Incoming) error {
	if a.guard != nil {
		if _, st := a.guard.Verify(in.Request(), secretOf); st != nil {
			a.heard("challenges %s", in.From().URI.User)
			return st
		}
	}
	l := a.newLeg()
	a.saw("call from %s, %s", in.From().URI.User, offered(in.Offer()))
	a.change(func() { l.in = in })
	select {
	case <-l.decided:
		return nil
	case <-ctx.Done():
		a.saw("call ended: %s", reasonOf(context.Cause(ctx)))
		return nil
	}
}

// decide rings, accepts or refuses a call.
func (a *agent) decide(l *leg, verb string, c command) (err error) {
	name := c.args["sdp"]
	switch verb {
	case "ring":
		code := 180
		if text := c.word(2); text != "" {
			if code, err = strconv.Atoi(text); err != nil {
				return err
			}
		}
		if err := l.in.Ring(code, body(name)); err != nil {
			a.got("cannot ring: %v", err)
		}
		return c.only("sdp", "call")
	case "accept":
		s, err := l.in.Accept(a.run.ctx, body(name), a.handler())
		if err != nil {
			a.got("cannot accept: %v", err)
			return c.only("sdp", "call")
		}
		a.change(func() { l.session = s })
		close(l.decided)
		return c.only("sdp", "call")
	}
	code, err := strconv.Atoi(c.word(2))
	if err != nil {
		return err
	}
	if verb == "redirect" {
		to, err := a.run.who(c.word(3))
		if err != nil {
			return err
		}
		err = l.in.Redirect(code, sip.Addr{URI: to.address()})
		a.done("redirect", l, err)
		return c.only("call")
	}
	a.done("reject", l, l.in.Reject(sip.NewStatus(code, c.rest(3))))
	return c.only("call")
}

func (a *agent) done(what string, l *leg, err error) {
	if err != nil {
		a.got("cannot %s: %v", what, err)
		return
	}
	close(l.decided)
}

// within hangs up or makes an offer.
func (a *agent) within(l *leg, verb string, c command) error {
	if verb == "bye" {
		go func() {
			err := l.session.Bye(a.run.ctx)
			a.got("bye: %s", outcome(err))
		}()
		return c.only("call")
	}
	offer := body(c.word(2))
	go func() {
		answer, err := l.session.Offer(a.run.ctx, offer)
		if err != nil {
			a.got("%s failed: %v", offered(offer), err)
			return
		}
		a.got("%s answered %s", offered(offer), bodyName(answer))
	}()
	return c.only("call")
}

// handler hears of a session. The question of a re-INVITE is left to its
// default until the flow says what the agent will do.
func (a *agent) handler() invite.Handler {
	h := invite.Handler{
		Answered: func(s *invite.Session, answer sip.Body) { a.saw("answer in ACK: %s", bodyName(answer)) },
		Ended:    func(s *invite.Session, why error) { a.saw("call ended: %s", reasonOf(why)) },
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.will.words) > 0 {
		h.Offer = a.asked
	}
	return h
}

// asked answers the peer's offer in a re-INVITE.
func (a *agent) asked(ctx context.Context, s *invite.Session, offer sip.Body) (sip.Body, error) {
	a.mu.Lock()
	will := a.will
	a.mu.Unlock()
	switch will.word(2) {
	case "answer":
		a.saw("asked %s, answers %s", offered(offer), will.word(3))
		return body(will.word(3)), nil
	case "refuse":
		code, err := strconv.Atoi(will.word(3))
		if err != nil {
			return sip.Body{}, err
		}
		a.saw("asked %s, refuses", offered(offer))
		return sip.Body{}, sip.NewStatus(code, "")
	case "wait":
		a.saw("asked %s", offered(offer))
		select {
		case answer := <-a.kept:
			a.saw("answers %s", answer)
			return body(answer), nil
		case <-ctx.Done():
			a.saw("question withdrawn: %s", reasonOf(context.Cause(ctx)))
			return sip.Body{}, ctx.Err()
		}
	}
	return sip.Body{}, fmt.Errorf("flow: %s will %q?", a.name, will.word(2))
}

// credentials are those of an agent.
func credentials(c command) []credential.Digest {
	if c.args["user"] == "" {
		return nil
	}
	return []credential.Digest{{Realm: c.args["realm"], Username: c.args["user"], Password: c.args["password"]}}
}

// secretOf is what a challenger of a flow knows.
func secretOf(user, realm string) (credential.Digest, bool) {
	return credential.Digest{Password: "secret"}, user == "alice"
}
