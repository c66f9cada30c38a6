package house

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// small is a house of three floors and a kit, enough for every kind of arrow.
var small = []Floor{
	{Package: "sip", Level: 0, Banned: []string{"net", "os/..."}},
	{Package: "internal/machine/*", Level: 1, Banned: []string{"net", "sync", "context"}},
	{Package: "internal/mailbox", Level: 1},
	{Package: "stack/internal/*", Level: 3},
	{Package: "stack", Level: 3, Foreign: []string{"golang.org/x"}},
	{Package: "", Level: 6},
	{Package: "siptest", Level: 7, Kit: true},
	{Package: "siptest/*", Level: 7, Kit: true},
}

func TestCheckFloors(t *testing.T) {
	for _, c := range []struct {
		name    string
		imports Imports
		want    string // part of the one finding; "" for none
	}{
		{"down", Imports{"dum/stack": {"dum/sip", "net", "golang.org/x/sys/unix"}}, ""},
		{"up", Imports{"dum/sip": {"dum/stack"}}, "floor 3, and imports point strictly downwards; move the code, never the table"},
		{"up to the root", Imports{"dum/stack": {"dum"}}, "floor 6"},
		{"sideways", Imports{"dum/internal/mailbox": {"dum/internal/machine/txn"}}, "floor 1"},
		{"foreign library", Imports{"dum/stack": {"github.com/x/y"}}, "not among those"},
		{"a prefix is not a directory", Imports{"dum/stack": {"golang.org/xyz/a"}}, "not among those"},
		{"banned", Imports{"dum/internal/machine/txn": {"context"}}, "must do without it"},
		{"banned with all below", Imports{"dum/sip": {"os/exec"}}, "must do without it"},
		{"banned alone", Imports{"dum/sip": {"net/netip"}}, ""},
		{"unknown package", Imports{"dum/util": nil}, "dum/util is on no floor"},
		{"import of an unknown package", Imports{"dum/stack": {"dum/util"}}, "it is on no floor"},
		{"pattern is one level deep", Imports{"dum/internal/machine/txn/deep": nil}, "on no floor"},
		{"a part of its own", Imports{"dum/stack": {"dum/stack/internal/queue"}, "dum/stack/internal/queue": {"dum/sip"}}, ""},
		{"a part of another", Imports{"dum": {"dum/stack"}, "dum/internal/mailbox": {"dum/stack/internal/queue"}}, "floor 3"},
		{"a part looks up", Imports{"dum/stack/internal/queue": {"dum/stack"}}, "floor 3"},
		{"a kit in code", Imports{"dum": {"dum/siptest"}}, "for tests only"},
		{"a kit in a kit", Imports{"dum/siptest": {"dum/siptest/flow", "dum", "dum/stack"}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := strings.Join(CheckFloors("dum", small, c.imports), "\n")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if strings.Contains(got, "\n") {
				t.Errorf("more than one finding:\n%s", got)
			}
		})
	}
}

// plant writes a module of the given files and loads it.
func plant(t *testing.T, files map[string]string) *Module {
	t.Helper()
	root := t.TempDir()
	files["go.mod"] = "module dum\n"
	for name, text := range files {
		name = filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	m, err := Load(root)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// An upward import on disk, behind a build constraint and beside a test file
// that may do the same, is found by the scan and the check together.
func TestPlantedUpwardImport(t *testing.T) {
	m := plant(t, map[string]string{
		"sip/sip.go":       "package sip\n",
		"sip/sip_plan9.go": "//go:build plan9\n\npackage sip\n\nimport _ \"dum/stack\"\n",
		"sip/sip_test.go":  "package sip_test\n\nimport _ \"dum/siptest\"\n",
		"stack/stack.go":   "package stack\n\nimport _ \"dum/sip\"\n",
		"siptest/s.go":     "package siptest\n\nimport _ \"dum/stack\"\n",
		"testdata/x/x.go":  "package x\n\nimport _ \"dum/nowhere\"\n",
		"_old/x.go":        "package x\n",
	})
	got := CheckFloors("dum", small, m.Imports())
	if len(got) != 1 || !strings.HasPrefix(got[0], "dum/sip (floor 0) imports dum/stack: ") {
		t.Errorf("got %q, want the one planted arrow", got)
	}
}
