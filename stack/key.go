package stack

import (
	"encoding/binary"
	"hash/maphash"
	"strings"

	"dum/sip"
)

// A Key names a dialog set: its Call-ID and our tag, which is the From tag of
// a set that we opened and the To tag of one that a peer opened.
type Key struct{ CallID, Tag string }

// Transaction keys begin with the kind of matching and are built in a buffer
// on the caller's stack, so that looking one up allocates nothing.
const (
	serverKind  = 'S' // RFC 3261 §17.2.3, first part
	ancientKind = '2' // RFC 3261 §17.2.3, second part: RFC 2543 peers
	clientKind  = 'C' // RFC 3261 §17.1.3

	keyRoom = 192 // fits all but absurd keys; those spill to the heap
)

// appendServerKey writes the key of the server transaction that a request
// belongs to, when that was created by method.
//
// RFC 3261 §17.2.3: "The request matches a transaction if: 1. the branch
// parameter in the request is equal to the one in the top Via header field of
// the request that created the transaction, and 2. the sent-by value in the top
// Via of the request is equal to the one in the request that created the
// transaction, and 3. the method of the request matches the one that created
// the transaction, except for ACK, where the method of the request that created
// the transaction is INVITE."
func appendServerKey(b []byte, m *sip.Message, via *sip.Hop, method sip.Method) []byte {
	branch := via.Branch()
	if !hasCookie(branch) {
		return appendAncientKey(b, m, via, method)
	}
	b = append(b, serverKind)
	b = append(b, branch...)
	b = append(b, 0)
	b = appendLower(b, via.Host)
	b = binary.BigEndian.AppendUint16(b, via.Port)
	return append(b, method...)
}

// hasCookie is [sip.Hop.HasCookie] of a branch that has been taken out already.
func hasCookie(branch string) bool {
	n := len(sip.BranchCookie)
	return len(branch) > n && strings.EqualFold(branch[:n], sip.BranchCookie)
}

// appendAncientKey is for peers that do not know the cookie.
//
// RFC 3261 §17.2.3: "The INVITE request matches a transaction if the
// Request-URI, To tag, From tag, Call-ID, CSeq, and top Via header field match
// those of the INVITE request which created the transaction." The To tag is
// left out: that of an ACK is ours, and two requests of one client that differ
// in it differ in the CSeq too. Whoever gets an ACK compares its tag.
func appendAncientKey(b []byte, m *sip.Message, via *sip.Hop, method sip.Method) []byte {
	b = append(b, ancientKind)
	b = append(b, m.RawURI()...)
	b = append(b, 0)
	b = append(b, m.FromTag()...)
	b = append(b, 0)
	b = append(b, m.CallID()...)
	b = append(b, 0)
	seq, _ := sip.CSeq.Get(m) // checked before
	b = binary.BigEndian.AppendUint32(b, seq.Number)
	b = append(b, method...)
	b = append(b, 0)
	return via.Append(b)
}

// appendClientKey writes the key of the client transaction that a response
// belongs to.
//
// RFC 3261 §17.1.3: a response matches by "the same value of the branch
// parameter in the top Via header field" and "if the method parameter in the
// CSeq header field matches the method of the request that created the
// transaction. The method is needed since a CANCEL request constitutes a
// different transaction, but shares the same value of the branch parameter."
func appendClientKey(b []byte, branch string, method sip.Method) []byte {
	b = append(b, clientKind)
	b = append(b, branch...)
	b = append(b, 0)
	return append(b, method...)
}

// appendLower writes an ASCII string in lower case: hosts are compared so.
func appendLower(b []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	return b
}

// mergeKey is a number that only copies of one request share that came by
// different ways (RFC 3261 §8.2.2.2): made of the From tag, the Call-ID and the
// CSeq. It is keyed with a seed of this stack, so nobody can aim at a
// collision, and among a million transactions a chance one is not to be
// expected in the lifetime of the hardware. It is never zero.
func (s *Stack) mergeKey(m *sip.Message) uint64 {
	seq, _ := sip.CSeq.Get(m)
	var h maphash.Hash
	h.SetSeed(s.seed)
	h.WriteString(m.FromTag())
	h.WriteByte(0)
	h.WriteString(m.CallID())
	h.WriteByte(0)
	var n [4]byte
	binary.BigEndian.PutUint32(n[:], seq.Number)
	h.Write(n[:])
	h.WriteString(string(seq.Method))
	return h.Sum64() | 1
}

// steadyTag is the To tag of an answer that is not remembered: every copy of
// the request gets the same one.
func (s *Stack) steadyTag(m *sip.Message) string {
	const digits = "0123456789abcdefghijklmnopqrstuv"
	v := s.mergeKey(m)
	via, _ := sip.Via.Get(m)
	v ^= maphash.String(s.seed, via.Branch())
	var b [13]byte
	for i := range b {
		b[i] = digits[v&31]
		v >>= 5
	}
	return string(b[:])
}
