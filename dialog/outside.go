package dialog

import (
	"dum/sip"
)

// addressOutside fills in the headers of a request outside of dialogs (RFC
// 3261 §8.1.1). What the caller set stays, but for Call-ID, From tag and CSeq,
// which name the set.
func (s *Set) addressOutside(m *sip.Message) {
	from, err := sip.From.Get(m)
	if err != nil {
		from = s.profile.From()
	}
	to, err := sip.Named("To").Get(m)
	if err != nil {
		to = "<" + toURI(m) + ">"
	}
	// RFC 3261 §7.3.1: "it is RECOMMENDED that header fields which are needed for
	// proxy processing (…) appear towards the top of the message to facilitate
	// rapid parsing." So each goes above the one before.
	onTop(m, sip.CSeq, sip.Seq{Number: s.nextSeq(), Method: m.Method()})
	onTop(m, sip.Named("Call-ID"), s.key.CallID)
	onTop(m, sip.Named("To"), to)
	// §8.1.1.3: "The From field MUST contain a new 'tag' parameter, chosen by
	// the UAC."
	onTop(m, sip.From, from.WithTag(s.key.Tag))
	if !sip.MaxForwards.Has(m) {
		// §8.1.1.6: "A UAC MUST insert a Max-Forwards header field into each request
		// it originates with a value that SHOULD be 70."
		sip.MaxForwards.Prepend(m, 70)
	}
	for _, h := range s.profile.Headers {
		if header := sip.Named(h.Name); !header.Has(m) {
			header.Add(m, h.Value)
		}
	}
	if proxy, ok := s.profile.Proxy(); ok && !sip.Route.Has(m) {
		// §8.1.2: an outbound proxy is "a pre-existing route set" with one URI,
		// which the profile makes a loose route.
		sip.Route.Set(m, sip.Addr{URI: proxy})
	}
}

// toURI is the Request-URI as To may carry it: without what RFC 3261 table 1
// forbids there.
func toURI(m *sip.Message) string {
	u, err := m.URI()
	if err != nil || !u.IsSIP() {
		return m.RawURI()
	}
	u.Headers = ""
	u.Params = u.Params.Without("transport").Without("maddr").Without("ttl").Without("method").Without("lr")
	u.Port = 0
	return u.String()
}

// onTop gives m a header with one value as its first.
func onTop[T any](m *sip.Message, h sip.Header[T], v T) {
	h.Remove(m)
	h.Prepend(m, v)
}
