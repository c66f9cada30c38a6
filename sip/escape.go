package sip

import "strings"

// UserUnescaped returns the user part with its escapes decoded: what a program
// looks up in its tables. An invalid escape stays as it is.
func (u URI) UserUnescaped() string { return unescape(u.User) }

// unescape decodes %XX.
func unescape(s string) string {
	i := strings.IndexByte(s, '%')
	if i < 0 {
		return s
	}
	b := append(make([]byte, 0, len(s)), s[:i]...)
	for ; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			hi, lo := unhex(s[i+1]), unhex(s[i+2])
			if hi < 16 && lo < 16 {
				b = append(b, hi<<4|lo)
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}

// unhex returns the value of a hex digit, 255 for any other byte.
func unhex(c byte) byte {
	switch {
	case isDigit(c):
		return c - '0'
	case lower(c)-'a' < 6:
		return lower(c) - 'a' + 10
	}
	return 255
}

// EscapeUser makes any text fit for the User or Password of a [URI].
func EscapeUser(s string) string {
	n := 0
	for i := 0; i < len(s); i++ {
		if !is(s[i], classUser) {
			n++
		}
	}
	if n == 0 {
		return s
	}
	b := make([]byte, 0, len(s)+2*n)
	for i := 0; i < len(s); i++ {
		if c := s[i]; is(c, classUser) {
			b = append(b, c)
		} else {
			b = append(b, '%', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return string(b)
}
