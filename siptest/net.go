package siptest

import (
	"cmp"
	"container/heap"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"dum/resolve"
)

// A Net is a network in memory. The zero Net is ready; set its fields before
// the first packet and do not copy it. Its methods may be called from any
// goroutine.
//
// It is deterministic as far as its users are: all packets take the same time,
// and those that left at the same moment arrive in the order of their senders'
// addresses, then of their receivers', and between the same two in the order of
// sending. One packet is delivered at a time, on a goroutine that exists only
// while there is something to deliver.
type Net struct {
	// Latency is how long a packet takes. Zero is a millisecond.
	Latency time.Duration
	// ICMP makes a datagram to a port where nobody listens come back as an error,
	// as within one machine. Without it, it vanishes, as behind most firewalls.
	ICMP bool
	// SwapWait is how long a datagram that shall be overtaken waits for the one
	// to overtake it, before it is delivered all the same. Zero is a second.
	SwapWait time.Duration

	mu      sync.Mutex
	idle    sync.Cond // signalled after each delivery
	hosts   []*Host
	queue   events
	seq     uint64
	running bool
	busy    any // the transport that an event is being delivered to
	timer   *time.Timer

	datagrams int
	faults    func(*Packet) Fault
	watchers  []func(Packet, Fate)
	holds     []*Hold
	swaps     []*swap
}

// Host adds a machine with an address to the network, or returns the one that
// has the address.
func (n *Net) Host(name, ip string) *Host {
	addr := netip.MustParseAddr(ip)
	n.mu.Lock()
	defer n.mu.Unlock()
	if h := n.host(addr); h != nil {
		return h
	}
	h := &Host{net: n, name: name, addr: addr, nextPort: firstEphemeral}
	n.hosts = append(n.hosts, h)
	return h
}

func (n *Net) host(addr netip.Addr) *Host {
	for _, h := range n.hosts {
		if h.addr == addr {
			return h
		}
	}
	return nil
}

// Resolver finds the hosts added so far by their names.
func (n *Net) Resolver() resolve.Resolver {
	n.mu.Lock()
	defer n.mu.Unlock()
	names := make(resolve.Static)
	for _, h := range n.hosts {
		names[h.name] = append(names[h.name], h.addr)
	}
	return names
}

// Datagrams counts the datagrams that have crossed the network or were lost on
// it, but not those still on the way.
func (n *Net) Datagrams() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.datagrams
}

func (n *Net) latency() time.Duration { return cmp.Or(n.Latency, time.Millisecond) }

// event is something that happens at one end of the network at a time.
type event struct {
	at       time.Time
	from, to netip.AddrPort
	seq      uint64
	do       func() // called without n.mu
}

// schedule queues an event; n.mu is held.
func (n *Net) schedule(after time.Duration, from, to netip.AddrPort, do func()) {
	n.seq++
	heap.Push(&n.queue, event{time.Now().Add(after), from, to, n.seq, do})
	n.arm()
}

// arm sets the timer to the next event; n.mu is held.
func (n *Net) arm() {
	if n.running || len(n.queue) == 0 {
		return
	}
	wait := time.Until(n.queue[0].at)
	if n.timer == nil {
		n.timer = time.AfterFunc(wait, n.run)
		return
	}
	n.timer.Reset(wait)
}

// run delivers what is due. Should two of it meet, the second leaves.
func (n *Net) run() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.running {
		return
	}
	n.running = true
	for len(n.queue) > 0 && !n.queue[0].at.After(time.Now()) {
		ev := heap.Pop(&n.queue).(event)
		n.mu.Unlock()
		ev.do()
		n.mu.Lock()
	}
	n.running = false
	n.arm()
}

// enter marks a transport as being called, so that its Close can wait; false
// when it is closed. n.mu is held by neither.
func (n *Net) enter(t any, closed *bool) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if *closed {
		return false
	}
	n.busy = t
	return true
}

func (n *Net) leave() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.busy = nil
	if n.idle.L != nil {
		n.idle.Broadcast()
	}
}

// quiet waits until nothing is being delivered to t; n.mu is held.
func (n *Net) quiet(t any) {
	if n.idle.L == nil {
		n.idle.L = &n.mu
	}
	for n.busy == t {
		n.idle.Wait()
	}
}

// events is a heap by time, sender, receiver and order of sending.
type events []event

func (q events) Len() int { return len(q) }
func (q events) Less(i, j int) bool {
	a, b := &q[i], &q[j]
	return cmp.Or(a.at.Compare(b.at), a.from.Compare(b.from), a.to.Compare(b.to), cmp.Compare(a.seq, b.seq)) < 0
}
func (q events) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *events) Push(x any)   { *q = append(*q, x.(event)) }
func (q *events) Pop() any {
	old := *q
	last := old[len(old)-1]
	old[len(old)-1] = event{}
	*q = old[:len(old)-1]
	return last
}

// A Host is a machine on a [Net]: one address with all its ports.
type Host struct {
	net      *Net
	name     string
	addr     netip.Addr
	nextPort uint16
	sockets  []*socket
	ports    []*listener
	streams  []*tcp
}

// firstEphemeral is the first port that is given away unasked (RFC 6335 §6).
const firstEphemeral = 49152

// Name returns the name of the host, under which [Net.Resolver] finds it.
func (h *Host) Name() string { return h.name }

// Addr returns the host's address.
func (h *Host) Addr() netip.Addr { return h.addr }

// String shows name and address.
func (h *Host) String() string { return fmt.Sprintf("%s (%v)", h.name, h.addr) }

// port picks a port that is neither a socket's nor a listener's; n.mu is held.
func (h *Host) port() uint16 {
	for {
		p := h.nextPort
		if h.nextPort++; h.nextPort == 0 {
			h.nextPort = firstEphemeral
		}
		if h.socket(p) == nil && h.listener(p) == nil {
			return p
		}
	}
}

// bind tells which address a listening point at addr gets; n.mu is held.
func (h *Host) bind(addr netip.AddrPort) (netip.AddrPort, error) {
	ip := addr.Addr()
	if ip.IsValid() && !ip.IsUnspecified() && ip.Unmap() != h.addr {
		return netip.AddrPort{}, fmt.Errorf("siptest: %v is no address of %v", ip, h)
	}
	port := addr.Port()
	if port == 0 {
		port = h.port()
	}
	return netip.AddrPortFrom(h.addr, port), nil
}
