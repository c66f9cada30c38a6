package sip

import (
	"errors"
	"strings"
)

var errResource = errors.New("not a namespace and a priority")

// Where a request goes, where it came by, and how it is treated on the way.
var (
	Path         = NewHeader("Path", addrCodec(true))          // RFC 3327 §4
	ServiceRoute = NewHeader("Service-Route", addrCodec(true)) // RFC 3608

	// HistoryInfo values have index, rc, mp and np parameters; the reason
	// stands in the URI, see [URI.Header].
	HistoryInfo = NewHeader("History-Info", addrCodec(true)) // RFC 7044 §5
	// Diversion values have reason, counter, limit, privacy and screen
	// parameters. History-Info is what to send instead.
	Diversion = NewHeader("Diversion", addrCodec(true)) // RFC 5806

	MaxBreadth = NewHeader("Max-Breadth", uintCodec())   // RFC 5393
	FlowTimer  = NewHeader("Flow-Timer", secondsCodec()) // RFC 5626

	ResourcePriority       = NewHeader("Resource-Priority", resourceCodec())        // RFC 4412 §3.1
	AcceptResourcePriority = NewHeader("Accept-Resource-Priority", resourceCodec()) // RFC 4412 §3.2

	Geolocation = NewHeader("Geolocation", addrCodec(true)) // RFC 6442
	// GeolocationRouting is "yes" or "no".
	GeolocationRouting = NewHeader("Geolocation-Routing", tokenCodec[string](false)) // RFC 6442
	// GeolocationError is a code of three digits with a code parameter in words.
	GeolocationError = NewHeader("Geolocation-Error", itemCodec[Item](isTokenByte)) // RFC 6442

	SecurityClient = NewHeader("Security-Client", itemListCodec[Item](isTokenByte)) // RFC 3329
	SecurityServer = NewHeader("Security-Server", itemListCodec[Item](isTokenByte)) // RFC 3329
	SecurityVerify = NewHeader("Security-Verify", itemListCodec[Item](isTokenByte)) // RFC 3329
)

// Resource is one value of Resource-Priority, such as "ets.0" or "wps.3".
type Resource struct {
	Namespace string // without dots
	Priority  string // without dots
}

func resourceCodec() Codec[Resource] {
	return Codec[Resource]{Parse: parseResource, Append: appendValue[Resource], List: true}
}

func parseResource(s string) (Resource, error) {
	ns, prio, _ := strings.Cut(s, ".")
	if !isOnly(ns, isNoDotByte) || !isOnly(prio, isNoDotByte) {
		return Resource{}, errResource
	}
	return Resource{Namespace: ns, Priority: prio}, nil
}

// isNoDotByte is token-nodot (RFC 4412 §3.1).
func isNoDotByte(c byte) bool { return isTokenByte(c) && c != '.' }

// String returns the value as it stands in the header.
func (r Resource) String() string { return string(r.Append(nil)) }

// Append writes the value to b.
func (r Resource) Append(b []byte) []byte {
	b = append(appendOnly(b, r.Namespace, isNoDotByte), '.')
	return appendOnly(b, r.Priority, isNoDotByte)
}
