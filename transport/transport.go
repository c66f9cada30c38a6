// Package transport carries SIP messages: it opens sockets, frames streams
// and hands whole messages up, in the order of their arrival.
//
// [Transport] and [Flow] are the interface to add a transport of any kind;
// the ones of this package use nothing else. [NewUDP] and [NewTCP] make them.
//
// Goroutines are countable: one reader per listening socket, one accept loop
// per listening point, one reader per connection (which dials first when we
// connect), and a writer only while something waits that the kernel would not
// take. None is started per message. Close waits for all of them, and is the
// one thing that must not be called from within a Handler.
package transport

import (
	"context"
	"errors"
	"net/netip"
)

// A Network is what the rest of the stack must know of a kind of transport.
type Network struct {
	Name        string // the Via token in upper case: "UDP", "TCP", "TLS", "WS", "WSS"
	Reliable    bool   // no retransmissions needed (RFC 3261 §17)
	Secure      bool   // fit for a sips URI
	DefaultPort uint16 // 5060 or 5061
}

// A Flow is the way to one peer: a connection, or a datagram socket together
// with a remote address. Flows are comparable with ==; equal flows are the
// same way. All methods may be called from any goroutine and never block.
//
// The flow of a connection also has a method Close() error, which gives the
// connection up; what has not gone out is lost, and Handler.Closed follows.
type Flow interface {
	Network() Network
	// Local is the address of our end; its IP may be unspecified for a socket
	// that is bound to every address. A connection that is still coming up shows
	// the address that the system would choose now, and port 0.
	Local() netip.AddrPort
	// Remote is the address of the peer. IPv4 addresses are plain, never mapped
	// into IPv6.
	Remote() netip.AddrPort
	// Send sends one whole message. It never blocks and does not keep b: a
	// datagram goes out at once or is queued within bounds, a stream keeps the
	// order of its sends. ErrQueueFull and ErrClosed tell that it was not taken.
	Send(b []byte) error
	// String shows network and addresses, for people.
	String() string
}

// A Handler is told what arrives. Calls for one flow come one at a time, in
// the order of arrival; different flows of a stream transport call at once.
type Handler interface {
	// Receive gets one whole message. data is borrowed: it is valid only until
	// Receive returns.
	Receive(f Flow, data []byte)
	// Malformed gets the start of a stream message that cannot be framed (no or
	// bad Content-Length, beyond a limit); code is the status it deserves (400
	// or 513). The flow closes after what the handler sent has gone out.
	Malformed(f Flow, data []byte, code int)
	// Closed tells that a connection went away, or never came up. It comes once
	// for each connection and is the last call for it, also when the transport
	// itself is closed. err is nil when our side closed it and io.EOF when the
	// peer did. Datagram flows are never closed: after the transport's Close
	// their Send answers ErrClosed.
	Closed(f Flow, err error)
	// Unreachable tells that a datagram to f's remote was refused by the
	// network (ICMP), where the platform says so.
	Unreachable(f Flow, err error)
}

// A Destination is where to send.
type Destination struct {
	Remote netip.AddrPort
	// Local, when valid, picks the local address to send from. Port 0 leaves
	// the port open; connections heed only the address.
	Local netip.AddrPort
	// ServerName is the name that was asked for, the identity a secure
	// transport has to prove; connections are shared only within it.
	ServerName string
}

// A Transport opens listening points and flows of one kind of network. It is
// given to one stack, which closes it. All methods are safe for concurrent use.
type Transport interface {
	Network() Network
	// Listen opens a listening point and returns its real address (port 0 picks
	// one). Every message of it and of the flows that it accepts goes to h. ctx
	// bounds only the opening. An address without an IP (the zero netip.Addr)
	// listens on every address of both families where the platform can;
	// 0.0.0.0 is IPv4 alone and [::] is IPv6 alone.
	Listen(ctx context.Context, addr netip.AddrPort, h Handler) (netip.AddrPort, error)
	// Flow returns the way to a destination: a flow that is open already, or a
	// new one. It never blocks: a connection comes up behind it, what is sent
	// meanwhile waits, and failure arrives at h.Closed. A flow that was open
	// already keeps the handler that it has.
	Flow(to Destination, h Handler) (Flow, error)
	// Close closes every listening point and flow and returns when no goroutine
	// of the transport is left. It may be called more than once and at once, but
	// not from within a Handler.
	Close() error
}

// Errors of flows and transports.
var (
	ErrClosed     = errors.New("transport: closed")
	ErrQueueFull  = errors.New("transport: write queue full")
	ErrTooMany    = errors.New("transport: too many connections")
	ErrNoListener = errors.New("transport: no listening point fits the destination")
)
