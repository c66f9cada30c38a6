package sip

import (
	"errors"
	"strconv"
	"time"
)

var (
	errRAck = errors.New("malformed RAck")
	errUUID = errors.New("not a UUID of 32 hex digits")
)

// Headers of calls.
var (
	RSeq = NewHeader("RSeq", uintCodec())                                                            // RFC 3262 §7.1
	RAck = NewHeader("RAck", Codec[ReliableAck]{Parse: parseRAck, Append: appendValue[ReliableAck]}) // RFC 3262 §7.2

	SessionExpires = NewHeader("Session-Expires", intervalCodec()) // RFC 4028 §4
	MinSE          = NewHeader("Min-SE", intervalCodec())          // RFC 4028 §5

	Reason     = NewHeader("Reason", itemListCodec[ReasonValue](isTokenByte))                                           // RFC 3326 §2
	UserToUser = NewHeader("User-to-User", itemListCodec[UserData](isTokenByte))                                        // RFC 7433
	SessionID  = NewHeader("Session-ID", Codec[SessionUUIDs]{Parse: parseSessionID, Append: appendValue[SessionUUIDs]}) // RFC 7989 §5

	AnswerMode     = NewHeader("Answer-Mode", itemCodec[Item](isTokenByte))      // RFC 5373
	PrivAnswerMode = NewHeader("Priv-Answer-Mode", itemCodec[Item](isTokenByte)) // RFC 5373

	// PEarlyMedia lists directions and "supported" or "gated".
	PEarlyMedia = NewHeader("P-Early-Media", tokenCodec[string](true)) // RFC 5009
)

// ReliableAck is the value of a RAck header: which reliable provisional
// response of which request a PRACK is for.
type ReliableAck struct {
	RSeq uint32 // of the response
	CSeq Seq    // of the response
}

func parseRAck(s string) (ReliableAck, error) {
	num, cseq := cutWord(s)
	n, err := parseUint32(num)
	if err != nil {
		return ReliableAck{}, errRAck
	}
	c, err := ParseSeq(cseq)
	if err != nil {
		return ReliableAck{}, errRAck
	}
	return ReliableAck{RSeq: n, CSeq: c}, nil
}

// String returns the value as it stands in the header.
func (r ReliableAck) String() string { return string(r.Append(nil)) }

// Append writes the value to b.
func (r ReliableAck) Append(b []byte) []byte {
	return r.CSeq.Append(append(appendUint(b, uint64(r.RSeq)), ' '))
}

// Interval is the value of Session-Expires and Min-SE.
type Interval struct {
	Delta  time.Duration // whole seconds
	Params Params
}

func intervalCodec() Codec[Interval] {
	return Codec[Interval]{Parse: parseInterval, Append: appendValue[Interval]}
}

func parseInterval(s string) (Interval, error) {
	i := nextSep(s, ';')
	d, err := parseSeconds(trimLWS(s[:i]))
	if err != nil {
		return Interval{}, err
	}
	if err := checkItemParams(s[i:]); err != nil {
		return Interval{}, err
	}
	return Interval{Delta: d, Params: Params(s[i:])}, nil
}

// Refresher returns who refreshes the session, "uac" or "uas", in lower case;
// "" when that is not said (RFC 4028 §4).
func (v Interval) Refresher() string {
	r, _ := v.Params.Get("refresher")
	return toLower(r)
}

// WithRefresher returns v with its refresher parameter set.
func (v Interval) WithRefresher(who string) Interval {
	v.Params = v.Params.With("refresher", who)
	return v
}

// String returns the value as it stands in the header.
func (v Interval) String() string { return string(v.Append(nil)) }

// Append writes the value to b.
func (v Interval) Append(b []byte) []byte {
	return appendParams(appendSeconds(b, v.Delta), v.Params)
}

// ReasonValue is one value of a Reason header: why a request is sent, such as
// a BYE or CANCEL.
type ReasonValue struct {
	Value  string // the protocol: "SIP", "Q.850" or another
	Params Params
}

// NewReason returns a reason. Without a text it has only the cause.
func NewReason(protocol string, cause int, text string) ReasonValue {
	r := ReasonValue{Value: protocol}
	r.Params = r.Params.With("cause", strconv.Itoa(cause))
	if text != "" {
		r.Params = r.Params.WithQuoted("text", text)
	}
	return r
}

// Is reports whether the reason is one of that protocol, without regard to
// case.
func (r ReasonValue) Is(protocol string) bool { return equalFold(r.Value, protocol) }

// Cause returns the status code of SIP or the cause value of Q.850; ok is false
// when there is none.
func (r ReasonValue) Cause() (code int, ok bool) {
	n, ok := r.Params.Uint("cause")
	return int(n), ok
}

// Text returns the explanation for people, "" when there is none.
func (r ReasonValue) Text() string {
	t, _ := r.Params.Get("text")
	return t
}

// String returns the value as it stands in the header.
func (r ReasonValue) String() string { return string(appendItem(nil, Item(r), isTokenByte)) }

// UserData is one value of a User-to-User header: data that calls carry from
// one application to the other (RFC 7433).
type UserData struct {
	Value  string // as written, quotes removed: by default hex digits
	Params Params
}

// NewUserData returns data in hex, the encoding that every peer knows.
func NewUserData(data []byte, purpose string) UserData {
	b := make([]byte, 0, 2*len(data))
	for _, c := range data {
		b = append(b, hexDigits[c>>4], hexDigits[c&15])
	}
	u := UserData{Value: string(b)}
	if purpose != "" {
		u.Params = u.Params.With("purpose", purpose)
	}
	u.Params = u.Params.With("encoding", "hex")
	return u
}

// Encoding returns the encoding of Value, in lower case; "hex" when it is not
// given (RFC 7433 §4.1).
func (u UserData) Encoding() string {
	if e, _ := u.Params.Get("encoding"); e != "" {
		return toLower(e)
	}
	return "hex"
}

// Purpose returns what the data is for, such as "isdn-uui"; "" when not given.
func (u UserData) Purpose() string {
	p, _ := u.Params.Get("purpose")
	return p
}

// Bytes decodes data in hex; ok is false for other encodings and for bad
// digits. Then Value is what there is.
func (u UserData) Bytes() (data []byte, ok bool) {
	if u.Encoding() != "hex" || len(u.Value)%2 != 0 {
		return nil, false
	}
	data = make([]byte, len(u.Value)/2)
	for i := range data {
		hi, lo := unhex(u.Value[2*i]), unhex(u.Value[2*i+1])
		if hi > 15 || lo > 15 {
			return nil, false
		}
		data[i] = hi<<4 | lo
	}
	return data, true
}

// String returns the value as it stands in the header.
func (u UserData) String() string { return string(appendItem(nil, Item(u), isTokenByte)) }

// NilSessionUUID stands in a [SessionUUIDs] for a side that is not known yet
// (RFC 7989 §4.2).
const NilSessionUUID = "00000000000000000000000000000000"

// SessionUUIDs is the value of a Session-ID header: one UUID of each end, which
// name a session end to end.
type SessionUUIDs struct {
	Local  string // of the sender: 32 hex digits
	Remote string // of the other end; "" when not given, as before RFC 7989
	Params Params // the other parameters
}

func parseSessionID(s string) (SessionUUIDs, error) {
	v, err := parseItem(s, isTokenByte)
	if err != nil {
		return SessionUUIDs{}, err
	}
	remote, has := v.Params.Get("remote")
	if !isUUID(v.Value) || has && !isUUID(remote) {
		return SessionUUIDs{}, errUUID
	}
	return SessionUUIDs{Local: v.Value, Remote: remote, Params: v.Params.Without("remote")}, nil
}

// isUUID takes capitals as well, which RFC 7989 §5 does not have.
func isUUID(s string) bool {
	return len(s) == len(NilSessionUUID) && isOnly(s, func(c byte) bool { return unhex(c) < 16 })
}

// String returns the value as it stands in the header.
func (v SessionUUIDs) String() string { return string(v.Append(nil)) }

// Append writes the value to b, in lower case. What is no UUID is written as
// [NilSessionUUID].
func (v SessionUUIDs) Append(b []byte) []byte {
	b = appendUUID(b, v.Local)
	if v.Remote != "" {
		b = appendUUID(append(b, ";remote="...), v.Remote)
	}
	return appendParams(b, v.Params)
}

func appendUUID(b []byte, s string) []byte {
	if !isUUID(s) {
		s = NilSessionUUID
	}
	return append(b, toLower(s)...)
}
