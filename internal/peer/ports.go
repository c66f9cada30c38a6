package peer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"
)

// Loopback is the address that peers listen on.
func Loopback(port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port)
}

// FreePort returns a port that is free for UDP and TCP on the loopback address,
// and so is the next one: baresip takes that for TLS. It is below the range
// from which the kernel picks ports for others, and random, so that tests that
// run at the same time do not meet.
func FreePort() (uint16, error) {
	for range 200 {
		port := uint16(20000 + rand.IntN(12000))
		if free(port) && free(port+1) {
			return port, nil
		}
	}
	return 0, errors.New("peer: no free port")
}

func free(port uint16) bool {
	at := Loopback(port)
	u, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(at))
	if err != nil {
		return false
	}
	defer u.Close()
	l, err := net.ListenTCP("tcp4", net.TCPAddrFromAddrPort(at))
	if err != nil {
		return false
	}
	l.Close()
	return true
}

// WaitBound waits until some process has bound a port ("udp") or listens on it
// ("tcp"). It looks at the kernel's tables, so that the peer never sees a probe
// it would have to answer. It gives up early when p has ended; p may be nil.
func WaitBound(ctx context.Context, p *Process, network string, port uint16) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	var ended <-chan struct{}
	if p != nil {
		ended = p.Ended()
	}
	for !bound(network, port) {
		select {
		case <-tick.C:
		case <-ended:
			return fmt.Errorf("peer: ended before it listened on %s port %d\n%s", network, port, p.Transcript())
		case <-ctx.Done():
			return fmt.Errorf("peer: nobody listens on %s port %d: %w", network, port, context.Cause(ctx))
		}
	}
	return nil
}

// bound reads /proc/net/udp and its like: the local address is the second
// field, "0100007F:1F90", the state the fourth, 0A for a listening TCP socket.
func bound(network string, port uint16) bool {
	for _, family := range []string{"", "6"} {
		table, err := os.ReadFile("/proc/net/" + network + family)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(table)) {
			field := strings.Fields(line)
			if len(field) < 4 || network == "tcp" && field[3] != "0A" {
				continue
			}
			_, hex, _ := strings.Cut(field[1], ":")
			if n, err := strconv.ParseUint(hex, 16, 16); err == nil && uint16(n) == port {
				return true
			}
		}
	}
	return false
}
