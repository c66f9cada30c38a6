package auth

import (
	"iter"
	"strings"
)

// An offer is one scheme of a header value with its parameters: a challenge or
// a set of credentials, undecoded.
type offer struct {
	scheme string
	params string
}

// offers splits a header value into its offers. RFC 3261 §7.3.1 wants each in
// a header of its own, but peers that learned from HTTP write several in one:
//
//	Digest realm="a", nonce="1", Digest realm="b", nonce="2"
func offers(value string) iter.Seq[offer] {
	return func(yield func(offer) bool) {
		s := skipLWS(value)
		for s != "" {
			scheme, rest := token(s)
			if scheme == "" {
				return
			}
			rest = skipLWS(rest)
			end := nextOffer(rest)
			if !yield(offer{scheme, rest[:end]}) {
				return
			}
			s = skipSeparators(rest[end:])
		}
	}
}

// nextOffer finds where the parameters in s end and another scheme begins.
func nextOffer(s string) int {
	for i := 0; i < len(s); {
		switch s[i] {
		case '"':
			i = endOfQuoted(s, i)
			continue
		case ',':
			rest := skipSeparators(s[i:])
			name, after := token(rest)
			if after = skipLWS(after); name != "" && after != "" && after[0] != '=' && after[0] != ',' {
				return i
			}
		}
		i++
	}
	return len(s)
}

// params yields the name, in lower case, and the decoded value of each
// parameter; what is no parameter is skipped. A value that goes on behind its
// closing quote ends there.
func params(s string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for s = skipSeparators(s); s != ""; s = skipSeparators(s) {
			name, rest := token(s)
			rest = skipLWS(rest)
			if name == "" || rest == "" || rest[0] != '=' {
				s = skipToComma(s)
				continue
			}
			rest = skipLWS(rest[1:])
			var value string
			if rest != "" && rest[0] == '"' {
				end := endOfQuoted(rest, 0)
				value = unquote(rest[:end])
				rest = rest[end:]
			} else {
				end := strings.IndexByte(rest, ',')
				if end < 0 {
					end = len(rest)
				}
				value = strings.TrimRight(rest[:end], " \t\r\n")
				rest = rest[end:]
			}
			if !yield(strings.ToLower(name), value) {
				return
			}
			s = skipToComma(rest)
		}
	}
}

// token cuts a token (RFC 3261 §25.1) off s.
func token(s string) (tok, rest string) {
	i := 0
	for i < len(s) && isToken(s[i]) {
		i++
	}
	return s[:i], s[i:]
}

func isToken(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		strings.IndexByte("-.!%*_+`'~", c) >= 0
}

func isLWS(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func skipLWS(s string) string {
	for s != "" && isLWS(s[0]) {
		s = s[1:]
	}
	return s
}

func skipSeparators(s string) string {
	for s != "" && (isLWS(s[0]) || s[0] == ',') {
		s = s[1:]
	}
	return s
}

// skipToComma drops what stands before the next comma outside of quotes.
func skipToComma(s string) string {
	for i := 0; i < len(s); {
		switch s[i] {
		case '"':
			i = endOfQuoted(s, i)
			continue
		case ',':
			return s[i:]
		}
		i++
	}
	return ""
}

// endOfQuoted is the index behind the quoted string that begins at i, or the
// length of s when it never ends.
func endOfQuoted(s string, i int) int {
	for i++; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(s)
}

// unquote takes the quotes and the escapes off a quoted string.
func unquote(s string) string {
	s = strings.TrimSuffix(s[1:], `"`)
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
