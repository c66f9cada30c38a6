package dum_test

import (
	"strings"
	"testing"

	"dum/internal/house"
)

// floors is the table of packages: who may import what. Imports point strictly
// downwards. The table is policy: to make a build pass, move the code, never
// the table. A row is chosen before the code of its package is written, by a
// decision record where it is not obvious.
func floors() []house.Floor {
	// What the floors 0 to 5 may take from outside, and the root package too.
	core := []string{
		"golang.org/x",
		"github.com/miekg/dns",
		"github.com/coder/websocket",
		"github.com/icholy/digest",
		"github.com/pion/stun/v3",
	}
	// What the applications and the command may take besides.
	apps := append([]string{
		"github.com/pion/sdp/v3",
		"github.com/pion/rtp",
		"github.com/pion/webrtc/v4",
		"github.com/prometheus/client_golang",
		"github.com/jackc/pgx/v5",
		"modernc.org/sqlite",
	}, core...)
	command := append([]string{"github.com/spf13/cobra", "github.com/spf13/pflag"}, apps...)
	// Machines are handed what they need: no I/O, no lock, no context, no chance.
	machine := []string{"net/...", "os/...", "sync/...", "context", "log/...", "math/rand/...", "crypto/rand", "syscall"}

	return []house.Floor{
		{Package: "cmd/dum", Level: 8, Foreign: command},
		{Package: "cmd/dum/internal/*", Level: 7.9, Foreign: command},
		{Package: "cmd/dum/internal/cli", Level: 7.8, Foreign: command},
		{Package: "cmd/dum/internal/cores", Level: 7.7},
		{Package: "cmd/dum/internal/latency", Level: 7.7},

		{Package: "registrar", Level: 7, Foreign: apps},
		{Package: "presence", Level: 7, Foreign: apps},
		{Package: "b2bua", Level: 7, Foreign: apps},
		{Package: "load", Level: 7, Foreign: apps},
		{Package: "media", Level: 7, Foreign: apps},

		{Package: "", Level: 6, Foreign: core},

		{Package: "invite", Level: 5, Foreign: core},
		{Package: "registration", Level: 5, Foreign: core},
		{Package: "subscription", Level: 5, Foreign: core},
		{Package: "publication", Level: 5, Foreign: core},
		{Package: "pager", Level: 5, Foreign: core},
		{Package: "request", Level: 5, Foreign: core},

		{Package: "dialog", Level: 4, Foreign: core},

		{Package: "stack", Level: 3, Foreign: core},

		{Package: "transport", Level: 2, Foreign: core},
		{Package: "resolve", Level: 2, Foreign: core},
		{Package: "auth", Level: 2, Foreign: core},
		{Package: "profile", Level: 2, Foreign: core},

		{Package: "trace", Level: 1, Foreign: core},
		{Package: "credential", Level: 1},
		{Package: "internal/mailbox", Level: 1},
		{Package: "internal/machine/*", Level: 1, Banned: machine},

		{Package: "sip", Level: 0, Banned: []string{"net", "net/http/...", "os/...", "syscall", "context", "log/..."}},

		// Kits: for tests, ours and in siptest's case the users' too.
		{Package: "siptest", Level: 7, Kit: true, Foreign: apps},
		{Package: "siptest/*", Level: 7, Kit: true, Foreign: apps},
		{Package: "internal/machine/machinetest", Level: 1, Kit: true},
		{Package: "internal/house", Level: 0, Kit: true},
		{Package: "internal/peer", Level: 0, Kit: true},

		// Outside the house: nobody may import these.
		{Package: "interop", Level: 9, Kit: true},
		{Package: "bench/*", Level: 9, Kit: true},
	}
}

// load parses the whole module once for a test.
func load(t *testing.T) *house.Module {
	t.Helper()
	m, err := house.Load(".")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestFloors(t *testing.T) {
	m := load(t)
	for _, bad := range house.CheckFloors(m.Path, floors(), m.Imports()) {
		t.Error(bad)
	}
}

// The table itself forbids what it is there to forbid: arrows that point up or
// sideways in the real graph, planted one at a time.
func TestFloorsForbid(t *testing.T) {
	m := load(t)
	for _, plant := range []struct{ from, to, want string }{
		{"dum/sip", "dum/stack", "imports point strictly downwards"},
		{"dum/internal/machine/txn", "dum/internal/mailbox", "imports point strictly downwards"},
		{"dum/transport", "dum/resolve", "imports point strictly downwards"},
		{"dum/dialog", "dum/invite", "imports point strictly downwards"},
		{"dum/invite", "dum/request", "imports point strictly downwards"},
		{"dum/invite", "dum", "imports point strictly downwards"},
		{"dum", "dum/siptest", "for tests only"},
		{"dum/stack", "dum/internal/house", "for tests only"},
		{"dum/cmd/dum", "dum/interop", "for tests only"},
		{"dum/internal/machine/txn", "context", "must do without it"},
		{"dum/internal/machine/txn", "net/netip", "must do without it"},
		{"dum/sip", "net", "must do without it"},
		{"dum/sip", "golang.org/x/net/http2", "not among those"},
		{"dum/dialog", "github.com/pion/sdp/v3", "not among those"},
		{"dum/stack", "github.com/spf13/cobra", "not among those"},
		{"dum/util", "fmt", "on no floor"},
	} {
		imports := m.Imports()
		imports[plant.from] = append(imports[plant.from], plant.to)
		found := false
		for _, bad := range house.CheckFloors(m.Path, floors(), imports) {
			if strings.HasPrefix(bad, plant.from+" ") && strings.Contains(bad, plant.want) {
				found = true
			}
		}
		if !found {
			t.Errorf("%s may import %s: the table does not hold", plant.from, plant.to)
		}
	}
}
