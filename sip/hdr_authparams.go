package sip

import (
	"iter"
	"strings"
)

// AuthParams is a list of name=value parameters parted by commas, as digest and
// bearer authentication use them, kept as the text it was read from. The empty
// string is no parameters. Methods that change parameters return a new list.
//
// Names are compared without regard to case. Reading takes what peers get wrong:
// missing quotes (cnonce=0a4f), quotes too many (algorithm="MD5"), a missing
// comma after a quoted value, empty elements. Writing puts it right.
type AuthParams string

// Get returns the value of the first parameter called name, with its quotes and
// escapes removed.
func (p AuthParams) Get(name string) (value string, ok bool) {
	for n, v := range p.All() {
		if equalFold(n, name) {
			return v, true
		}
	}
	return "", false
}

// Has reports whether there is a parameter called name.
func (p AuthParams) Has(name string) bool {
	_, ok := p.Get(name)
	return ok
}

// All yields names and values in their order, values with quotes and escapes
// removed.
func (p AuthParams) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for n, v := range p.raw() {
			if !yield(n, unquote(v)) {
				return
			}
		}
	}
}

// raw is All with values as written. It ends at the first malformed parameter.
func (p AuthParams) raw() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for rest := string(p); ; {
			name, value, r, err := nextAuthParam(rest)
			if name == "" || err != nil || !yield(name, value) {
				return
			}
			rest = r
		}
	}
}

// With returns p with the parameter name set to value: in the place of the
// first of that name, else at the end. Later ones of that name go. Quotes are
// put where RFC 3261 §25.1 has them for that name, and around the value of a
// name that no RFC here knows. CR, LF and NUL are dropped.
func (p AuthParams) With(name, value string) AuthParams {
	return p.edit(name, string(appendAuthParam(nil, name, string(appendQuoted(nil, value)), authAny)))
}

// Without returns p without any parameter called name.
func (p AuthParams) Without(name string) AuthParams { return p.edit(name, "") }

// edit puts param, unless it is empty, in the place of all called name.
func (p AuthParams) edit(name, param string) AuthParams {
	b := make([]byte, 0, len(p)+len(param)+2)
	put := func(param string) {
		if len(b) > 0 && param != "" {
			b = append(b, ", "...)
		}
		b = append(b, param...)
	}
	for n, v := range p.raw() {
		if equalFold(n, name) {
			put(param)
			param = ""
			continue
		}
		put(n + "=" + v)
	}
	put(param)
	return AuthParams(b)
}

// check reports what makes the list unreadable.
func (p AuthParams) check() error {
	for rest := string(p); ; {
		name, _, r, err := nextAuthParam(rest)
		if name == "" || err != nil {
			return err
		}
		rest = r
	}
}

// nextAuthParam cuts one parameter off s. The value keeps its quotes; at the
// end of the list the name is empty.
func nextAuthParam(s string) (name, value, rest string, err error) {
	for s != "" && (s[0] == ',' || isLWS(s[0])) {
		s = s[1:]
	}
	if s == "" {
		return "", "", "", nil
	}
	name, s, ok := strings.Cut(s, "=")
	name = trimLWS(name)
	if !ok || !isToken(name) {
		return "", "", "", errParam
	}
	s = trimLWS(s)
	if s != "" && s[0] == '"' {
		end := skipQuoted(s, 0)
		if end < 0 {
			return "", "", "", errQuote
		}
		return name, s[:end], s[end:], nil
	}
	value, rest, _ = strings.Cut(s, ",")
	// Some peers forget the quotes around "auth,auth-int".
	for equalFold(name, "qop") && rest != "" {
		next, _, _ := strings.Cut(rest, ",")
		if strings.IndexByte(next, '=') >= 0 {
			break
		}
		value = s[:len(value)+1+len(next)]
		rest = strings.TrimPrefix(rest[len(next):], ",")
	}
	return name, trimLWS(value), rest, nil
}

// authKind tells where parameters stand, which matters for the quotes of qop:
// quoted in a challenge, a token everywhere else (RFC 3261 §25.1).
type authKind uint8

const (
	authAny authKind = iota // undecided: qop with quotes only if it is a list
	authChallenge
	authCredentials
)

// append writes the list in the form of RFC 3261 §25.1: names that digest knows
// in lower case, for some peers compare them so, and quotes where they belong.
func (p AuthParams) append(b []byte, kind authKind) []byte {
	first := true
	for n, v := range p.raw() {
		if !first {
			b = append(b, ", "...)
		}
		first = false
		b = appendAuthParam(b, n, v, kind)
	}
	return b
}

// appendAuthParam writes one parameter; value may have quotes.
func appendAuthParam(b []byte, name, value string, kind authKind) []byte {
	name = string(appendToken(nil, name))
	quoted := value != "" && value[0] == '"'
	switch low := toLower(name); low {
	case "realm", "domain", "nonce", "opaque", "username", "uri", "response", "cnonce", "nextnonce", "rspauth":
		name, quoted = low, true
	case "algorithm", "stale", "nc", "userhash", "charset":
		name, quoted = low, false
	case "qop":
		name, quoted = low, kind == authChallenge
	case "authz_server", "scope", "error": // RFC 8898
		name, quoted = low, true
	default:
		// RFC 5987 §3.2.1: the value of "username*" is never quoted.
		quoted = quoted && !strings.HasSuffix(name, "*")
	}
	value = unquote(value)
	b = append(b, name...)
	b = append(b, '=')
	if quoted || !isToken(value) {
		return appendQuoted(b, value)
	}
	return append(b, value...)
}
