package flow

import (
	"fmt"
	"strconv"

	"dum/siptest"
)

// rule is a fault that the flow asks for: the next packets that match.
type rule struct {
	match func(*siptest.Packet) bool
	fault siptest.Fault
	times int
}

// network carries out a command to the network.
func (r *run) network(c command) error {
	verb := c.word(1)
	if verb == "release" || verb == "drop" {
		for _, h := range r.holds {
			if verb == "release" {
				h.Release()
			} else {
				h.Drop()
			}
		}
		r.holds = nil
		return c.only()
	}
	match, err := r.packets(c)
	if err != nil {
		return err
	}
	faults := map[string]siptest.Fault{"lose": siptest.Lose, "double": siptest.Double, "swap": siptest.Swap}
	fault, ok := faults[verb]
	switch {
	case ok:
		x := &rule{match: match, fault: fault, times: 1}
		if n := c.args["times"]; n != "" {
			if x.times, err = strconv.Atoi(n); err != nil {
				return err
			}
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.rules = append(r.rules, x)
		return c.only("times")
	case verb == "hold":
		r.holds = append(r.holds, r.net.Hold(match))
		return c.only()
	}
	return fmt.Errorf("the network cannot %q", verb)
}

// packets reads "A -> B WHAT" as a predicate.
func (r *run) packets(c command) (func(*siptest.Packet) bool, error) {
	from, err := r.who(c.word(2))
	if err != nil {
		return nil, err
	}
	to, err := r.who(c.word(4))
	if err != nil {
		return nil, err
	}
	if c.word(3) != "->" {
		return nil, fmt.Errorf("want A -> B WHAT, got %s", c.rest(2))
	}
	src, dst, what := from.address().Host, to.address().Host, c.rest(5)
	return func(p *siptest.Packet) bool {
		return p.From.Addr().String() == src && p.To.Addr().String() == dst && p.Is(what)
	}, nil
}

// decide is what happens to a datagram: what the flow asks for, else what the
// sweep does. It is called by the network, for one packet at a time.
func (r *run) decide(p *siptest.Packet) siptest.Fault {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, x := range r.rules {
		if x.times > 0 && x.match(p) {
			x.times--
			return x.fault
		}
	}
	if r.fault != nil {
		return r.fault(p)
	}
	return siptest.Deliver
}
