package sip

// Check tells whether the message as a whole can be taken. Nil means yes; else
// it is the status to answer a request with, and a response must be discarded.
func (m *Message) Check() *Status {
	switch {
	case !equalFold(m.version, sipVersion):
		return NewStatus(505, "")
	case m.flags&badStart != 0:
		return NewStatus(400, "Bad Start Line")
	case m.flags&(badLength|shortBody) != 0:
		return NewStatus(400, "Bad Content-Length")
	}
	return nil
}
