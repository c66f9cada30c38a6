package sip

import (
	"errors"
	"strings"
	"time"
)

var (
	errWarning = errors.New("malformed warning")
	errStamp   = errors.New("malformed timestamp")
	errComment = errors.New("comment without its end")
)

// Retry is the value of Retry-After (RFC 3261 §20.33).
type Retry struct {
	After   time.Duration // when to come back; whole seconds
	Comment string        // for people; decoded
	Params  Params
}

func retryCodec() Codec[Retry] {
	return Codec[Retry]{Parse: parseRetry, Append: appendValue[Retry]}
}

func parseRetry(s string) (Retry, error) {
	i := 0
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	after, err := parseSeconds(s[:i])
	if err != nil {
		return Retry{}, err
	}
	r := Retry{After: after}
	s = trimLWS(s[i:])
	if strings.HasPrefix(s, "(") {
		var ok bool
		if r.Comment, s, ok = cutComment(s); !ok {
			return Retry{}, errComment
		}
	}
	if s != "" && s[0] != ';' {
		return Retry{}, errTail
	}
	r.Params = Params(s)
	return r, checkItemParams(s)
}

// Duration returns how long the peer will be there once it is back; ok is false
// when it does not say.
func (r Retry) Duration() (d time.Duration, ok bool) { return r.Params.Seconds("duration") }

// String returns the value as it stands in the header.
func (r Retry) String() string { return string(r.Append(nil)) }

// Append writes the value to b.
func (r Retry) Append(b []byte) []byte {
	b = appendSeconds(b, r.After)
	if r.Comment != "" {
		b = appendComment(append(b, ' '), r.Comment)
	}
	return appendParams(b, r.Params)
}

// Warn is one value of a Warning header (RFC 3261 §20.43).
type Warn struct {
	Code  int    // three digits, such as 399
	Agent string // host, host:port or pseudonym of who adds it; "" is written as "-"
	Text  string // decoded
}

func warnCodec() Codec[Warn] {
	return Codec[Warn]{Parse: parseWarn, Append: appendValue[Warn], List: true}
}

// parseWarn reads a warning. Text without quotes is taken as it is.
func parseWarn(s string) (Warn, error) {
	code, s := cutWord(s)
	agent, text := cutWord(s)
	n, err := parseUint32(code)
	if err != nil || len(code) != 3 || !isOnly(agent, isWideByte) || text == "" {
		return Warn{}, errWarning
	}
	if strings.HasPrefix(text, `"`) && skipQuoted(text, 0) != len(text) {
		return Warn{}, errQuote
	}
	return Warn{Code: int(n), Agent: agent, Text: unquote(text)}, nil
}

// String returns the value as it stands in the header.
func (w Warn) String() string { return string(w.Append(nil)) }

// Append writes the value to b. A code outside 100 to 999 is written as 399,
// "Miscellaneous warning".
func (w Warn) Append(b []byte) []byte {
	code := w.Code
	if code < 100 || code > 999 {
		code = 399
	}
	b = append(appendUint(b, uint64(code)), ' ')
	n := len(b)
	if b = appendOnly(b, w.Agent, isWideByte); len(b) == n {
		b = append(b, '-')
	}
	return appendQuoted(append(b, ' '), w.Text)
}

// Stamp is the value of a Timestamp header (RFC 3261 §20.38).
type Stamp struct {
	// Value is a decimal number by the clock of whoever sent the request; it
	// means nothing to others, who only send it back.
	Value string
	// Delay is the time between request and response; 0 means not given.
	Delay time.Duration
}

func stampCodec() Codec[Stamp] {
	return Codec[Stamp]{Parse: parseStamp, Append: appendValue[Stamp]}
}

func parseStamp(s string) (Stamp, error) {
	value, delay := cutWord(s)
	if !isDecimal(value) {
		return Stamp{}, errStamp
	}
	t := Stamp{Value: value}
	if delay == "" {
		return t, nil
	}
	if !isDecimal(delay) {
		return Stamp{}, errStamp
	}
	whole, frac, _ := strings.Cut(delay, ".")
	if whole != "" {
		t.Delay, _ = parseSeconds(whole)
	}
	unit := time.Second
	for i := 0; i < len(frac) && unit > 1; i++ {
		unit /= 10
		t.Delay += time.Duration(frac[i]-'0') * unit
	}
	return t, nil
}

// isDecimal: *DIGIT [ "." *DIGIT ] with a digit somewhere.
func isDecimal(s string) bool {
	digits, dots := 0, 0
	for i := 0; i < len(s); i++ {
		switch {
		case isDigit(s[i]):
			digits++
		case s[i] == '.':
			dots++
		default:
			return false
		}
	}
	return digits > 0 && dots <= 1
}

// String returns the value as it stands in the header.
func (t Stamp) String() string { return string(t.Append(nil)) }

// Append writes the value to b; a Value that is no number is written as 0.
func (t Stamp) Append(b []byte) []byte {
	if isDecimal(t.Value) {
		b = append(b, t.Value...)
	} else {
		b = append(b, '0')
	}
	if t.Delay <= 0 {
		return b
	}
	b = appendUint(append(b, ' '), uint64(t.Delay/time.Second))
	frac := t.Delay % time.Second
	if frac == 0 {
		return b
	}
	b = append(b, '.')
	for unit := time.Second / 10; frac > 0; unit /= 10 {
		b = append(b, '0'+byte(frac/unit))
		frac %= unit
	}
	return b
}
