package request

import (
	"context"
	"fmt"
	"time"

	"dum/dialog"
	"dum/profile"
	"dum/sip"
)

// Options are what a request carries; the zero Options are bare.
type Options struct {
	Headers []sip.Field
	Body    sip.Body
	// Value becomes the value of the dialog set, see [dialog.Set.Value]; nil
	// leaves it to the manager's factory.
	Value any
}

// Do sends a request outside of dialogs and returns the 2xx to it. Any other
// final response is a *[sip.Status] with the response in it, and so is a
// failure of our own: 408 when no answer came, 503 when the peer could not be
// reached. When ctx ends first Do stops waiting and returns the cause of ctx:
// nothing but an INVITE can be cancelled. A nil profile is the manager's own.
//
// INVITE, ACK, CANCEL and BYE are no such requests.
func Do(ctx context.Context, m *dialog.Manager, p *profile.Profile, method sip.Method, to sip.URI, o Options) (*sip.Message, error) {
	switch method {
	case sip.INVITE, sip.ACK, sip.CANCEL, sip.BYE:
		return nil, fmt.Errorf("request: %s is not sent outside of a call", method)
	}
	set, err := m.NewSet(p)
	if err != nil {
		return nil, err
	}
	if o.Value != nil {
		set.SetValue(o.Value)
	}
	req := sip.NewRequest(method, to)
	for _, h := range o.Headers {
		sip.Named(h.Name).Add(req, h.Value)
	}
	if !o.Body.IsZero() {
		req.SetBody(o.Body)
	}
	c := &client{final: make(chan *dialog.Response, 1)}
	set.Do(func(t *dialog.Turn) {
		c.set = set
		set.AddUsage(t, c)
		set.Send(t, &dialog.Request{Msg: req, OnResponse: c.recv})
	})
	select {
	case r := <-c.final:
		if st := r.Status(); st != nil {
			return nil, st
		}
		return r.Msg, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// client is a request of ours as a usage of its set: it hears when the set dies
// before an answer has come.
type client struct {
	none
	set   *dialog.Set
	final chan *dialog.Response // gets one
	done  bool                  // owned by the turn
}

func (c *client) recv(t *dialog.Turn, r *dialog.Response) {
	if r.Code() < 200 || c.done {
		return
	}
	c.done = true
	c.final <- r
	c.set.RemoveUsage(t, c)
}

// Fault tells the one who waits.
func (c *client) Fault(t *dialog.Turn, err error) { c.recv(t, &dialog.Response{Err: err}) }

// Shutdown lets the request have its answer: it takes 64*T1 at most.
func (c *client) Shutdown(*dialog.Turn) {}

// Deadline is none: the transaction has its own.
func (c *client) Deadline() time.Time { return time.Time{} }

// Expire has nothing to do.
func (c *client) Expire(*dialog.Turn) {}
