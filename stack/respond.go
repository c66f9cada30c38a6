package stack

import (
	"errors"
	"net/netip"

	"dum/sip"
	"dum/trace"
	"dum/transport"
)

// refuse answers a request, which is no ACK, without keeping anything for it:
// copies of it get the same answer, To tag included.
//
// RFC 3261 §8.2.7: "A stateless UAS MUST NOT send provisional (1xx)
// responses", "MUST NOT retransmit responses", "MUST ignore ACK requests", and
// "To header tags MUST be generated for responses in a stateless manner - in a
// manner that will generate the same tag for the same request consistently."
func (s *Stack) refuse(in *Inbound, st *sip.Status) {
	if s.trace.On() {
		s.trace.Record(in.At, trace.Refused{
			Path: path(in.Flow), CallID: in.Msg.CallID(), Code: st.Code, Reason: st.Reason,
		})
	}
	// A Via that cannot be read goes back as it came, to where it came from.
	via, err := sip.Via.Get(in.Msg)
	if err == nil && !via.Params.Has("received") {
		stamp(in.Msg, &via, in.Flow)
	}
	resp := sip.NewResponse(in.Msg, st.Code, st.Reason)
	if resp.ToTag() == "" {
		resp.SetToTag(s.steadyTag(in.Msg))
	}
	for _, h := range st.Headers {
		sip.Named(h.Name).Add(resp, h.Value)
	}
	flow := in.Flow
	if err == nil {
		flow = s.responseFlow(in, &via)
	}
	buf := s.buffers.get()
	*buf = resp.AppendTo((*buf)[:0])
	s.sendResponse(in.Msg, &flow, *buf)
	s.buffers.put(buf)
}

// refuseVia is refuse for a request that has not been stamped.
func (s *Stack) refuseVia(in *Inbound, via *sip.Hop, st *sip.Status) {
	stamp(in.Msg, via, in.Flow)
	s.refuse(in, st)
}

// responseFlow is the flow that the response to a request takes.
//
// RFC 3261 §18.2.2: over a reliable transport "the response MUST be sent using
// the existing connection to the source of the original request". "Otherwise,
// if the Via header field value contains a "maddr" parameter, the response MUST
// be forwarded to the address listed there, using the port indicated in
// "sent-by", or port 5060 if none is present." Otherwise it goes to the source
// address, which is what "received" says or what sent-by already is, at the port
// of sent-by, or with RFC 3581 §4 "to the port indicated in the "rport"
// parameter", from the address and port at which the request arrived.
func (s *Stack) responseFlow(in *Inbound, via *sip.Hop) transport.Flow {
	if in.Flow.Network().Reliable {
		return in.Flow
	}
	to := in.Flow.Remote()
	maddr, _ := via.Params.Get("maddr")
	ip, isAddr := parseHost(maddr)
	_, _, rport := via.RPort()
	switch {
	case isAddr:
		to = netip.AddrPortFrom(ip, sentByPort(via, in.Flow))
	case !rport:
		to = netip.AddrPortFrom(to.Addr(), sentByPort(via, in.Flow))
	}
	if to == in.Flow.Remote() {
		return in.Flow
	}
	tr := s.transports[in.Flow.Network().Name]
	if tr == nil {
		return in.Flow
	}
	f, err := tr.Flow(transport.Destination{Remote: to, Local: in.Flow.Local()}, (*receiver)(s))
	if err != nil {
		return in.Flow
	}
	return f
}

func sentByPort(via *sip.Hop, f transport.Flow) uint16 {
	if via.Port != 0 {
		return via.Port
	}
	return f.Network().DefaultPort
}

// sendResponse sends a response to req on *f. When that connection is gone
// another one is opened, and *f says so.
//
// RFC 3261 §18.2.2: "If that connection is no longer open, the server SHOULD
// open a connection to the IP address in the "received" parameter, if present,
// using the port in the "sent-by" value, or the default port for that
// transport, if no port is specified."
func (s *Stack) sendResponse(req *sip.Message, f *transport.Flow, raw []byte) {
	err := s.send(raw, *f, req.CallID(), false)
	if !errors.Is(err, transport.ErrClosed) || !(*f).Network().Reliable {
		return
	}
	via, err := sip.Via.Get(req)
	tr := s.transports[(*f).Network().Name]
	if err != nil || tr == nil || s.closing.Load() {
		return
	}
	to := netip.AddrPortFrom((*f).Remote().Addr(), sentByPort(&via, *f))
	g, err := tr.Flow(transport.Destination{Remote: to}, (*receiver)(s))
	if err != nil {
		return
	}
	*f = g
	_ = s.send(raw, g, req.CallID(), false)
}
