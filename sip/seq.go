package sip

// Seq is the value of a CSeq header (RFC 3261 §20.16).
type Seq struct {
	Number uint32
	Method Method
}

// ParseSeq reads "4711 INVITE". RFC 3261 §8.1.1.5: "The sequence number value
// MUST be expressible as a 32-bit unsigned integer and MUST be less than
// 2**31." A peer's number of 2**31 or more that fits 32 bits is taken all the
// same: nothing breaks, and the peer may be fond of it.
func ParseSeq(s string) (Seq, error) {
	s = trimLWS(s)
	i := 0
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	n, err := parseUint32(s[:i])
	if err != nil {
		return Seq{}, err
	}
	if i == len(s) || !isLWS(s[i]) {
		return Seq{}, errToken
	}
	m := trimLWS(s[i:])
	if !isToken(m) {
		return Seq{}, errToken
	}
	return Seq{Number: n, Method: internMethod(m)}, nil
}

// String returns the value as it stands in a CSeq header.
func (s Seq) String() string { return string(s.Append(make([]byte, 0, 24))) }

// Append writes the value to b.
func (s Seq) Append(b []byte) []byte {
	b = appendUint(b, uint64(s.Number))
	b = append(b, ' ')
	return appendToken(b, string(s.Method))
}
