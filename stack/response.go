package stack

import (
	"strings"

	"dum/sip"
)

// response finds the client transaction of a response. What belongs to none is
// dropped: RFC 6026 §8.9 forbids to do anything else with it.
func (s *Stack) response(in Inbound) {
	via, _ := sip.Via.Get(in.Msg) // checked
	var room [keyRoom]byte
	key := appendClientKey(room[:0], via.Branch(), in.Msg.Method())
	f := s.txs.find(key)
	if f.state == nothing {
		s.dropMessage(in, "response to nothing")
		return
	}
	// RFC 3261 §8.1.3.3: "If more than one Via header field value is present in a
	// response, the UAC SHOULD discard the message."
	n := 0
	for range sip.Via.All(in.Msg) {
		n++
	}
	if n > 1 {
		s.dropMessage(in, "response with more than one Via")
		return
	}
	if f.state == buried {
		s.stats.repeated.Add(1)
		if len(f.grave.again) > 0 && in.Msg.Code() >= 300 {
			_ = s.again(f.grave.again, f.flow)
		}
		return
	}
	// RFC 3261 §18.1.2: "If the value of the "sent-by" parameter in that header
	// field value does not correspond to a value that the client transport is
	// configured to insert into requests, the response MUST be silently discarded."
	tx := f.client
	if !tx.sentBy.is(via.Host, via.Port) && !s.knows(via.Host) {
		s.dropMessage(in, "response for another host")
		return
	}
	s.bring(event{kind: evResponse, in: &in, client: tx}, tx.strand)
}

func (h hostPort) is(host string, port uint16) bool {
	return h.port == port && strings.EqualFold(h.host, host)
}
