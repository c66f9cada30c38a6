package dlg

import (
	"errors"
	"slices"
	"strings"

	"dum/sip"
)

var errScheme = errors.New("not a sip or sips URI")

// takeRoutes sets the route set that a UAS takes from a request.
//
// RFC 3261 §12.1.1: "The route set MUST be set to the list of URIs in the
// Record-Route header field from the request, taken in order and preserving
// all URI parameters."
func (d *Dialog) takeRoutes(m *sip.Message) {
	d.setRoutes(recorded(m))
}

// takeReversedRoutes sets the route set that a UAC takes from a response.
//
// RFC 3261 §12.1.2: "The route set MUST be set to the list of URIs in the
// Record-Route header field from the response, taken in reverse order and
// preserving all URI parameters."
func (d *Dialog) takeReversedRoutes(m *sip.Message) {
	rr := recorded(m)
	slices.Reverse(rr)
	d.setRoutes(rr)
}

// recorded lists the Record-Route values that can be read. One that cannot is
// left out: a proxy that writes nonsense loses its place, not the call.
func recorded(m *sip.Message) []sip.Addr {
	var out []sip.Addr
	for a, err := range sip.RecordRoute.All(m) {
		if err == nil {
			out = append(out, a)
		}
	}
	return out
}

func (d *Dialog) setRoutes(as []sip.Addr) {
	texts := make([]string, len(as))
	for i, a := range as {
		texts[i] = a.String()
	}
	d.Routes = strings.Join(texts, ", ")
	d.Strict = len(as) > 0 && !as[0].URI.Params.Has("lr")
}

// route writes Request-URI and Route of a request within the dialog
// (§12.2.1.1).
func (d *Dialog) route(m *sip.Message) {
	if d.Routes == "" {
		return
	}
	sip.Named("Route").Set(m, d.Routes)
	if !d.Strict {
		return
	}
	first, err := sip.Route.Get(m)
	if err != nil {
		return // cannot be: setRoutes printed it
	}
	// "If the route set is not empty, and its first URI does not contain the
	// lr parameter, the UAC MUST place the first URI from the route set into
	// the Request-URI, stripping any parameters that are not allowed in a
	// Request-URI. The UAC MUST add a Route header field containing the
	// remainder of the route set values in order, including all parameters.
	// The UAC MUST then place the remote target URI into the Route header
	// field as the last value."
	strict := first.URI
	strict.Params = strict.Params.Without("method")
	strict.Headers = ""
	m.SetURI(strict)
	sip.Route.RemoveFirst(m)
	if target, err := sip.ParseURI(d.Target); err == nil {
		sip.Route.Add(m, sip.Addr{URI: target})
	}
}
