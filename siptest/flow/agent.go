package flow

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"dum"
	"dum/auth"
	"dum/invite"
	"dum/request"
	"dum/resolve"
	"dum/sip"
	"dum/siptest"
	"dum/stack"
)

// agent is a real user agent: a dum.Manager on a host.
type agent struct {
	run     *run
	name    string
	rank    int
	over    string
	host    *siptest.Host
	manager *dum.Manager
	ua      *dum.UserAgent
	guard   *auth.Challenger // nil: it takes every call
	down    bool             // it was shut down

	mu   sync.Mutex
	legs []*leg
	news chan struct{} // closed and made anew when legs changes
	will command       // what a re-INVITE of the peer gets
	kept chan string   // the answer for one that waits
}

// leg is one call of an agent.
type leg struct {
	n       int
	in      *invite.Incoming
	decided chan struct{}
	cancel  context.CancelFunc
	session *invite.Session
}

// newAgent puts a manager on a host.
func (r *run) newAgent(name string, host *siptest.Host, c command) (actor, error) {
	a := &agent{
		run: r, name: name, rank: len(r.names) + 1, over: c.args["over"], host: host,
		news: make(chan struct{}), kept: make(chan string, 1),
	}
	p := &dum.Profile{AOR: "sip:" + name + "@example.com"}
	p.Credentials = credentials(c)
	if via := c.args["proxy"]; via != "" {
		proxy, err := r.who(via)
		if err != nil {
			return nil, err
		}
		p.OutboundProxy = proxy.address().String()
	}
	if realm := c.args["challenge"]; realm != "" {
		a.guard = &auth.Challenger{Realm: realm}
	}
	var err error
	a.manager, err = dum.New(dum.Config{
		Listen:  []string{fmt.Sprintf("udp://%v:5060", host.Addr()), fmt.Sprintf("tcp://%v:5060", host.Addr())},
		Profile: p,
		Invite:  a.called,
		Stack:   stack.Config{Transports: host.Transports(), Resolver: resolve.Static(nil)},
	})
	if err != nil {
		return nil, err
	}
	a.ua = a.manager.UserAgent(p)
	return a, c.only("over", "proxy", "user", "password", "realm", "challenge")
}

func (a *agent) address() sip.URI { return hostURI(a.name, a.host, a.over) }

func (a *agent) close() { a.manager.Close() }

// leftover tells what the manager still holds.
func (a *agent) leftover() string {
	st := a.manager.Stats()
	if a.down {
		st.Tombstones = 0 // a stack that has closed clears nothing away any more
	}
	if st.Sets == 0 && st.Strands == 0 && st.ClientTx == 0 && st.ServerTx == 0 && st.Tombstones == 0 && st.Panics == 0 {
		return ""
	}
	return fmt.Sprintf("%+v", st)
}

// heard writes down what is no more than progress, saw what a handler was told,
// and got what came back from something that the user did.
func (a *agent) heard(format string, args ...any) { a.say(progress, false, format, args...) }
func (a *agent) saw(format string, args ...any)   { a.say(callback, true, format, args...) }
func (a *agent) got(format string, args ...any)   { a.say(returned, true, format, args...) }

func (a *agent) say(l lane, outcome bool, format string, args ...any) {
	a.run.log.add(entry{
		at: time.Now(), rank: a.rank, lane: l, actor: a.name, text: fmt.Sprintf(format, args...), outcome: outcome,
	})
}

// do carries out a command.
func (a *agent) do(c command) error {
	l, err := a.pick(c)
	if err != nil {
		return err
	}
	switch verb := c.word(1); verb {
	case "dial":
		return a.dial(c)
	case "options", "request":
		return a.request(c)
	case "will":
		a.mu.Lock()
		defer a.mu.Unlock()
		a.will = c
		return c.only()
	case "answers":
		a.kept <- c.word(2)
		return c.only()
	case "shutdown":
		a.down = true
		go func() { a.got("shutdown: %v", outcome(a.manager.Shutdown(a.run.ctx))) }()
		return c.only()
	case "ring", "accept", "reject", "redirect":
		if l, err = a.wait(l, "call", func(l *leg) bool { return l.in != nil }); err != nil {
			return err
		}
		return a.decide(l, verb, c)
	case "cancel":
		if l, err = a.wait(l, "attempt", func(l *leg) bool { return l.cancel != nil }); err != nil {
			return err
		}
		l.cancel()
		return c.only("call")
	case "bye", "offer":
		if l, err = a.wait(l, "session", func(l *leg) bool { return l.session != nil }); err != nil {
			return err
		}
		return a.within(l, verb, c)
	default:
		return fmt.Errorf("an agent cannot %q", verb)
	}
}

// pick finds the call that call=N means; nil is the last.
func (a *agent) pick(c command) (*leg, error) {
	text := c.args["call"]
	if text == "" {
		return nil, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return nil, err
	}
	return a.wait(nil, "call "+text, func(l *leg) bool { return l.n == n })
}

// wait waits for a call of which ok says that it has come far enough: the given
// one, or the last such one.
func (a *agent) wait(l *leg, what string, ok func(*leg) bool) (*leg, error) {
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		a.mu.Lock()
		for i := len(a.legs) - 1; i >= 0; i-- {
			if have := a.legs[i]; (l == nil || l == have) && ok(have) {
				a.mu.Unlock()
				return have, nil
			}
		}
		news := a.news
		a.mu.Unlock()
		select {
		case <-news:
		case <-limit.C:
			return nil, fmt.Errorf("%s has no %s within %v", a.name, what, patience)
		}
	}
}

// change changes the calls and wakes who waits for that.
func (a *agent) change(f func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f()
	close(a.news)
	a.news = make(chan struct{})
}

func (a *agent) newLeg() *leg {
	l := &leg{decided: make(chan struct{})}
	a.change(func() {
		a.legs = append(a.legs, l)
		l.n = len(a.legs)
	})
	return l
}

// request sends a request outside of dialogs.
func (a *agent) request(c command) error {
	method, to := sip.Method(c.word(2)), c.word(3)
	if c.word(1) == "options" {
		method, to = sip.OPTIONS, c.word(2)
	}
	peer, err := a.run.who(to)
	if err != nil {
		return err
	}
	go func() {
		resp, err := a.ua.Request(a.run.ctx, method, peer.address().String(), request.Options{})
		if err != nil {
			a.got("%s failed: %v", method, err)
			return
		}
		allow, _ := sip.Named("Allow").Get(resp)
		a.got("%s answered %d, allows %s", method, resp.Code(), allow)
	}()
	return c.only()
}

// offered describes a body.
func offered(b sip.Body) string {
	if b.IsZero() {
		return "no offer"
	}
	return "offer " + bodyName(b)
}

// outcome is an error as an outcome.
func outcome(err error) string {
	if err == nil {
		return "done"
	}
	return err.Error()
}

// reasonOf shows why a session ended.
func reasonOf(why error) string {
	if h, ok := errors.AsType[*invite.Hangup](why); ok {
		if h.Peer {
			return "peer hung up"
		}
		return "hung up"
	}
	return strings.TrimPrefix(why.Error(), "invite: ")
}
