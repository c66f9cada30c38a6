package invite

import (
	"strings"

	"dum/sip"
)

// description returns the session description in a message, and whether there
// is one. Other bodies ride along and mean nothing to a call.
//
// RFC 3261 §20.11: "If this header field is missing, bodies of Content-Type
// application/sdp imply the disposition "session", while other content types
// imply "render"." A multipart body may have a description inside and counts
// as one; so does a body without a type, for nothing else is it sent.
func description(m *sip.Message) (sip.Body, bool) {
	b := m.Body()
	if b.Data == "" {
		return sip.Body{}, false
	}
	if raw, err := sip.Named("Content-Disposition").Get(m); err == nil {
		kind, _, _ := strings.Cut(raw, ";")
		return b, strings.EqualFold(strings.TrimSpace(kind), "session")
	}
	kind, _, _ := strings.Cut(b.Type, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	return b, kind == "" || kind == sdpType || strings.HasPrefix(kind, "multipart/")
}

const sdpType = "application/sdp"

// keep copies a body, so that a session that lasts for hours does not pin the
// datagram that its description came in.
func keep(b sip.Body) sip.Body {
	if b.Type == sdpType {
		return sip.Body{Type: sdpType, Data: strings.Clone(b.Data)}
	}
	return sip.Body{Type: strings.Clone(b.Type), Data: strings.Clone(b.Data)}
}

// addHeaders adds the user's headers to a message of ours.
func addHeaders(m *sip.Message, headers []sip.Field) {
	for _, h := range headers {
		sip.Named(h.Name).Add(m, h.Value)
	}
}
