package sip

import (
	"net/netip"
	"strings"
)

// Equal compares two URIs by the rules of their scheme: RFC 3261 §19.1.4 for
// sip and sips, RFC 3966 §5 for tel, RFC 8141 §3 for urn. URIs of other schemes
// are equal when they are the same text. The relation of sip URIs is not
// transitive: two URIs with different values of some parameter may both equal
// a third one that lacks it.
func (u URI) Equal(v URI) bool {
	if u.Scheme != v.Scheme {
		return false // "A SIP and SIPS URI are never equivalent."
	}
	switch u.Scheme {
	case "sip", "sips":
		return equalSIP(u, v)
	case "tel":
		return equalTel(u.Opaque, v.Opaque)
	case "urn":
		return equalURN(u.Opaque, v.Opaque)
	}
	return u == v
}

func equalSIP(u, v URI) bool {
	// "For two URIs to be equal, the user, password, host, and port components
	// must match." A port that is left out does not match the default one.
	return u.Port == v.Port &&
		equalEscaped(u.User, v.User, false) &&
		equalEscaped(u.Password, v.Password, false) &&
		equalHost(u.Host, v.Host) &&
		equalURIParams(u.Params, v.Params) && equalURIParams(v.Params, u.Params) &&
		equalHeaders(u.Headers, v.Headers) && equalHeaders(v.Headers, u.Headers)
}

// equalHost compares names without regard to case and IPv6 addresses by value
// (RFC 5954 §4.2): one address has many spellings.
func equalHost(a, b string) bool {
	if equalFold(a, b) {
		return true
	}
	if !strings.HasPrefix(a, "[") || !strings.HasPrefix(b, "[") {
		return false
	}
	x, xerr := netip.ParseAddr(strings.Trim(a, "[]"))
	y, yerr := netip.ParseAddr(strings.Trim(b, "[]"))
	return xerr == nil && yerr == nil && x == y
}

// equalURIParams holds each parameter of p against q. It has to be asked both
// ways round.
func equalURIParams(p, q Params) bool {
	if tooMany(string(p), ";") || tooMany(string(q), ";") {
		return equalEscaped(string(p), string(q), true)
	}
	for rest := string(p); rest != ""; {
		var name, value string
		name, value, _, rest = nextParam(rest)
		if name == "" {
			continue
		}
		switch there, match := findURIParam(q, name, value); {
		case there && !match:
			// "Any uri-parameter appearing in both URIs must match."
			return false
		case !there && alwaysMatters(name):
			return false
		}
	}
	return true
}

// tooMany bounds the work of comparing lists in any order, which grows with
// their product: a peer may send thousands of parameters. Longer lists are equal
// when they are the same text.
func tooMany(list, sep string) bool { return strings.Count(list, sep) > 64 }

// findURIParam tells whether p has a parameter of a name, which may be escaped,
// and whether one with the value is among them: no URI may have two of a name,
// but one that does shall equal itself.
func findURIParam(p Params, name, value string) (there, match bool) {
	for rest := string(p); rest != ""; {
		var n, v string
		n, v, _, rest = nextParam(rest)
		if equalEscaped(n, name, true) {
			there = true
			match = match || equalEscaped(v, value, true)
		}
	}
	return there, match
}

// alwaysMatters: "A user, ttl, or method uri-parameter appearing in only one
// URI never matches, even if it contains the default value. A URI that includes
// an maddr parameter will not match a URI that contains no maddr parameter."
// "The same is true for the transport-parameter". All others are ignored when
// they are in one URI only.
func alwaysMatters(name string) bool {
	switch toLower(unescape(name)) {
	case "user", "ttl", "method", "maddr", "transport":
		return true
	}
	return false
}

// equalHeaders: "URI header components are never ignored. Any present header
// component MUST be present in both URIs and match for the URIs to match." The
// order does not matter.
func equalHeaders(a, b string) bool {
	if strings.Count(a, "&") != strings.Count(b, "&") {
		return false
	}
	if tooMany(a, "&") {
		return equalEscaped(a, b, false)
	}
	for rest := a; rest != ""; {
		var h string
		h, rest, _ = strings.Cut(rest, "&")
		if countHeader(a, h) != countHeader(b, h) {
			return false
		}
	}
	return (a == "") == (b == "")
}

// countHeader counts the headers in a "&" list that equal h.
func countHeader(list, h string) int {
	name, value, _ := strings.Cut(h, "=")
	n := 0
	for list != "" {
		var other string
		other, list, _ = strings.Cut(list, "&")
		on, ov, _ := strings.Cut(other, "=")
		if equalEscaped(on, name, true) && equalEscaped(ov, value, false) {
			n++
		}
	}
	return n
}

// equalEscaped compares text in which "Characters other than those in the
// reserved set … are equivalent to their ‘%’ HEX HEX encoding". An escaped
// reserved character is itself, whatever the case of its hex digits, and never
// equals the bare one.
func equalEscaped(a, b string, anyCase bool) bool {
	if a == b {
		return true
	}
	for a != "" && b != "" {
		x, xr, an := nextChar(a)
		y, yr, bn := nextChar(b)
		if anyCase {
			x, y = lower(x), lower(y)
		}
		if x != y || xr != yr {
			return false
		}
		a, b = a[an:], b[bn:]
	}
	return a == b
}

// nextChar decodes one character of s. reserved tells an escaped character of
// the reserved set from a bare one; n is its length in s.
func nextChar(s string) (c byte, reserved bool, n int) {
	if s[0] != '%' || len(s) < 3 {
		return s[0], false, 1
	}
	hi, lo := unhex(s[1]), unhex(s[2])
	if hi > 15 || lo > 15 {
		return s[0], false, 1
	}
	c = hi<<4 | lo
	return c, strings.IndexByte(";/?:@&=+$,", c) >= 0, 3
}
