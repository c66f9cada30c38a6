package stack

import (
	"time"

	"dum/internal/machine/txn"
	"dum/resolve"
	"dum/sip"
	"dum/trace"
	"dum/transport"
)

// A Config is what a [Stack] is made of. In every field zero means the
// documented default. It is read once, by [New].
type Config struct {
	// Transports carry the messages, one for each network; the stack closes
	// them. nil: UDP and TCP.
	Transports []transport.Transport
	// Resolver finds where requests go. nil: [resolve.Hosts], which knows
	// addresses and what the system knows of names.
	Resolver resolve.Resolver
	// Timers are the transaction timers.
	Timers Timers
	// Limits bound the messages that are taken.
	Limits sip.Limits
	// Advertise overrides what we call ourselves in Via and Contact, by network
	// ("UDP", "TCP", …): for hosts behind a NAT or a load balancer.
	Advertise map[string]Advertise
	// MaxStrands is how many strands may exist at once. Above it a request that
	// would need a new one is refused with 503 and a Retry-After, before
	// anything is allocated for it. Default 1,000,000; negative: no bound.
	MaxStrands int
	// MaxTombstones bounds how many finished transactions are remembered for
	// the sake of retransmissions; the oldest give way. Default 1,000,000;
	// negative: no bound.
	MaxTombstones int
	// Trace gets the events; nil is off.
	Trace *trace.Tracer
}

// Advertise is a name and port of ours as others should see it.
type Advertise struct {
	Host string // a name or an address, IPv6 with brackets; "": the real one
	Port uint16 // 0: the real one
}

// Timers are the transaction timers of RFC 3261 table 4; those that are not
// here follow from these. Zero in a field is the RFC's value.
type Timers struct {
	// T1 is the estimate of the round-trip time; default 500 ms. Timers A, E
	// and G begin with it; B, F, H, J, L and M are 64*T1.
	T1 time.Duration
	// T2 is the longest interval between retransmissions of non-INVITE requests
	// and INVITE responses; default 4 s.
	T2 time.Duration
	// T4 is how long a message may stay in the network: timers I and K; default
	// 5 s.
	T4 time.Duration
	// D is how long an unreliable client INVITE waits for repeated failures;
	// default 32 s.
	D time.Duration
	// Trying is how long the TU may take before the stack answers an INVITE with
	// 100 Trying; default 200 ms. Negative: it never does.
	Trying time.Duration
}

// B is 64*T1, the time that a request has to be answered.
func (t Timers) B() time.Duration {
	if t.T1 == 0 {
		t.T1 = 500 * time.Millisecond
	}
	return 64 * t.T1
}

func (t Timers) resolved() txn.Timers { return txn.Timers(t).Resolved() }

// limit gives a bound its meaning: zero is the default, negative none.
func limit(n, standard int) int64 {
	switch {
	case n == 0:
		return int64(standard)
	case n < 0:
		return int64(^uint64(0) >> 1)
	}
	return int64(n)
}
