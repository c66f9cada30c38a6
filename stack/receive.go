package stack

import (
	"errors"
	"runtime/debug"
	"time"

	"dum/sip"
	"dum/trace"
	"dum/transport"
)

// receiver is the stack as its transports see it.
type receiver Stack

var _ transport.Handler = (*receiver)(nil)

// Receive takes one message, on the goroutine of the socket's reader.
func (r *receiver) Receive(f transport.Flow, data []byte) {
	s := (*Stack)(r)
	if s.closing.Load() || isKeepAlive(data) {
		return
	}
	in := Inbound{Flow: f, At: time.Now()}
	s.stats.received.Add(1)
	defer func() {
		// Nothing below is known to panic outside of a turn. Should it, one message
		// is lost, not the reader.
		if v := recover(); v != nil {
			s.caught(in, v)
		}
	}()
	var err error
	// The one copy that is made of a message: everything in it is cut from this.
	in.Msg, err = sip.Parse(string(data), s.limits)
	if err != nil {
		s.unparsed(in, data, err)
		return
	}
	if s.trace.On() {
		s.trace.Record(in.At, trace.MessageIn{Path: path(f), Msg: in.Msg})
	}
	if st := in.Msg.Check(); st != nil {
		s.unfit(in, st)
		return
	}
	if in.Msg.IsRequest() {
		s.request(in)
	} else {
		s.response(in)
	}
}

// Malformed takes the start of a stream message that cannot be framed.
func (r *receiver) Malformed(f transport.Flow, data []byte, code int) {
	s := (*Stack)(r)
	if s.closing.Load() {
		return
	}
	in := Inbound{Flow: f, At: time.Now()}
	s.stats.received.Add(1)
	in.Msg, _ = sip.Parse(string(data), s.limits)
	s.unparsed(in, data, &sip.ParseError{Status: code, Reason: sip.ReasonPhrase(code)})
}

// Closed takes the end of a connection: what was waiting on it fails at once.
//
// RFC 3261 §18.4: "If the transport user asks for a request to be sent over a
// reliable transport, and the result is a connection failure, the transport
// layer SHOULD inform the transport user of a failure in sending."
func (r *receiver) Closed(f transport.Flow, err error) {
	if err == nil {
		err = transport.ErrClosed
	}
	(*Stack)(r).failFlow(f, evFailed, err)
}

// Unreachable takes an ICMP error.
//
// RFC 3261 §18.4: "Host, network, port or protocol unreachable errors, or
// parameter problem errors SHOULD cause the transport layer to inform the
// transport user of a failure in sending."
func (r *receiver) Unreachable(f transport.Flow, err error) {
	(*Stack)(r).failFlow(f, evUnreachable, err)
}

func (s *Stack) failFlow(f transport.Flow, kind eventKind, err error) {
	for _, tx := range s.flows.on(f) {
		tx.strand.post(event{kind: kind, client: tx, err: err})
	}
}

// isKeepAlive tells a keep-alive of empty lines (RFC 5626 §4.4.1) from a
// message.
func isKeepAlive(data []byte) bool {
	for _, c := range data {
		if c != '\r' && c != '\n' && c != 0 {
			return false
		}
	}
	return true
}

// unparsed deals with what could not be read as a whole. If it was a request
// with a Via, it is answered.
func (s *Stack) unparsed(in Inbound, data []byte, err error) {
	var bad *sip.ParseError
	if in.Msg != nil && answerable(in.Msg) && errors.As(err, &bad) {
		if s.trace.On() {
			s.trace.Record(in.At, trace.MessageIn{Path: path(in.Flow), Msg: in.Msg})
		}
		s.refuse(&in, sip.NewStatus(bad.Status, bad.Reason))
		return
	}
	s.drop(in, data, err.Error())
}

// unfit deals with a message that Check found fault with.
//
// RFC 3261 §18.3, of a body cut short: "If the message is a response, it MUST
// be discarded. If the message is a request, the element SHOULD generate a 400
// (Bad Request) response."
func (s *Stack) unfit(in Inbound, st *sip.Status) {
	if answerable(in.Msg) {
		s.refuse(&in, st)
		return
	}
	s.dropMessage(in, st.Error())
}

// answerable tells whether a message that is at fault can be answered: it is a
// request other than ACK and has a Via, be that at fault too.
func answerable(m *sip.Message) bool {
	return m.IsRequest() && m.Method() != sip.ACK && sip.Via.Has(m)
}

// drop notes input that nobody gets.
func (s *Stack) drop(in Inbound, raw []byte, reason string) {
	s.stats.dropped.Add(1)
	if s.trace.On() {
		s.trace.Record(in.At, trace.MessageDropped{Path: path(in.Flow), Raw: raw, Reason: reason})
	}
}

func (s *Stack) dropMessage(in Inbound, reason string) {
	s.stats.dropped.Add(1)
	if s.trace.On() {
		s.trace.Record(in.At, trace.MessageDropped{Path: path(in.Flow), Raw: in.Msg.AppendTo(nil), Reason: reason})
	}
}

// caught notes a panic outside of any turn.
func (s *Stack) caught(in Inbound, value any) {
	s.stats.panics.Add(1)
	if s.trace.On() {
		ev := trace.Panic{Value: value, Stack: debug.Stack()}
		if in.Msg != nil {
			ev.CallID = in.Msg.CallID()
		}
		s.trace.Record(in.At, ev)
	}
}

func path(f transport.Flow) trace.Path {
	return trace.Path{Network: f.Network().Name, Local: f.Local(), Remote: f.Remote()}
}
