package siptest

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"dum/sip"
)

// A Packet is one message on its way over a [Net].
type Packet struct {
	// N numbers the datagrams of the Net from 1, in the order in which they
	// left. Messages on streams have no number: 0.
	N int
	// Network is "UDP" or "TCP".
	Network string
	// From and To are the two ends, Src and Dst the hosts they are on; Dst is nil
	// when nobody has the address.
	From, To netip.AddrPort
	Src, Dst *Host
	// Sent is when the packet left.
	Sent time.Time
	// Data is the message as it is on the wire.
	Data string
}

// Message parses the packet; nil when it is no SIP message.
func (p *Packet) Message() *sip.Message {
	m, err := sip.Parse(p.Data, sip.Limits{})
	if err != nil {
		return nil
	}
	return m
}

// Is tells whether the packet is a request of the method, "INVITE", or a
// response with the status, "200", to a method, "200 INVITE", or of a class,
// "2xx". "" and "*" are any packet.
func (p *Packet) Is(what string) bool {
	m := p.Message()
	return what == "" || what == "*" || m != nil && Match(m, what)
}

// Match tells whether a message is what [Packet.Is] describes.
func Match(m *sip.Message, what string) bool {
	status, method, _ := strings.Cut(what, " ")
	if m.IsRequest() {
		return method == "" && string(m.Method()) == status
	}
	if method != "" && string(m.Method()) != method {
		return false
	}
	code := strconv.Itoa(m.Code())
	if class, ok := strings.CutSuffix(status, "xx"); ok {
		return code[:1] == class
	}
	return code == status
}

// String shows the ends and the start line.
func (p *Packet) String() string {
	line, _, _ := strings.Cut(p.Data, "\r\n")
	return fmt.Sprintf("%s %v -> %v %s", p.Network, p.From, p.To, line)
}

// A Fault is what a [Net] does to a datagram.
type Fault int

const (
	// Deliver brings it to its destination.
	Deliver Fault = iota
	// Lose makes it vanish.
	Lose
	// Double delivers it twice in a row.
	Double
	// Swap delivers it behind the next datagram that goes the same way, or after
	// [Net.SwapWait].
	Swap
)

func (f Fault) String() string {
	switch f {
	case Deliver:
		return "delivered"
	case Lose:
		return "lost"
	case Double:
		return "doubled"
	case Swap:
		return "swapped"
	}
	return "Fault(" + strconv.Itoa(int(f)) + ")"
}

// Faults asks f about every datagram, in the order in which they left; nil
// delivers all. f must not call the Net. Streams have no faults.
func (n *Net) Faults(f func(*Packet) Fault) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.faults = f
}

// FaultAt makes one fault: it happens to the datagram with the number nth.
func FaultAt(nth int, fault Fault) func(*Packet) Fault {
	return func(p *Packet) Fault {
		if p.N == nth {
			return fault
		}
		return Deliver
	}
}

// A Fate is what a [Net] did to a packet, as it is told to a watcher.
type Fate int

const (
	// Arrived packets reached their destination, or a closed port there.
	Arrived Fate = iota
	// Lost packets never arrive.
	Lost
	// Doubled packets arrived twice.
	Doubled
	// Delayed packets wait to be overtaken.
	Delayed
	// Held packets wait in a [Hold].
	Held
	// Late packets arrived after they were held or overtaken.
	Late
)

func (f Fate) String() string {
	switch f {
	case Arrived:
		return "arrived"
	case Lost:
		return "lost"
	case Doubled:
		return "doubled"
	case Delayed:
		return "delayed"
	case Held:
		return "held"
	case Late:
		return "late"
	}
	return "Fate(" + strconv.Itoa(int(f)) + ")"
}

// Watch tells f of every packet when its fate is decided, before it arrives.
// One that is held or delayed is told of again when it comes free. f must not
// call the Net.
func (n *Net) Watch(f func(Packet, Fate)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.watchers = append(n.watchers, f)
}

func (n *Net) tell(p *Packet, fate Fate) {
	for _, f := range n.watchers {
		f(*p, fate)
	}
}

// A Hold keeps back the packets that match it.
type Hold struct {
	net   *Net
	match func(*Packet) bool
	kept  []parcel
}

// parcel is a packet and the way to deliver it.
type parcel struct {
	pkt     *Packet
	deliver func()
}

// Hold keeps back every packet that match says yes to, until [Hold.Release] or
// [Hold.Drop]. On a stream, all that follows a packet that is kept waits too.
// match must not call the Net.
func (n *Net) Hold(match func(*Packet) bool) *Hold {
	n.mu.Lock()
	defer n.mu.Unlock()
	h := &Hold{net: n, match: match}
	n.holds = append(n.holds, h)
	return h
}

// Release delivers what was kept, in the order in which it left, and ends the
// hold.
func (h *Hold) Release() { h.end(Late) }

// Drop loses what was kept, and ends the hold. Dropping part of a stream leaves
// a hole in it.
func (h *Hold) Drop() { h.end(Lost) }

// Kept counts the packets that wait.
func (h *Hold) Kept() int {
	h.net.mu.Lock()
	defer h.net.mu.Unlock()
	return len(h.kept)
}

func (h *Hold) end(fate Fate) {
	n := h.net
	n.mu.Lock()
	defer n.mu.Unlock()
	n.holds = slices.DeleteFunc(n.holds, func(o *Hold) bool { return o == h })
	for _, p := range h.kept {
		n.tell(p.pkt, fate)
		if fate == Late {
			n.schedule(0, p.pkt.From, p.pkt.To, p.deliver)
		}
	}
	h.kept = nil
}

// holdFor finds the hold that keeps a packet; n.mu is held.
func (n *Net) holdFor(p *Packet) *Hold {
	for _, h := range n.holds {
		behind := func(k parcel) bool {
			return p.Network != "UDP" && k.pkt.From == p.From && k.pkt.To == p.To && k.pkt.Network == p.Network
		}
		if h.match(p) || slices.ContainsFunc(h.kept, behind) {
			return h
		}
	}
	return nil
}

// swap is a datagram that waits to be overtaken.
type swap struct{ parcel }

// arrive decides what becomes of a packet whose time has come, and delivers it.
func (n *Net) arrive(p parcel) {
	for _, deliver := range n.decide(p) {
		deliver()
	}
}

// decide takes n.mu and returns what to deliver now, in order.
func (n *Net) decide(p parcel) []func() {
	n.mu.Lock()
	defer n.mu.Unlock()
	datagram := p.pkt.Network == "UDP"
	if datagram {
		n.datagrams++
		p.pkt.N = n.datagrams
	}
	if h := n.holdFor(p.pkt); h != nil {
		h.kept = append(h.kept, p)
		n.tell(p.pkt, Held)
		return nil
	}
	fault := Deliver
	if datagram && n.faults != nil {
		fault = n.faults(p.pkt)
	}
	switch fault {
	case Lose:
		n.tell(p.pkt, Lost)
		return nil
	case Swap:
		n.tell(p.pkt, Delayed)
		s := &swap{p}
		n.swaps = append(n.swaps, s)
		n.schedule(cmp.Or(n.SwapWait, time.Second), p.pkt.From, p.pkt.To, func() { n.overdue(s) })
		return nil
	case Double:
		n.tell(p.pkt, Doubled)
		return append([]func(){p.deliver, p.deliver}, n.overtaken(p.pkt)...)
	case Deliver:
	}
	n.tell(p.pkt, Arrived)
	return append([]func(){p.deliver}, n.overtaken(p.pkt)...)
}

// overtaken takes out what waited for a packet like this; n.mu is held.
func (n *Net) overtaken(p *Packet) (free []func()) {
	if p.Network != "UDP" {
		return nil
	}
	n.swaps = slices.DeleteFunc(n.swaps, func(s *swap) bool {
		same := s.pkt.From == p.From && s.pkt.To == p.To
		if same {
			n.tell(s.pkt, Late)
			free = append(free, s.deliver)
		}
		return same
	})
	return free
}

// overdue delivers what nobody has overtaken in time.
func (n *Net) overdue(s *swap) {
	n.mu.Lock()
	i := slices.Index(n.swaps, s)
	if i >= 0 {
		n.swaps = slices.Delete(n.swaps, i, i+1)
		n.tell(s.pkt, Late)
	}
	n.mu.Unlock()
	if i >= 0 {
		s.deliver()
	}
}
