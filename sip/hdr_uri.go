package sip

import (
	"iter"
	"strings"
)

// Header returns the value of a header in the URI ("sip:a@b?Replaces=…"), with
// its escapes decoded (RFC 3261 §19.1.1). The name is compared without regard
// to case. [ParseDialogRef] reads a Replaces found so.
func (u URI) Header(name string) (value string, ok bool) {
	for n, v := range u.AllHeaders() {
		if equalFold(n, name) {
			return v, true
		}
	}
	return "", false
}

// AllHeaders yields names and values of the headers in the URI, with their
// escapes decoded. Whether to put them into a request is for the program to
// decide: RFC 3261 §19.1.5 warns of many.
func (u URI) AllHeaders() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for item := range strings.SplitSeq(u.Headers, "&") {
			n, v, _ := strings.Cut(item, "=")
			if n != "" && !yield(unescape(n), unescape(v)) {
				return
			}
		}
	}
}

// WithHeader returns u with one more header, escaped.
func (u URI) WithHeader(name, value string) URI {
	b := append(make([]byte, 0, len(u.Headers)+len(name)+2*len(value)+2), u.Headers...)
	if len(b) > 0 {
		b = append(b, '&')
	}
	b = append(appendEscaped(b, name), '=')
	u.Headers = string(appendEscaped(b, value))
	return u
}

// Param returns the value of a URI parameter with its escapes decoded. A
// parameter without "=" has the value "" and ok true.
func (u URI) Param(name string) (value string, ok bool) {
	value, ok = u.Params.raw(name)
	return unescape(value), ok
}

// WithParam returns u with a URI parameter set, escaped; in URIs a value never
// stands in quotes. An empty value leaves out the "=".
func (u URI) WithParam(name, value string) URI {
	if value == "" {
		u.Params = u.Params.Flag(name)
	} else {
		u.Params = u.Params.With(name, string(appendEscaped(nil, value)))
	}
	return u
}

// appendEscaped percent-escapes all but unreserved characters and ":[]", which
// parameters and headers of URIs both take unescaped (RFC 3261 §25.1).
func appendEscaped(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if isDigit(c) || lower(c)-'a' < 26 || strings.IndexByte("-_.!~*':[]", c) >= 0 {
			b = append(b, c)
			continue
		}
		b = append(b, '%', hexDigits[c>>4], hexDigits[c&15])
	}
	return b
}
