package sip

import "strings"

// equalTel compares what follows "tel:" (RFC 3966 §5).
func equalTel(a, b string) bool {
	an, ap := cutParams(a)
	bn, bp := cutParams(b)
	// "Both must be either a local-number or a global-number, i.e., start with
	// a '+' or not." The '+' is no visual separator, so this is seen here too.
	return equalDigits(an, bn) && telParamsIn(ap, bp) && telParamsIn(bp, ap)
}

// cutParams splits a URI text at its first semicolon.
func cutParams(s string) (string, Params) {
	i := strings.IndexByte(s, ';')
	if i < 0 {
		return s, ""
	}
	return s[:i], Params(s[i:])
}

// telParamsIn: "If one URI has a parameter name not found in the other, the two
// URIs are not equal."
func telParamsIn(p, q Params) bool {
	if tooMany(string(p), ";") || tooMany(string(q), ";") {
		return equalEscaped(string(p), string(q), true)
	}
	for rest := string(p); rest != ""; {
		var name, value string
		name, value, _, rest = nextParam(rest)
		if name == "" {
			continue
		}
		if !hasTelParam(q, name, value) {
			return false
		}
	}
	return true
}

// hasTelParam tells whether p has a parameter of this name and value, perhaps
// beside others of the name: a URI that breaks the rule against that shall
// still equal itself.
func hasTelParam(p Params, name, value string) bool {
	for rest := string(p); rest != ""; {
		var n, v string
		n, v, _, rest = nextParam(rest)
		if equalFold(n, name) && equalTelParam(name, value, v) {
			return true
		}
	}
	return false
}

// equalTelParam: a phone-context "is compared either as a host name if it is a
// domainname or digit by digit if it is global-number-digits", the latter and
// an extension without visual separators. All else is compared without case.
func equalTelParam(name, a, b string) bool {
	if equalFold(name, "ext") || equalFold(name, "phone-context") && strings.HasPrefix(a, "+") {
		return equalDigits(a, b)
	}
	return equalEscaped(a, b, true)
}

// equalDigits compares numbers without their visual separators and without
// regard to case: local numbers may hold hex digits.
func equalDigits(a, b string) bool {
	for {
		a, b = skipSeparators(a), skipSeparators(b)
		if a == "" || b == "" {
			return a == b
		}
		if lower(a[0]) != lower(b[0]) {
			return false
		}
		a, b = a[1:], b[1:]
	}
}

// skipSeparators cuts visual separators off the front: - . ( ).
func skipSeparators(s string) string { return strings.TrimLeft(s, "-.()") }

// equalURN compares what follows "urn:" (RFC 8141 §3.1): the namespace without
// regard to case, the rest with it but for the hex digits of escapes; r-, q-
// and f-components do not count. The namespaces that SIP uses are not
// case-sensitive: uuid (RFC 9562), service (RFC 5031) and gsma (RFC 7254).
func equalURN(a, b string) bool {
	anid, anss, aok := strings.Cut(urnName(a), ":")
	bnid, bnss, bok := strings.Cut(urnName(b), ":")
	if aok != bok || !equalFold(anid, bnid) {
		return false
	}
	switch toLower(anid) {
	case "uuid", "service", "gsma":
		return equalFold(anss, bnss)
	}
	return equalHexCase(anss, bnss)
}

// urnName cuts the components off a URN.
func urnName(s string) string {
	if i := strings.IndexByte(s, '#'); i >= 0 {
		s = s[:i]
	}
	for _, mark := range []string{"?+", "?="} {
		if i := strings.Index(s, mark); i >= 0 {
			s = s[:i]
		}
	}
	return s
}

// equalHexCase compares text exactly but for the hex digits after '%', which
// RFC 8141 does not decode.
func equalHexCase(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	hex := 0
	for i := 0; i < len(a); i++ {
		x, y := a[i], b[i]
		if x == '%' {
			hex = 3
		}
		if x != y && (hex == 0 || lower(x) != lower(y)) {
			return false
		}
		hex = max(hex-1, 0)
	}
	return true
}
