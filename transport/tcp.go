package transport

import (
	"bytes"
	"context"
	"net"
	"net/netip"
)

// TCP is the transport of RFC 3261 §18 over TCP connections. A connection is
// used both ways and for every destination with the same address, whoever
// opened it. Messages are framed by their Content-Length, leading empty lines
// are skipped, and a double CRLF is answered by a single one (RFC 5626 §5.4).
type TCP struct{ streams *streams }

// NewTCP returns a transport without sockets; [TCP.Listen] and [TCP.Flow] open
// them. Close it when done.
func NewTCP(opt TCPOptions) *TCP {
	return &TCP{newStreams(Network{Name: "TCP", Reliable: true, DefaultPort: 5060}, opt)}
}

// Network tells of TCP: reliable, not secure, port 5060.
func (t *TCP) Network() Network { return t.streams.network }

// Listen opens a listening socket and starts its accept loop; see [Transport].
func (t *TCP) Listen(ctx context.Context, addr netip.AddrPort, h Handler) (netip.AddrPort, error) {
	lc := new(net.ListenConfig)
	// Multipath TCP costs on each connection and brings nothing to signalling.
	lc.SetMultipathTCP(false)
	network, text := bindTo("tcp", addr)
	ln, err := lc.Listen(ctx, network, text)
	if err != nil {
		return netip.AddrPort{}, err
	}
	local := addrPort(ln.Addr())
	if err := t.streams.accept(ln, h, t.accepted); err != nil {
		return netip.AddrPort{}, err
	}
	return local, nil
}

// Flow returns the connection to a destination, or dials one behind the flow
// that it returns; see [Transport]. ServerName means nothing here: a plain
// connection proves no name.
func (t *TCP) Flow(to Destination, h Handler) (Flow, error) {
	return t.streams.flow(to, h, t.dialled)
}

// Close closes all listening sockets and connections and waits for their
// goroutines. Each connection's handler hears of the end.
func (t *TCP) Close() error {
	t.streams.close()
	return nil
}

func (t *TCP) accepted(c *conn, nc net.Conn) opener {
	return func(context.Context) (wire, error) { return t.wire(c, nc), nil }
}

func (t *TCP) dialled(c *conn, to Destination) opener {
	return func(ctx context.Context) (wire, error) {
		var d net.Dialer
		d.SetMultipathTCP(false)
		if to.Local.Addr().IsValid() {
			d.LocalAddr = net.TCPAddrFromAddrPort(to.Local)
		}
		nc, err := d.DialContext(ctx, "tcp", to.Remote.String())
		if err != nil {
			return nil, err
		}
		return t.wire(c, nc), nil
	}
}

func (t *TCP) wire(c *conn, nc net.Conn) wire {
	opt := &t.streams.opt
	return newStreamWire(nc, opt, newFramer(opt.Limits, t.streams.buffers, c.pong), true)
}

// pong answers n keep-alives, in one write so that a flood of them is cheap. When
// the peer does not read its pongs it does not get more of them.
func (c *conn) pong(n int) { _ = c.Send(bytes.Repeat([]byte("\r\n"), n)) }
