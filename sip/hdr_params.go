package sip

import "time"

// Seconds returns a parameter that is a number of seconds, such as expires. ok
// is false when it is missing or no number. A number above 2^32-1 counts as
// that.
func (p Params) Seconds(name string) (d time.Duration, ok bool) {
	v, has := p.Get(name)
	if !has {
		return 0, false
	}
	d, err := parseSeconds(v)
	return d, err == nil
}

// WithSeconds returns p with the parameter name set to whole seconds; a part of
// a second counts as one more.
func (p Params) WithSeconds(name string, d time.Duration) Params {
	return p.With(name, string(appendSeconds(nil, d)))
}

// Uint returns a parameter that is a number of 32 bits, such as reg-id. ok is
// false when it is missing, no number, or too great.
func (p Params) Uint(name string) (n uint32, ok bool) {
	v, has := p.Get(name)
	if !has {
		return 0, false
	}
	n, err := parseUint32(v)
	return n, err == nil
}

// WithUint returns p with the parameter name set to a number.
func (p Params) WithUint(name string, n uint32) Params {
	return p.With(name, string(appendUint(nil, uint64(n))))
}

// WithQuoted is [Params.With] for parameters whose grammar wants quotes even
// around a token, such as the text of a Reason. The parameter goes to the end.
func (p Params) WithQuoted(name, value string) Params {
	b := append(make([]byte, 0, len(p)+len(name)+len(value)+4), p.Without(name)...)
	b = append(b, ';')
	b = appendToken(b, name)
	b = append(b, '=')
	return Params(appendQuoted(b, value))
}

// WithQ returns p with its q parameter set, with up to three decimals. Values
// outside 0 to 1 count as the nearest (RFC 3261 §25.1 qvalue).
func (p Params) WithQ(q float32) Params {
	return p.With("q", string(appendQ(nil, q)))
}

// appendQ writes a qvalue: ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] ).
func appendQ(b []byte, q float32) []byte {
	if !(q > 0) {
		return append(b, '0')
	}
	milli := uint64(q*1000 + 0.5)
	if q >= 1 || milli >= 1000 {
		return append(b, '1')
	}
	b = append(b, "0."...)
	digits := [3]byte{'0' + byte(milli/100), '0' + byte(milli/10%10), '0' + byte(milli%10)}
	n := 3
	for n > 1 && digits[n-1] == '0' {
		n--
	}
	return append(b, digits[:n]...)
}

// checkItemParams reports parameters that would be misread by the next hop: a
// name that is no token, a quote without end, text after a quoted string.
// Empty parameters and values with odd characters are let through.
func checkItemParams(p string) error {
	for p != "" {
		i := nextSep(p[1:], ';') + 1
		var item string
		item, p = trimLWS(p[1:i]), p[i:]
		if item == "" {
			continue
		}
		name, value, _, rest := nextParam(item)
		switch {
		case rest != "":
			return errQuote
		case !isToken(name):
			return errParam
		case value != "" && value[0] == '"' && skipQuoted(value, 0) != len(value):
			return errQuote
		}
	}
	return nil
}
