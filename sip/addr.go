package sip

import (
	"errors"
	"strconv"
	"strings"
)

var (
	errAddr = errors.New("malformed address")
	errStar = errors.New(`"*" is not an address here`)
)

// Addr is an address as in From, To, Contact and Route: a display name, a URI
// and the parameters of the header (RFC 3261 §20.10).
type Addr struct {
	Display string // decoded: without quotes and escapes
	URI     URI
	Params  Params // header parameters such as ";tag=…", not those of the URI
	Star    bool   // "Contact: *" (RFC 3261 §10.2.2); the rest is then empty
}

// ParseAddr reads a name-addr, an addr-spec or "*", with header parameters.
//
// It is lenient where RFC 4475 allows it: white space inside the angle
// brackets (§3.1.2.14) and a display name with commas or dots and no quotes
// (§3.1.2.15) are taken.
func ParseAddr(s string) (Addr, error) {
	s = trimLWS(s)
	if s == "*" {
		return Addr{Star: true}, nil
	}
	display, uri, params, err := splitAddr(s)
	if err != nil {
		return Addr{}, err
	}
	a := Addr{Display: displayText(display), Params: Params(params)}
	a.URI, err = ParseURI(uri)
	if err != nil {
		return Addr{}, err
	}
	return a, nil
}

// splitAddr finds the three parts of an address, undecoded.
func splitAddr(s string) (display, uri, params string, err error) {
	open, ok := openAngle(s)
	if !ok {
		return "", "", "", errAddr
	}
	if open >= 0 {
		end := strings.IndexByte(s[open:], '>')
		if end < 0 {
			return "", "", "", errAddr
		}
		end += open
		display, uri, params = trimLWS(s[:open]), trimLWS(s[open+1:end]), trimLWS(s[end+1:])
	} else {
		// RFC 3261 §20.10: "If no "<" and ">" are present, all parameters
		// after the URI are header parameters, not URI parameters."
		semi := strings.IndexByte(s, ';')
		if semi < 0 {
			semi = len(s)
		}
		uri, params = trimLWS(s[:semi]), s[semi:]
	}
	if params != "" && params[0] != ';' {
		return "", "", "", errTail
	}
	return display, uri, params, nil
}

// openAngle finds the '<' of a name-addr: outside quotes, and before any
// semicolon. -1 means that s can only be an addr-spec; ok is false when it
// cannot be that either because there are quotes in it.
func openAngle(s string) (at int, ok bool) {
	quotes := false
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '<':
			return i, true
		case ';':
			return -1, !quotes
		case '"':
			end := skipQuoted(s, i)
			if end < 0 {
				return -1, false
			}
			quotes = true
			i = end - 1
		}
	}
	return -1, !quotes
}

// displayText decodes a display name. What is neither a quoted string nor
// tokens is kept as it is written.
func displayText(s string) string {
	if s != "" && s[0] == '"' && skipQuoted(s, 0) == len(s) {
		return unescapeQuoted(s[1 : len(s)-1])
	}
	return s
}

// String returns the address as text.
func (a Addr) String() string { return string(a.Append(make([]byte, 0, 96))) }

// Append writes the address to b, always with angle brackets, which keeps the
// parameters of the URI apart from those of the header.
func (a Addr) Append(b []byte) []byte {
	if a.Star {
		return append(b, '*')
	}
	if clean(a.Display) != "" {
		b = appendQuoted(b, a.Display)
		b = append(b, ' ')
	}
	b = append(b, '<')
	b = a.URI.Append(b)
	b = append(b, '>')
	return appendParams(b, a.Params)
}

// Tag returns the tag parameter, "" when there is none.
func (a Addr) Tag() string {
	tag, _ := a.Params.Get("tag")
	return tag
}

// WithTag returns a with its tag parameter set.
func (a Addr) WithTag(tag string) Addr {
	a.Params = a.Params.With("tag", tag)
	return a
}

// IsStar reports whether the address is the "*" of a Contact header.
func (a Addr) IsStar() bool { return a.Star }

// Q returns the q parameter, between 0 and 1; ok is false when it is missing or
// out of range. A contact without q counts as 1 in most places; that is for
// the caller to say.
func (a Addr) Q() (q float32, ok bool) {
	v, has := a.Params.Get("q")
	if !has {
		return 0, false
	}
	return parseQ(v)
}

// parseQ reads a qvalue (RFC 3261 §25.1), with any number of digits.
func parseQ(s string) (float32, bool) {
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) && s[i] != '.' {
			return 0, false
		}
	}
	f, err := strconv.ParseFloat(s, 32)
	if err != nil || f > 1 {
		return 0, false
	}
	return float32(f), true
}
