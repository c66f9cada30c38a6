package dialog

import (
	"slices"
	"strings"

	"dum/sip"
)

// validate applies RFC 3261 §8.2 to a request before anything is kept for it,
// in the order that the RFC gives: method, Request-URI, Require, content. A
// nil answer lets it pass. What a mandatory header looks like was checked by
// the stack.
func (m *Manager) validate(req *sip.Message, inDialog bool) *sip.Status {
	method := req.Method()
	if !inDialog && !m.Allows(method) {
		return m.notAllowed()
	}
	if method == sip.ACK || method == sip.CANCEL {
		return nil
	}
	if st := m.checkScheme(req); st != nil {
		return st
	}
	if st := m.checkRequire(req); st != nil {
		return st
	}
	return m.checkContent(req)
}

// notAllowed is the 405 of an unknown method.
//
// RFC 3261 §8.2.1: "the UAS MUST also add an Allow header field to the 405
// (Method Not Allowed) response."
func (m *Manager) notAllowed() *sip.Status {
	return sip.NewStatus(405, "").With("Allow", m.allow)
}

// checkScheme refuses a Request-URI that no user agent of ours can have.
//
// RFC 3261 §8.2.2.1: "If the Request-URI uses a scheme not supported by the
// UAS, it SHOULD reject the request with a 416".
func (m *Manager) checkScheme(req *sip.Message) *sip.Status {
	u, err := req.URI()
	if err != nil {
		return sip.NewStatus(400, "Bad Request-URI")
	}
	if !slices.Contains(m.schemes, u.Scheme) {
		return sip.NewStatus(416, "")
	}
	return nil
}

// checkRequire refuses extensions that we do not speak.
//
// RFC 3261 §8.2.2.3: "If a UAS does not understand an option-tag listed in a
// Require header field, it MUST respond by generating a response with status
// code 420 (Bad Extension). The UAS MUST add an Unsupported header field, and
// list in it those options it does not understand".
func (m *Manager) checkRequire(req *sip.Message) *sip.Status {
	if !sip.Require.Has(req) {
		return nil
	}
	var bad []string
	for tag, err := range sip.Require.All(req) {
		if err != nil {
			return sip.NewStatus(400, "Bad Require")
		}
		if !slices.ContainsFunc(m.supported, func(s string) bool { return strings.EqualFold(s, tag) }) {
			bad = append(bad, tag)
		}
	}
	if bad == nil {
		return nil
	}
	return sip.NewStatus(420, "").With("Unsupported", strings.Join(bad, ", "))
}

// checkContent refuses a body that nobody here can read, unless the sender
// says that it may be ignored.
//
// RFC 3261 §8.2.3: "If there are any bodies whose type (indicated by the
// Content-Type), language (…) or encoding (…) are not understood, and that
// body part is not optional (as indicated by the Content-Disposition header
// field), the UAS MUST reject the request with a 415 (Unsupported Media Type)
// response."
func (m *Manager) checkContent(req *sip.Message) *sip.Status {
	if req.Body().IsZero() {
		return nil
	}
	if d, err := sip.ContentDisposition.Get(req); err == nil {
		if h, _ := d.Params.Get("handling"); strings.EqualFold(h, "optional") {
			return nil
		}
	}
	if types, ok := m.accept[req.Method()]; ok && !accepts(types, req.Body().Type) {
		return sip.NewStatus(415, "").With("Accept", strings.Join(types, ", "))
	}
	for enc, err := range sip.ContentEncoding.All(req) {
		if err != nil || !strings.EqualFold(enc, "identity") {
			return sip.NewStatus(415, "").With("Accept-Encoding", "identity")
		}
	}
	return nil
}

// accepts compares the media type of a Content-Type, parameters aside.
func accepts(types []string, contentType string) bool {
	mediaType, _, _ := strings.Cut(contentType, ";")
	mediaType = strings.TrimSpace(mediaType)
	return slices.ContainsFunc(types, func(t string) bool { return strings.EqualFold(t, mediaType) })
}
