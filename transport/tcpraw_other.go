//go:build !unix

package transport

import "net"

// rawWriter: where descriptors cannot be written to without waiting, all goes
// by way of the queue.
type rawWriter struct{}

func (*rawWriter) init(net.Conn) {}

func (*rawWriter) try([]byte) (int, error) { return 0, nil }
