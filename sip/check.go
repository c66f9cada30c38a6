package sip

// Check tells whether the message as a whole can be taken. Nil means yes;
// otherwise it is the status to answer a request with, and a response must be
// discarded.
//
// Refused with 505 is another version than SIP/2.0, with 416 a Request-URI of a
// scheme other than sip, sips, tel and urn, and with 400: a malformed start
// line or Request-URI; a Content-Length that is no number, that contradicts
// another one, or that says more than there is; a top Via, From, To, Call-ID or
// CSeq that is missing or malformed; two of a header that may be there once;
// and a CSeq of another method. When in that last case the method is not known
// either it is 501, as RFC 4475 §3.1.2.18 prefers. Whether a method or an
// extension is served is not asked here.
//
// What older and careless peers do and what hurts nobody is let through: no tag
// in From and no cookie in the branch (RFC 2543), a Max-Forwards that is
// missing or out of range, which RFC 4475 §3.1.2.4 allows to be treated as absent,
// headers in the Request-URI (§3.1.2.11: "An element could choose to be liberal
// in what it accepts and ignore the escaped headers"), white space at the end
// of the start line (§3.1.2.10), and everything in headers that are not named
// above.
func (m *Message) Check() *Status {
	switch {
	case !equalFold(m.version, sipVersion):
		return NewStatus(505, "")
	case m.flags&badStart != 0:
		return NewStatus(400, "Bad Start Line")
	case m.flags&(badLength|shortBody) != 0:
		return NewStatus(400, "Bad Content-Length")
	}
	if st := m.checkOnce(); st != nil {
		return st
	}
	if st := m.checkRouting(); st != nil {
		return st
	}
	if !m.IsRequest() {
		return nil
	}
	return m.checkURI()
}

// checkOnce finds headers that are missing or there too often.
//
// RFC 3261 §8.1.1: "A valid SIP request formulated by a UAC MUST, at a minimum,
// contain the following header fields: To, From, CSeq, Call-ID, Max-Forwards,
// and Via". §7.3.1: "Multiple header field rows with the same field-name MAY be
// present in a message if and only if the entire field-value for that header
// field is defined as a comma-separated list".
func (m *Message) checkOnce() *Status {
	var via, from, to, callID, cseq, forwards, ctype int
	for i := range m.lines {
		switch m.lines[i].id {
		case hidVia:
			via++
		case hidFrom:
			from++
		case hidTo:
			to++
		case hidCallID:
			callID++
		case hidCSeq:
			cseq++
		case hidMaxForwards:
			forwards++
		case hidContentType:
			ctype++
		}
	}
	switch {
	case via == 0:
		return missing(hidVia)
	case from == 0:
		return missing(hidFrom)
	case to == 0:
		return missing(hidTo)
	case callID == 0:
		return missing(hidCallID)
	case cseq == 0:
		return missing(hidCSeq)
	case from > 1:
		return repeated(hidFrom)
	case to > 1:
		return repeated(hidTo)
	case callID > 1:
		return repeated(hidCallID)
	case cseq > 1:
		return repeated(hidCSeq)
	case forwards > 1:
		return repeated(hidMaxForwards)
	case ctype > 1:
		return repeated(hidContentType)
	}
	return nil
}

func missing(id headerID) *Status  { return NewStatus(400, "Missing "+headerName[id]) }
func repeated(id headerID) *Status { return NewStatus(400, "Repeated "+headerName[id]) }
func bad(id headerID) *Status      { return NewStatus(400, "Bad "+headerName[id]) }

// checkRouting decodes the headers that no message can be handled without.
func (m *Message) checkRouting() *Status {
	if _, err := Via.Get(m); err != nil {
		return bad(hidVia)
	}
	if _, err := From.Get(m); err != nil {
		return bad(hidFrom)
	}
	if _, err := To.Get(m); err != nil {
		return bad(hidTo)
	}
	if _, err := CallIDHeader.Get(m); err != nil {
		return bad(hidCallID)
	}
	seq, err := CSeq.Get(m)
	if err != nil {
		return bad(hidCSeq)
	}
	// RFC 3261 §8.1.1.5: "The method MUST match that of the request."
	if m.IsRequest() && seq.Method != m.method {
		if !m.method.Known() {
			return NewStatus(501, "")
		}
		return NewStatus(400, "CSeq Method Mismatch")
	}
	return nil
}

// checkURI judges the Request-URI. RFC 3261 §8.2.2.1: a scheme that the UAS
// does not support is answered with 416.
func (m *Message) checkURI() *Status {
	u, err := m.URI()
	if err != nil {
		return NewStatus(400, "Bad Request-URI")
	}
	switch u.Scheme {
	case "sip", "sips", "tel", "urn":
		return nil
	}
	return NewStatus(416, "")
}
