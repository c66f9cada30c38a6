package dialog

import (
	"slices"

	"dum/sip"
)

// addressOutside fills in the headers of a request outside of dialogs (RFC
// 3261 §8.1.1). What the caller set stays, but for Call-ID, From tag and CSeq,
// which name the set. It tells whether the request goes to a strict router.
func (s *Set) addressOutside(m *sip.Message) (strict bool) {
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
	s.addHeaders(m)
	if proxy, ok := s.profile.Proxy(); ok && !sip.Route.Has(m) {
		// §8.1.2: an outbound proxy is "a pre-existing route set" with one URI,
		// which the profile makes a loose route.
		sip.Route.Prepend(m, sip.Addr{URI: proxy})
	}
	return preload(m)
}

// addHeaders adds the headers of the profile, but for those that the caller has
// set himself.
func (s *Set) addHeaders(m *sip.Message) {
	var own []string
	for _, h := range s.profile.Headers {
		if header := sip.Named(h.Name); header.Has(m) && !slices.Contains(own, header.Name()) {
			own = append(own, header.Name())
		}
	}
	for _, h := range s.profile.Headers {
		if header := sip.Named(h.Name); !slices.Contains(own, header.Name()) {
			header.Add(m, h.Value)
		}
	}
}

// preload makes the Request-URI fit for the wire and brings a Route that the
// caller has given into the form that its first hop wants; true means a strict
// router.
//
// RFC 3261 §8.1.1.1: "When a pre-existing route set is present, the procedures
// for populating the Request-URI and Route header field detailed in Section
// 12.2.1.1 MUST be followed (even though there is no dialog), using the desired
// Request-URI as the remote target URI."
func preload(m *sip.Message) (strict bool) {
	target, err := m.URI()
	if err != nil {
		return false
	}
	if target.IsSIP() && (target.Headers != "" || target.Params.Has("method")) {
		// §19.1.1 table 1 has neither in a Request-URI.
		target.Headers, target.Params = "", target.Params.Without("method")
		m.SetURI(target)
	}
	first, err := sip.Route.Get(m)
	if err != nil || first.URI.Params.Has("lr") {
		return false
	}
	sip.Route.RemoveFirst(m)
	sip.Route.Add(m, sip.Addr{URI: target})
	first.URI.Headers, first.URI.Params = "", first.URI.Params.Without("method")
	m.SetURI(first.URI)
	return true
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
