package media

import "github.com/pion/sdp/v3"

// A Direction tells who sends media, seen from the side whose description it
// stands in (RFC 3264 §5.1). The zero value is Sendrecv, the default of SDP.
type Direction uint8

// The four directions.
const (
	Sendrecv Direction = iota // both sides send
	Sendonly                  // we send, the peer only listens: the peer is on hold
	Recvonly                  // the peer sends, we only listen: we are on hold
	Inactive                  // nobody sends
)

// String is the attribute's name in SDP.
func (d Direction) String() string {
	switch d {
	case Sendrecv:
		return sdp.AttrKeySendRecv
	case Sendonly:
		return sdp.AttrKeySendOnly
	case Recvonly:
		return sdp.AttrKeyRecvOnly
	case Inactive:
		return sdp.AttrKeyInactive
	}
	return "direction(?)"
}

// Reverse is the same stream seen from the other side: what a willing peer
// answers.
//
// RFC 3264 §6.1: "If a stream is offered as sendonly, the corresponding stream
// MUST be marked as recvonly or inactive in the answer.  If a media stream is
// listed as recvonly in the offer, the answer MUST be marked as sendonly or
// inactive in the answer." … "If an offered media stream is listed as
// inactive, it MUST be marked as inactive in the answer."
func (d Direction) Reverse() Direction {
	switch d {
	case Sendonly:
		return Recvonly
	case Recvonly:
		return Sendonly
	case Sendrecv, Inactive:
	}
	return d
}

// directionOf finds the last direction among the attributes; ok is false when
// there is none.
func directionOf(attributes []sdp.Attribute) (d Direction, ok bool) {
	for _, a := range attributes {
		for _, v := range [...]Direction{Sendrecv, Sendonly, Recvonly, Inactive} {
			if a.Key == v.String() {
				d, ok = v, true
			}
		}
	}
	return d, ok
}
