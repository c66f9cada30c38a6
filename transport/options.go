package transport

import (
	"time"

	"dum/sip"
	"dum/trace"
)

// UDPOptions are the settings of [NewUDP]. In every field zero is the default
// told beside it and a negative value switches the thing off.
type UDPOptions struct {
	// ReceiveBuffer is the size asked of the system for each socket's receive
	// buffer, in bytes: it holds what arrives while the reader is busy. Default
	// 4 MiB (the system may grant less); negative leaves the system's own.
	ReceiveBuffer int
	// SendBuffer is the same for what goes out. Default 1 MiB.
	SendBuffer int
	// QueueBytes bounds what one socket keeps back when the system would not
	// take a datagram at once. Default 4 MiB; negative: nothing is kept, Send
	// answers ErrQueueFull.
	QueueBytes int
	// Ephemeral is how many sockets Flow may open on ports of the system's
	// choice when no listening point fits a destination. Default 16; negative:
	// none, Flow answers ErrNoListener.
	Ephemeral int
	// Trace gets FlowOpened for each socket and FlowClosed for its end. Nil: off.
	Trace *trace.Tracer
}

// TCPOptions are the settings of [NewTCP]. In every field zero is the default
// told beside it and a negative value switches the thing off.
type TCPOptions struct {
	// Limits bound a message on the wire: its head and its whole size. Beyond
	// them the message is malformed (513). Zero fields: the defaults of sip.
	Limits sip.Limits
	// MaxConns bounds the connections of the transport, dialled and accepted
	// together. Default 20,000; negative: no bound. Beyond it Flow answers
	// ErrTooMany and an accepted connection is closed at once.
	MaxConns int
	// QueueBytes bounds what waits on one connection for a slow peer or for the
	// connection to come up. Default 1 MiB; negative: nothing waits. A message
	// that finds the queue full is refused whole with ErrQueueFull; the
	// connection stays, for WriteTimeout decides about a peer that is stuck.
	QueueBytes int
	// ConnectTimeout bounds the coming up of a connection. Default 10 s;
	// negative: the system's own patience.
	ConnectTimeout time.Duration
	// WriteTimeout closes a connection whose peer takes nothing for so long
	// while something waits for it. Default 30 s; negative: never.
	WriteTimeout time.Duration
	// MessageTimeout closes a connection on which a message has begun and not
	// come to its end for so long. Default 32 s (64*T1: the transaction is lost
	// by then); negative: never.
	MessageTimeout time.Duration
	// IdleTimeout closes a connection on which nothing at all arrived for so
	// long. Zero and negative: never, since a peer behind a NAT can be reached
	// over no other flow than the one it opened; the system's TCP keep-alive
	// finds the peers that are dead.
	IdleTimeout time.Duration
	// Trace gets FlowOpened and FlowClosed of listening points and connections,
	// and FlowClosed with ErrTooMany for one refused at the bound. Nil: off.
	Trace *trace.Tracer
}

// setting gives a field its meaning: zero is the default, negative is off (0).
func setting[T ~int | ~int64](v, def T) T {
	switch {
	case v == 0:
		return def
	case v < 0:
		return 0
	}
	return v
}
