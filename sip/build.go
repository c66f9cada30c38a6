package sip

// NewRequest returns a request without headers. Characters that cannot be part
// of a method are dropped.
func NewRequest(method Method, uri URI) *Message {
	m := newMessage()
	m.method = Method(cleanToken(string(method)))
	m.target = uri.String()
	return m
}

// NewResponse returns a response to a request with the headers that it takes
// over, line by line as they came. An empty reason means [ReasonPhrase] of the
// code. To has no tag unless the request has: see [Message.SetToTag].
//
// RFC 3261 §8.2.6.2: "The From field of the response MUST equal the From header
// field of the request", likewise Call-ID, CSeq and "The Via header field
// values in the response MUST equal the Via header field values in the request
// and MUST maintain the same ordering." To MUST equal but for the tag.
// RFC 3261 §8.2.6.1: a Timestamp "MUST be copied into this 100 (Trying)
// response".
func NewResponse(req *Message, code int, reason string) *Message {
	m := newMessage()
	m.flags = response
	m.code = int32(code)
	if reason == "" {
		reason = ReasonPhrase(code)
	}
	m.target = clean(reason)
	for i := range req.lines {
		switch l := &req.lines[i]; l.id {
		case hidVia, hidFrom, hidTo, hidCallID, hidCSeq:
			m.lines = append(m.lines, *l)
		case hidTimestamp:
			if code == 100 {
				m.lines = append(m.lines, *l)
			}
		}
	}
	return m
}
