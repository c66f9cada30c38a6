package sip

import (
	"errors"
	"strings"
	"time"
)

var (
	errSeconds    = errors.New("not a number of seconds")
	errDate       = errors.New("not a date in GMT")
	errCallIDText = errors.New("malformed Call-ID")
)

// The codecs that most headers are made of. The values of a codec that reads
// text are substrings of the message.

// tokenCodec reads tokens: option tags, event packages, entity tags. On the
// way out a byte that no token may hold is dropped, so that one value can not
// grow into two.
func tokenCodec[T ~string](list bool) Codec[T] {
	return Codec[T]{
		Parse: func(s string) (T, error) {
			if !isToken(s) {
				return "", errToken
			}
			return T(s), nil
		},
		Append: func(b []byte, v T) []byte { return appendToken(b, string(v)) },
		List:   list,
	}
}

// methodCodec is tokenCodec for methods. Known ones come as the constants, so
// that they do not hold the message in memory.
func methodCodec() Codec[Method] {
	c := tokenCodec[Method](true)
	c.Parse = func(s string) (Method, error) {
		if !isToken(s) {
			return "", errToken
		}
		return internMethod(s), nil
	}
	return c
}

// callIDCodec reads the Call-IDs of In-Reply-To.
func callIDCodec() Codec[string] {
	return Codec[string]{
		Parse: func(s string) (string, error) {
			if !isOnly(s, isCallIDByte) {
				return "", errCallIDText
			}
			return s, nil
		},
		Append: appendCallID,
		List:   true,
	}
}

func appendCallID(b []byte, s string) []byte { return appendOnly(b, s, isCallIDByte) }

// isCallIDByte: word = 1*(alphanum / "-" … "}"), callid = word [ "@" word ]
// (RFC 3261 §25.1).
func isCallIDByte(c byte) bool {
	return isTokenByte(c) || strings.IndexByte(`()<>:\"/[]?{}@`, c) >= 0
}

// uintCodec reads 1*DIGIT that fits 32 bits.
func uintCodec() Codec[uint32] {
	return Codec[uint32]{
		Parse:  parseUint32,
		Append: func(b []byte, n uint32) []byte { return appendUint(b, uint64(n)) },
	}
}

// secondsCodec reads delta-seconds.
func secondsCodec() Codec[time.Duration] {
	return Codec[time.Duration]{Parse: parseSeconds, Append: appendSeconds}
}

// maxSeconds is the greatest delta-seconds: RFC 3261 §20.19 gives the range as
// "between 0 and (2**32)-1".
const maxSeconds = 1<<32 - 1

// parseSeconds reads delta-seconds. A number beyond the range counts as the
// greatest, for what is meant is "very long".
func parseSeconds(s string) (time.Duration, error) {
	if s == "" {
		return 0, errSeconds
	}
	var n uint64
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			return 0, errSeconds
		}
		n = min(n*10+uint64(s[i]-'0'), maxSeconds)
	}
	return time.Duration(n) * time.Second, nil
}

// appendSeconds writes whole seconds between 0 and 2^32-1. A part of a second
// counts as one more: half a second must not become 0, which means "remove" in
// a registration and "end" in a subscription.
func appendSeconds(b []byte, d time.Duration) []byte {
	n := d / time.Second
	if d%time.Second > 0 {
		n++
	}
	return appendUint(b, uint64(min(max(n, 0), maxSeconds)))
}

// dateCodec reads an rfc1123-date.
func dateCodec() Codec[time.Time] {
	return Codec[time.Time]{Parse: parseDate, Append: appendDate}
}

// dateLayout is SIP-date (RFC 3261 §25.1). GMT stands for itself in it.
const dateLayout = "Mon, 02 Jan 2006 15:04:05 GMT"

// parseDate reads a date. RFC 3261 §20.17: "The SIP-Date is always in GMT"; a
// peer that writes UTC means the same, any other zone is an error. A day with
// one digit is taken.
func parseDate(s string) (time.Time, error) {
	s, ok := strings.CutSuffix(s, " GMT")
	if !ok {
		if s, ok = strings.CutSuffix(s, " UTC"); !ok {
			return time.Time{}, errDate
		}
	}
	t, err := time.Parse("Mon, 2 Jan 2006 15:04:05", s)
	if err != nil {
		return time.Time{}, errDate
	}
	return t, nil
}

func appendDate(b []byte, t time.Time) []byte {
	return t.UTC().AppendFormat(b, dateLayout)
}

// paramsCodec reads a header that is nothing but parameters, the first without
// a semicolon before it.
func paramsCodec() Codec[Params] {
	return Codec[Params]{
		Parse: func(s string) (Params, error) {
			if s == "" {
				return "", errEmpty
			}
			p := ";" + s
			return Params(p), checkItemParams(p)
		},
		Append: func(b []byte, p Params) []byte {
			n := len(b)
			b = appendParams(b, p)
			if n == len(b) {
				return b
			}
			return append(b[:n], b[n+1:]...)
		},
	}
}

// cutWord splits s at the first white space; both parts are trimmed.
func cutWord(s string) (word, rest string) {
	i := 0
	for i < len(s) && !isLWS(s[i]) {
		i++
	}
	return s[:i], trimLWS(s[i:])
}

// appendOnly writes the bytes of s for which ok holds and drops all others.
func appendOnly(b []byte, s string, ok func(byte) bool) []byte {
	for i := 0; i < len(s); i++ {
		if ok(s[i]) {
			b = append(b, s[i])
		}
	}
	return b
}

// isOnly reports whether s is made of one or more bytes for which ok holds.
func isOnly(s string, ok func(byte) bool) bool {
	for i := 0; i < len(s); i++ {
		if !ok(s[i]) {
			return false
		}
	}
	return s != ""
}

// appendComment writes a comment: text in parentheses (RFC 3261 §25.1).
func appendComment(b []byte, s string) []byte {
	b = append(b, '(')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '\r', '\n', 0:
		case '(', ')', '\\':
			b = append(b, '\\', c)
		default:
			b = append(b, c)
		}
	}
	return append(b, ')')
}

// cutComment decodes the comment that s begins with; comments nest.
func cutComment(s string) (comment, rest string, ok bool) {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return unescapeQuoted(s[1:i]), trimLWS(s[i+1:]), true
			}
		}
	}
	return "", "", false
}
