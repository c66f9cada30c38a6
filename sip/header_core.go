package sip

import "errors"

// The headers that every message is routed and matched by.
var (
	Via         = NewHeader("Via", Codec[Hop]{Parse: ParseHop, Append: appendValue[Hop], List: true, Lines: true}) // RFC 3261 §20.42
	From        = NewHeader("From", addrCodec(false))                                                              // RFC 3261 §20.20
	To          = NewHeader("To", addrCodec(false))                                                                // RFC 3261 §20.39
	Route       = NewHeader("Route", addrCodec(true))                                                              // RFC 3261 §20.34
	RecordRoute = NewHeader("Record-Route", addrCodec(true))                                                       // RFC 3261 §20.30
	CSeq        = NewHeader("CSeq", Codec[Seq]{Parse: ParseSeq, Append: appendValue[Seq]})                         // RFC 3261 §20.16

	// Contact values are addresses or "*", see [Addr.IsStar] (RFC 3261 §20.10).
	Contact = NewHeader("Contact", Codec[Addr]{Parse: ParseAddr, Append: appendValue[Addr], List: true, Lines: true})

	// CallIDHeader is the Call-ID header (RFC 3261 §20.8).
	CallIDHeader = NewHeader("Call-ID", Codec[string]{Parse: parseCallID, Append: appendText})

	// MaxForwards is between 0 and 255 (RFC 3261 §20.22).
	MaxForwards = NewHeader("Max-Forwards", Codec[int]{Parse: parseMaxForwards, Append: appendInt})

	// ContentType is the media type of the body as text (RFC 3261 §20.15). Use
	// [Message.SetBody] to change it together with the body.
	ContentType = NewHeader("Content-Type", Codec[string]{Parse: parseNonEmpty, Append: appendText})

	// ContentLength is the length of the body as the message says it (RFC 3261
	// §20.14). What goes out is always right, whatever is set here.
	ContentLength = NewHeader("Content-Length", Codec[int]{Parse: parseLength, Append: appendInt})
)

// appender is a value that writes itself.
type appender interface{ Append([]byte) []byte }

func appendValue[T appender](b []byte, v T) []byte { return v.Append(b) }

func appendText(b []byte, s string) []byte { return append(b, s...) }

func appendInt(b []byte, n int) []byte { return appendUint(b, uint64(max(n, 0))) }

// addrCodec reads and writes addresses where "*" is none.
func addrCodec(list bool) Codec[Addr] {
	return Codec[Addr]{Parse: parseAddrNoStar, Append: appendValue[Addr], List: list, Lines: list}
}

func parseAddrNoStar(s string) (Addr, error) {
	a, err := ParseAddr(s)
	if err == nil && a.Star {
		return Addr{}, errStar
	}
	return a, err
}

func parseNonEmpty(s string) (string, error) {
	if s == "" {
		return "", errEmpty
	}
	return s, nil
}

var errCallID = errors.New("white space in a Call-ID")

// parseCallID takes more than the grammar of callid (RFC 3261 §25.1): peers
// put anything there, and it is only ever compared as a whole.
func parseCallID(s string) (string, error) {
	if s == "" {
		return "", errEmpty
	}
	for i := 0; i < len(s); i++ {
		if isLWS(s[i]) {
			return "", errCallID
		}
	}
	return s, nil
}

func parseMaxForwards(s string) (int, error) {
	n, err := parseUint32(s)
	if err != nil || n > 255 {
		return 0, errNumber
	}
	return int(n), nil
}

// parseLength keeps to 31 bits so that a length is an int everywhere.
func parseLength(s string) (int, error) {
	n, err := parseUint32(s)
	if err != nil || n > 1<<31-1 {
		return 0, errNumber
	}
	return int(n), nil
}
