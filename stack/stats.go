package stack

import "sync/atomic"

// Stats are counts of a stack. The first four are of what exists now, the
// others of what has happened since it was made.
type Stats struct {
	Strands    int64 // strands that have not ended, or still have a transaction
	ClientTx   int64 // our requests without a final response, and accepted INVITEs for 64*T1
	ServerTx   int64 // requests of peers without a final response, and refused INVITEs until their ACK
	Tombstones int64 // finished transactions remembered for retransmissions

	Received int64 // messages that arrived
	Sent     int64 // messages handed to a flow
	Unsent   int64 // messages that a flow did not take
	Repeated int64 // of those received: copies of what had been received before
	Resent   int64 // of those sent: retransmissions
	Dropped  int64 // input that nobody got: junk, stray responses, full mailboxes
	Refused  int64 // requests refused for overload
	Panics   int64 // panics caught in turns
}

// stats are the counters behind Stats.
type stats struct {
	clientTx, serverTx               atomic.Int64
	received, sent, unsent, repeated atomic.Int64
	resent, dropped, refused, panics atomic.Int64
}

// Stats returns the counts. They are read one after the other.
func (s *Stack) Stats() Stats {
	c := &s.stats
	return Stats{
		Strands:    s.roll.n.Load(),
		ClientTx:   c.clientTx.Load(),
		ServerTx:   c.serverTx.Load(),
		Tombstones: s.sexton.n.Load(),
		Received:   c.received.Load(),
		Sent:       c.sent.Load(),
		Unsent:     c.unsent.Load(),
		Repeated:   c.repeated.Load(),
		Resent:     c.resent.Load(),
		Dropped:    c.dropped.Load(),
		Refused:    c.refused.Load(),
		Panics:     c.panics.Load(),
	}
}
