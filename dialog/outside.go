package dialog

import (
	"dum/sip"
)

// addressOutside fills in the headers of a request outside of dialogs (RFC
// 3261 §8.1.1). What the caller set stays, but for Call-ID, From tag and CSeq,
// which name the set.
func (s *Set) addressOutside(m *sip.Message) {
	sip.Named("Call-ID").Set(m, s.key.CallID)
	sip.CSeq.Set(m, sip.Seq{Number: s.nextSeq(), Method: m.Method()})
	from, err := sip.From.Get(m)
	if err != nil {
		from = s.profile.From()
	}
	// §8.1.1.3: "The From field MUST contain a new 'tag' parameter, chosen by
	// the UAC."
	from.Params = from.Params.With("tag", s.key.Tag)
	sip.From.Set(m, from)
	if !sip.To.Has(m) {
		sip.Named("To").Set(m, "<"+toURI(m)+">")
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
