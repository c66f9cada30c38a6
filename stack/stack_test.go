package stack

import (
	"errors"
	"testing"
	"time"

	"dum/resolve"
	"dum/transport"
)

func TestNew(t *testing.T) {
	if _, err := New(Config{}, nil); err == nil {
		t.Error("a stack without an acceptor")
	}
	n := &fakeNet{network: transport.Network{Name: "UDP"}}
	if _, err := New(Config{Transports: []transport.Transport{n, n}}, &user{}); err == nil {
		t.Error("two transports of one network")
	}
	s, err := New(Config{Timers: Timers{T1: time.Second}}, &user{})
	if err != nil {
		t.Fatal(err)
	}
	if s.Timers().B() != 64*time.Second || (Timers{}).B() != 32*time.Second {
		t.Error("timer B")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := s.Flow(resolve.Target{Network: "UDP", Addr: peerAddr}); !errors.Is(err, ErrClosed) {
		t.Errorf("a flow of a closed stack: %v", err)
	}
}

// Addresses need no resolver.
func TestResolve(t *testing.T) {
	s, err := New(Config{Resolver: resolve.Static{}}, &user{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got, err := s.Resolve(t.Context(), resolve.Query{Host: "192.0.2.9", Transport: "TCP"})
	if err != nil || len(got) != 1 || got[0].Network != "TCP" || got[0].Addr != peerAddr {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := s.Resolve(t.Context(), resolve.Query{Host: "nowhere.example"}); !errors.Is(err, resolve.ErrNotFound) {
		t.Errorf("nowhere: %v", err)
	}
}

func TestTasks(t *testing.T) {
	var k tasks
	k.close() // with nothing to wait for
	if k.enter() {
		t.Error("something began after the end")
	}
}
