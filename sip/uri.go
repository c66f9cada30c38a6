package sip

import (
	"errors"
	"strings"
)

var (
	errURI    = errors.New("malformed URI")
	errScheme = errors.New("URI without a scheme")
	errHost   = errors.New("malformed host")
)

// URI is a sip, sips, tel, urn or any other URI. The zero value is no URI. Two
// values are the same text when they are ==; [URI.Equal] compares by the rules
// of the scheme.
type URI struct {
	Scheme   string // in lower case
	User     string // as written, escapes included; see [URI.UserUnescaped]
	Password string // as written, escapes included
	Host     string // name, IPv4 address, or IPv6 address in its brackets
	Port     uint16 // 0 means none was given
	Params   Params // ";lr;transport=tcp"
	Headers  string // what follows "?", without it
	Opaque   string // for schemes other than sip and sips: all after "scheme:"
}

// ParseURI reads a URI. sip and sips URIs are taken apart (RFC 3261 §19.1.1),
// all others keep what follows the colon in Opaque. It allocates nothing
// unless the scheme has capitals.
func ParseURI(s string) (URI, error) {
	scheme, rest, err := splitScheme(s)
	if err != nil {
		return URI{}, err
	}
	p, ok := findParts(rest)
	if !ok {
		return URI{}, errURI
	}
	u := URI{Scheme: scheme}
	if !u.IsSIP() {
		if rest == "" {
			return URI{}, errURI
		}
		u.Opaque = rest
		return u, nil
	}
	if p.at >= 0 {
		u.User = rest[:p.at]
		if c := strings.IndexByte(u.User, ':'); c >= 0 {
			u.User, u.Password = u.User[:c], u.User[c+1:]
		}
		if u.User == "" {
			return URI{}, errURI
		}
	}
	end := len(rest)
	if p.question >= 0 {
		u.Headers = rest[p.question+1:]
		end = p.question
	}
	if p.semi >= 0 {
		u.Params = Params(rest[p.semi:end])
		end = p.semi
	}
	if u.Host, u.Port, err = parseHostPort(rest[p.at+1 : end]); err != nil {
		return URI{}, err
	}
	return u, nil
}

// splitScheme splits a URI behind its scheme, which it returns in lower case.
func splitScheme(s string) (scheme, rest string, err error) {
	if rest, ok := strings.CutPrefix(s, "sip:"); ok {
		return "sip", rest, nil
	}
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || !isScheme(scheme) {
		return "", "", errScheme
	}
	return toLower(scheme), rest, nil
}

// uriParts tells where the parts of a sip URI begin; -1 means not there.
type uriParts struct {
	at, semi, question int
}

// findParts looks for the marks between the parts of a sip URI. It is false
// when there is a character in s that no URI may hold.
func findParts(s string) (uriParts, bool) {
	p := uriParts{at: -1, semi: -1, question: -1}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if classes[c]&(classNoURI|classMark) == 0 {
			continue
		}
		switch {
		case c == '@' && p.at < 0:
			// The user part may hold ";", "?" and "/" unescaped (RFC 3261
			// §25.1 user-unreserved; RFC 4475 §3.1.1.9): only what follows
			// the "@" counts.
			p = uriParts{at: i, semi: -1, question: -1}
		case c == ';' && p.semi < 0 && p.question < 0:
			p.semi = i
		case c == '?' && p.question < 0:
			p.question = i
		case is(c, classNoURI):
			return p, false
		}
	}
	return p, true
}

// isScheme: scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ).
func isScheme(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		alpha := lower(c)-'a' < 26
		if !alpha && (i == 0 || !isDigit(c) && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return s != ""
}

// parseHostPort reads "host", "host:port" and "[v6]:port".
func parseHostPort(s string) (host string, port uint16, err error) {
	end := 0
	if strings.HasPrefix(s, "[") {
		// RFC 5118 §4.10: three colons in a row come from a bug in the
		// grammar of RFC 3261, so what is in the brackets is not judged.
		end = strings.IndexByte(s, ']') + 1
		if end <= 2 || !isV6Text(s[1:end-1]) {
			return "", 0, errHost
		}
	} else {
		for end < len(s) && is(s[end], classHost) {
			end++
		}
		if end == 0 {
			return "", 0, errHost
		}
	}
	host, s = s[:end], s[end:]
	if s == "" {
		return host, 0, nil
	}
	if s[0] != ':' {
		return "", 0, errHost
	}
	if port, err = parsePort(s[1:]); err != nil {
		return "", 0, err
	}
	return host, port, nil
}

func isV6Text(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !isDigit(c) && lower(c)-'a' >= 6 && c != ':' && c != '.' {
			return zoned(s, i)
		}
	}
	return true
}

// zoned reports whether s[i] begins a zone, as in "fe80::1%eth0", of characters
// that appendHost writes again.
func zoned(s string, i int) bool {
	if i == 0 || s[i] != '%' || i+1 == len(s) {
		return false
	}
	for _, c := range []byte(s[i+1:]) {
		if !is(c, classHost) {
			return false
		}
	}
	return true
}

// IsZero reports whether u is no URI at all.
func (u URI) IsZero() bool { return u == URI{} }

// IsSIP reports whether u is a sip or sips URI.
func (u URI) IsSIP() bool { return u.Scheme == "sip" || u.Scheme == "sips" }

// String returns the URI as text.
func (u URI) String() string {
	if u.IsZero() {
		return ""
	}
	return string(u.Append(make([]byte, 0, 64)))
}

// Append writes the URI to b. Characters that no URI may hold, among them CR,
// LF, NUL, spaces, quotes and angle brackets, are percent-escaped, in a host
// and a scheme dropped.
func (u URI) Append(b []byte) []byte {
	if u.IsZero() {
		return b
	}
	scheme := u.Scheme
	if scheme == "" {
		scheme = "sip"
	}
	b = appendToken(b, scheme)
	b = append(b, ':')
	if !u.IsSIP() && u.Scheme != "" {
		return appendURIText(b, u.Opaque, "")
	}
	if u.User != "" {
		b = appendURIText(b, u.User, "@:")
		if u.Password != "" {
			b = append(b, ':')
			b = appendURIText(b, u.Password, "@")
		}
		b = append(b, '@')
	}
	b = appendHost(b, u.Host)
	if u.Port != 0 {
		b = append(b, ':')
		b = appendUint(b, uint64(u.Port))
	}
	// Without a user part the first "@" would make one of what is before it.
	at := ""
	if u.User == "" {
		at = "@"
	}
	if u.Params != "" {
		if u.Params[0] != ';' {
			b = append(b, ';')
		}
		b = appendURIText(b, string(u.Params), "?"+at)
	}
	if u.Headers != "" {
		b = append(b, '?')
		b = appendURIText(b, u.Headers, at)
	}
	return b
}

// appendHost writes a host and drops what cannot be part of one.
func appendHost(b []byte, host string) []byte {
	for i := 0; i < len(host); i++ {
		if c := host[i]; is(c, classHost) || c == '[' || c == ']' || c == ':' || c == '%' {
			b = append(b, c)
		}
	}
	return b
}

const hexDigits = "0123456789ABCDEF"

// appendURIText writes s and escapes what no URI may hold, and what is in also.
func appendURIText(b []byte, s, also string) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x80 || is(c, classNoURI) || also != "" && strings.IndexByte(also, c) >= 0 {
			b = append(b, '%', hexDigits[c>>4], hexDigits[c&15])
			continue
		}
		b = append(b, c)
	}
	return b
}
