package dlg

import "dum/sip"

// Request makes a request within the dialog (§12.2.1.1): Request-URI and Route
// from remote target and route set, From, To and Call-ID of the dialog, the
// next CSeq, Max-Forwards. Via and Contact are for who knows the flow. An ACK
// or CANCEL is never made this way.
func (d *Dialog) Request(method sip.Method) *sip.Message {
	return d.request(method, d.NextSeq())
}

// Ack makes the ACK of a 2xx to the given INVITE.
//
// RFC 3261 §13.2.2.4: "The sequence number of the CSeq header field MUST be
// the same as the INVITE being acknowledged, but the CSeq method MUST be ACK.
// The ACK MUST contain the same credentials as the INVITE."
func (d *Dialog) Ack(invite *sip.Message) *sip.Message {
	seq, _ := sip.CSeq.Get(invite)
	ack := d.request(sip.ACK, seq.Number)
	sip.Authorization.Copy(ack, invite)
	sip.ProxyAuthorization.Copy(ack, invite)
	return ack
}

func (d *Dialog) request(method sip.Method, seq uint32) *sip.Message {
	target, err := sip.ParseURI(d.Target)
	if err != nil {
		target = sip.URI{Scheme: "sip", Host: "invalid"} // cannot be: contactURI printed it
	}
	m := sip.NewRequest(method, target)
	d.route(m)
	sip.MaxForwards.Set(m, 70)
	sip.Named("From").Set(m, d.Local)
	sip.Named("To").Set(m, d.Remote)
	sip.Named("Call-ID").Set(m, d.CallID)
	sip.CSeq.Set(m, sip.Seq{Number: seq, Method: method})
	return m
}

// text is the value of a header as it stands.
func text(m *sip.Message, name string) string {
	v, _ := sip.Named(name).Get(m)
	return v
}
