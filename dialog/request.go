package dialog

import (
	"context"
	"errors"

	"dum/resolve"
	"dum/sip"
	"dum/stack"
	"dum/transport"
)

// A Request is a request of ours on its way through the client pipeline: find
// the next hop, fill in what the flow decides, send, answer challenges. Fill
// Msg, and Dialog when it is sent within one, then [Set.Send] it once. All else
// happens in turns of the set.
//
// OnResponse hears every response but the challenges that were answered:
// provisional ones, the final one, and for an INVITE each further 2xx. When no
// response can come any more it hears of the local failure instead, once: so
// it always hears of an end, also when the set dies. It runs in a turn, and
// never before Send has returned.
type Request struct {
	// Msg is the request. Before Send it is what the caller made; afterwards it
	// is what was sent last, with its Via, CSeq and credentials: the one that an
	// ACK or a CANCEL has to match.
	Msg *sip.Message
	// Dialog is whose request it is; nil outside of dialogs.
	Dialog *Dialog
	// OnResponse is told how it goes. It must not be nil.
	OnResponse func(t *Turn, r *Response)

	set      *Set
	next     *Request         // in the set's list, until there is a final response
	targets  []resolve.Target // still to be tried
	flow     transport.Flow
	tx       *stack.ClientTx
	stop     context.CancelFunc // ends the look-up of the next hop
	strict   bool               // the Request-URI is the next hop, whatever Route says
	contact  bool               // Contact is ours and changes with the flow
	heard    bool               // there was a response to tx
	final    bool               // a final response or failure was delivered
	canceled bool
}

// A Response is what came of a [Request].
type Response struct {
	// Inbound is the message; nil when the failure is local.
	*Inbound
	// Request is what it answers; its Msg is as it was sent.
	Request *Request
	// Err is the local failure; nil when there is a message.
	Err error
}

// Code is the status code; a local failure counts as 408 or 503.
//
// RFC 3261 §8.1.3.1: a timeout is treated "as if a 408 (Request Timeout) status
// code has been received", a transport error "as a 503 (Service Unavailable)".
func (r *Response) Code() int {
	switch {
	case r.Err == nil:
		return r.Msg.Code()
	case isTimeout(r.Err):
		return 408
	case isCanceled(r.Err):
		return 487
	}
	return 503
}

// Status is the response as an error: nil for 1xx and 2xx.
func (r *Response) Status() *sip.Status {
	switch {
	case isTimeout(r.Err) || isCanceled(r.Err):
		return sip.NewStatus(r.Code(), "") // the standard phrase says it all
	case r.Err != nil:
		return sip.NewStatus(r.Code(), r.Err.Error())
	}
	if r.Code() < 300 {
		return nil
	}
	return &sip.Status{Code: r.Code(), Reason: r.Msg.Reason(), Response: r.Msg}
}

// Set is the set that the request was sent in.
func (r *Request) Set() *Set { return r.set }

// Flow is the way it took; nil before it was sent.
func (r *Request) Flow() transport.Flow { return r.flow }

// Cancel cancels a request. One that has not been sent yet, because its next
// hop is being looked up, fails with ErrCanceled. An INVITE is cancelled as RFC
// 3261 §9.1 says: at once when a provisional response has come, else when one
// comes; a final response makes it void. decorate, which may be nil, may add
// headers to the CANCEL. Another request that is on its way is not affected.
//
// The outcome arrives at OnResponse as ever, a 2xx that won the race included.
// A challenge is not answered any more.
func (r *Request) Cancel(t *Turn, decorate func(*sip.Message)) {
	if r.canceled || r.final {
		return
	}
	switch {
	case r.tx == nil:
		r.canceled = true
		if r.set != nil {
			r.set.failSoon(r, ErrCanceled)
		}
	case r.Msg.Method() == sip.INVITE:
		r.canceled = true
		r.tx.Cancel(t, decorate)
	}
}

func isTimeout(err error) bool {
	return errors.Is(err, stack.ErrTimeout) || errors.Is(err, context.DeadlineExceeded)
}

func isCanceled(err error) bool {
	return errors.Is(err, ErrCanceled) || errors.Is(err, stack.ErrCanceled)
}
