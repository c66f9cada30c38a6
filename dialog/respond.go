package dialog

import (
	"dum/sip"
)

// NewResponse makes a response to tx as this set gives it: To tag, and where
// they belong Contact, Record-Route and Allow. It is sent with [Set.Respond].
func (s *Set) NewResponse(t *Turn, tx *ServerTx, code int, reason string) *sip.Message {
	req := tx.Request()
	resp := sip.NewResponse(req, code, reason)
	if code == 100 {
		return resp
	}
	// RFC 3261 §8.2.6.2: "if the To header field in the request did not contain
	// a tag, the URI in the To header field in the response MUST equal the URI
	// in the To header field; additionally, the UAS MUST add a tag to the To
	// header field in the response (with the exception of the 100 (Trying)
	// response, in which a tag MAY be present)." And "the same tag MUST be used
	// for all responses to that request".
	if req.ToTag() == "" {
		resp.SetToTag(s.key.Tag)
	}
	if s.profile.UserAgent != "" {
		sip.Server.Set(resp, s.profile.UserAgent)
	}
	if code >= 300 {
		return resp
	}
	if makesDialog(req.Method()) {
		// RFC 3261 §12.1.1: "When a UAS responds to a request with a response that
		// establishes a dialog, the UAS MUST copy all Record-Route header field
		// values from the request into the response".
		sip.RecordRoute.Copy(resp, req)
		// "The UAS MUST add a Contact header field to the response."
		sip.Contact.Set(resp, s.contact(tx.Flow(), contactUser(req), isSecure(req)))
	}
	if req.Method() == sip.INVITE {
		// RFC 3261 §13.3.1.4: a 2xx to an INVITE "SHOULD contain the Allow header
		// field and the Supported header field".
		s.manager.capabilities(resp)
	}
	return resp
}

// Respond sends a response made by [Set.NewResponse]. It fails as
// [stack.ServerTx.Respond] does: with stack.ErrAnswered when there is a final
// response already.
func (s *Set) Respond(t *Turn, tx *ServerTx, resp *sip.Message) error {
	return tx.Respond(t, resp)
}

// Answer sends st as the final response to tx: code, reason and headers. It
// does nothing when there is a final response already. What cannot be one goes
// out as 500, and a 408, which only an INVITE may be answered with (RFC 4320
// §4.2), as 504.
func (s *Set) Answer(t *Turn, tx *ServerTx, st *sip.Status) {
	if tx.Answered() {
		return
	}
	code, reason := st.Code, st.Reason
	switch {
	case code < 200 || code > 699:
		code, reason = 500, ""
	case code == 408 && tx.Method() != sip.INVITE:
		code, reason = 504, ""
	}
	resp := s.NewResponse(t, tx, code, reason)
	for _, h := range st.Headers {
		sip.Named(h.Name).Add(resp, h.Value)
	}
	s.Respond(t, tx, resp)
}

// makesDialog tells whether a method can open a dialog, or refresh its target;
// such requests and their 2xx carry a Contact.
func makesDialog(m sip.Method) bool {
	switch m {
	case sip.INVITE, sip.SUBSCRIBE, sip.REFER, sip.UPDATE, sip.NOTIFY:
		return true
	}
	return false
}
