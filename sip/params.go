package sip

import (
	"iter"
	"strings"
)

// Params is a list of ";name=value" parameters, kept as the text it was read
// from: ";lr;transport=tcp". The empty string is no parameters. Methods that
// change parameters return a new list.
//
// Names are compared without regard to case, values in quotes may hold any
// character, and white space around ";" and "=" is skipped.
type Params string

// nextParam cuts one parameter off p, which begins with ';' or white space.
func nextParam(p string) (name, value string, hasValue bool, rest string) {
	for len(p) > 0 && (p[0] == ';' || isLWS(p[0])) {
		p = p[1:]
	}
	eq, angles := -1, true
	i := 0
scan:
	for ; i < len(p); i++ {
		switch p[i] {
		case ';':
			break scan
		case '=':
			if eq < 0 {
				eq = i
			}
		case '"':
			end := skipQuoted(p, i)
			if end < 0 {
				end = len(p)
			}
			i = end - 1
		case '<':
			// A '<' that nothing closes is text like any other.
			if angles {
				n := strings.IndexByte(p[i:], '>')
				angles = n >= 0
				i += max(n, 0)
			}
		}
	}
	item, rest := p[:i], p[i:]
	if eq < 0 {
		return trimLWS(item), "", false, rest
	}
	return trimLWS(item[:eq]), trimLWS(item[eq+1:]), true, rest
}

// Get returns the value of the first parameter called name, with its quotes
// and escapes removed. A parameter without "=" has the value "" and ok true.
func (p Params) Get(name string) (value string, ok bool) {
	value, ok = p.raw(name)
	return unquote(value), ok
}

// raw is Get without unquoting.
func (p Params) raw(name string) (value string, ok bool) {
	for rest := string(p); rest != ""; {
		var n string
		n, value, _, rest = nextParam(rest)
		if equalFold(n, name) {
			return value, true
		}
	}
	return "", false
}

// Has reports whether there is a parameter called name, with or without a
// value.
func (p Params) Has(name string) bool {
	_, ok := p.raw(name)
	return ok
}

// All yields names and values in their order, values with quotes and escapes
// removed. Empty parameters (";;") are skipped.
func (p Params) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for rest := string(p); rest != ""; {
			var n, v string
			n, v, _, rest = nextParam(rest)
			if n == "" && v == "" {
				continue
			}
			if !yield(n, unquote(v)) {
				return
			}
		}
	}
}

// With returns p with the parameter name set to value: in the place of the
// first of that name, else at the end. Later ones of that name go. The value
// is quoted when it is neither a token nor a host; characters that cannot be
// part of a name, and CR, LF and NUL anywhere, are dropped.
func (p Params) With(name, value string) Params { return p.put(name, value, true) }

// Flag returns p with the parameter name set, without a value, as in ";lr".
func (p Params) Flag(name string) Params { return p.put(name, "", false) }

// Without returns p without any parameter called name.
func (p Params) Without(name string) Params {
	if !p.Has(name) {
		return p
	}
	b := make([]byte, 0, len(p))
	for rest := string(p); rest != ""; {
		before := rest
		var n string
		n, _, _, rest = nextParam(rest)
		if !equalFold(n, name) {
			b = append(b, before[:len(before)-len(rest)]...)
		}
	}
	return Params(b)
}

func (p Params) put(name, value string, hasValue bool) Params {
	b := make([]byte, 0, len(p)+len(name)+len(value)+4)
	done := false
	for rest := string(p); rest != ""; {
		before := rest
		var n string
		n, _, _, rest = nextParam(rest)
		switch {
		case !equalFold(n, name):
			b = append(b, before[:len(before)-len(rest)]...)
		case !done:
			b = appendParam(b, name, value, hasValue)
			done = true
		}
	}
	if !done {
		b = appendParam(b, name, value, hasValue)
	}
	return Params(b)
}

// appendParam writes one parameter with its semicolon.
func appendParam(b []byte, name, value string, hasValue bool) []byte {
	b = append(b, ';')
	b = appendToken(b, name)
	if !hasValue {
		return b
	}
	b = append(b, '=')
	if isParamValue(value) {
		return append(b, value...)
	}
	return appendQuoted(b, value)
}

// isParamValue reports whether v may stand without quotes: a token or a host,
// which for IPv6 has brackets and colons.
func isParamValue(v string) bool {
	for i := 0; i < len(v); i++ {
		if c := v[i]; !isTokenByte(c) && c != '[' && c != ']' && c != ':' {
			return false
		}
	}
	return v != ""
}

// checkParams reports text that is no list of parameters: an empty parameter,
// a name that is no token, a quote without end. Via and the bad messages of
// RFC 4475 need it; reading with Get is lenient.
func checkParams(p string) error {
	for p != "" {
		if p = trimLWS(p); p[0] != ';' {
			return errParam
		}
		var item string
		i := nextSep(p[1:], ';') + 1
		item, p = trimLWS(p[1:i]), p[i:]
		n, v, _, _ := nextParam(item)
		if !isToken(n) {
			return errParam
		}
		if v != "" && v[0] == '"' && skipQuoted(v, 0) != len(v) {
			return errQuote
		}
	}
	return nil
}

// appendParams writes p so that it begins with a semicolon or is empty, and
// carries no CR, LF or NUL.
func appendParams(b []byte, p Params) []byte {
	s := trimLWS(clean(string(p)))
	if s == "" {
		return b
	}
	if s[0] != ';' {
		b = append(b, ';')
	}
	return append(b, s...)
}
