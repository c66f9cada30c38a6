package sip

import (
	"errors"
	"strconv"
	"strings"
)

// Errors of values. They arrive wrapped in a [HeaderError] that names the
// header.
var (
	errToken  = errors.New("not a token")
	errQuote  = errors.New("quoted string without its end")
	errNumber = errors.New("not a number in range")
	errEmpty  = errors.New("empty value")
	errTail   = errors.New("text after the value")
	errParam  = errors.New("malformed parameter")
)

func isDigit(c byte) bool { return c-'0' < 10 }

func isWSP(c byte) bool { return c == ' ' || c == '\t' }

// trimLWS cuts linear white space, folds included, from both ends.
func trimLWS(s string) string {
	i, j := 0, len(s)
	for i < j && isLWS(s[i]) {
		i++
	}
	for i < j && isLWS(s[j-1]) {
		j--
	}
	return s[i:j]
}

// unfold replaces each fold, a line end and the white space around it, by one
// space: that is all a fold means (RFC 3261 §7.3.1 and §25.1, LWS). It costs
// nothing when there is no fold.
func unfold(s string) string {
	if strings.IndexByte(s, '\n') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if !isLWS(s[i]) {
			b = append(b, s[i])
			i++
			continue
		}
		j, fold := i, false
		for j < len(s) && isLWS(s[j]) {
			fold = fold || s[j] == '\n'
			j++
		}
		if fold {
			b = append(b, ' ')
		} else {
			b = append(b, s[i:j]...)
		}
		i = j
	}
	return string(b)
}

// equalFold compares ASCII text without regard to case. strings.EqualFold
// folds Unicode too (the Kelvin sign equals k), which SIP does not want.
func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := 0; i < len(a); i++ {
		if x, y := a[i], b[i]; x != y && lower(x) != lower(y) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if c-'A' < 26 {
		c |= 0x20
	}
	return c
}

// toLower is strings.ToLower for ASCII; no allocation when s is lower already.
func toLower(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i]-'A' < 26 {
			b := []byte(s)
			for ; i < len(b); i++ {
				b[i] = lower(b[i])
			}
			return string(b)
		}
	}
	return s
}

// skipQuoted returns the index just after the quoted string that begins at
// s[i], or -1 when it has no end.
func skipQuoted(s string, i int) int {
	for i++; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// unquote decodes s when it is one whole quoted string and returns it as it is
// otherwise. Without a backslash in it nothing is allocated.
func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	return unescapeQuoted(s[1 : len(s)-1])
}

// unescapeQuoted decodes the inside of a quoted string.
func unescapeQuoted(s string) string {
	i := strings.IndexByte(s, '\\')
	if i < 0 {
		return s
	}
	b := append(make([]byte, 0, len(s)), s[:i]...)
	for ; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b = append(b, s[i])
	}
	return string(b)
}

// appendQuoted writes s as a quoted string. CR, LF and NUL are dropped: a
// quoted pair may not hold CR or LF (RFC 3261 §25.1), and NUL breaks peers.
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '\r', '\n', 0:
		case '"', '\\':
			b = append(b, '\\', c)
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// clean returns s without CR, LF and NUL.
func clean(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c == '\r' || c == '\n' || c == 0 {
			return string(appendClean(nil, s))
		}
	}
	return s
}

// cleanToken returns the token characters of s.
func cleanToken(s string) string {
	if isToken(s) {
		return s
	}
	return string(appendToken(nil, s))
}

// appendClean writes s without CR, LF and NUL.
func appendClean(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c != '\r' && c != '\n' && c != 0 {
			b = append(b, c)
		}
	}
	return b
}

// appendToken writes the token characters of s and drops all others.
func appendToken(b []byte, s string) []byte {
	if isToken(s) {
		return append(b, s...)
	}
	for i := 0; i < len(s); i++ {
		if isTokenByte(s[i]) {
			b = append(b, s[i])
		}
	}
	return b
}

// nextSep returns the index of the first sep in s that stands outside quoted
// strings and outside angle brackets, or len(s).
func nextSep(s string, sep byte) int {
	// Most values have no sep at all, or nothing before it that can hide it.
	first := strings.IndexByte(s, sep)
	if first < 0 {
		return len(s)
	}
	i := first
	if q := strings.IndexByte(s[:i], '"'); q >= 0 {
		i = q
	}
	if a := strings.IndexByte(s[:i], '<'); a >= 0 {
		i = a
	}
	for ; i < len(s); i++ {
		switch s[i] {
		case sep:
			return i
		case '"':
			end := skipQuoted(s, i)
			if end < 0 {
				return len(s)
			}
			i = end - 1
		case '<':
			end := strings.IndexByte(s[i:], '>')
			if end < 0 {
				return len(s)
			}
			i += end
		}
	}
	return len(s)
}

// cutComma splits the first value off a comma separated list. Commas in quotes
// and in angle brackets do not count. Both parts are trimmed; more tells
// whether there was a comma.
func cutComma(s string) (value, rest string, more bool) { return cutSep(s, ',') }

// cutSemi is cutComma for semicolons.
func cutSemi(s string) (value, rest string, more bool) { return cutSep(s, ';') }

func cutSep(s string, sep byte) (value, rest string, more bool) {
	i := nextSep(s, sep)
	if i == len(s) {
		return trimLWS(s), "", false
	}
	return trimLWS(s[:i]), trimLWS(s[i+1:]), true
}

// parseUint32 reads 1*DIGIT that fits 32 bits. Leading zeros are legal.
func parseUint32(s string) (uint32, error) {
	var n uint64
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			return 0, errNumber
		}
		if n = n*10 + uint64(s[i]-'0'); n > 1<<32-1 {
			return 0, errNumber
		}
	}
	if s == "" {
		return 0, errNumber
	}
	return uint32(n), nil
}

func parsePort(s string) (uint16, error) {
	n, err := parseUint32(s)
	if err != nil || n > 65535 {
		return 0, errNumber
	}
	return uint16(n), nil
}

func appendUint(b []byte, n uint64) []byte { return strconv.AppendUint(b, n, 10) }

// cutSlash splits at the first slash and trims both sides.
func cutSlash(s string) (before, after string, ok bool) {
	before, after, ok = strings.Cut(s, "/")
	return trimLWS(before), trimLWS(after), ok
}
