package resolve_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dum/resolve"
)

func show(targets []resolve.Target) string {
	var s []string
	for _, t := range targets {
		s = append(s, fmt.Sprintf("%s %s %s", t.Network, t.Addr, t.ServerName))
	}
	return strings.Join(s, ", ")
}

func TestHosts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hosts")
	write := func(text string, at time.Time) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	write("# comment\n10.0.0.1\tpbx.example PBX # the old one\r\n\nnonsense here\n2001:db8::1 pbx.example\n::ffff:10.0.0.3 mapped\n",
		time.Unix(1000, 0))
	h := &resolve.Hosts{Path: path}
	for uri, want := range map[string]string{
		"sip:pbx.example":               "UDP 10.0.0.1:5060 pbx.example, UDP [2001:db8::1]:5060 pbx.example",
		"sip:a@PBX.Example.":            "UDP 10.0.0.1:5060 PBX.Example., UDP [2001:db8::1]:5060 PBX.Example.",
		"sips:pbx":                      "TLS 10.0.0.1:5061 pbx",
		"sip:pbx:5080;transport=tcp":    "TCP 10.0.0.1:5080 pbx",
		"sip:mapped":                    "UDP 10.0.0.3:5060 mapped",
		"sip:localhost":                 "UDP 127.0.0.1:5060 localhost, UDP [::1]:5060 localhost",
		"sip:x.localhost;transport=tcp": "TCP 127.0.0.1:5060 x.localhost, TCP [::1]:5060 x.localhost",
		"sip:192.0.2.4":                 "UDP 192.0.2.4:5060 ",
	} {
		targets, err := h.Resolve(t.Context(), query(t, uri))
		if got := show(targets); err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", uri, got, err, want)
		}
	}
	_, err := h.Resolve(t.Context(), query(t, "sip:nobody.example"))
	if !errors.Is(err, resolve.ErrNotFound) || !strings.Contains(err.Error(), "nobody.example") {
		t.Errorf("unknown name: %v", err)
	}
	for _, uri := range []string{"sips:pbx;transport=udp", "sips:10.0.0.1;transport=udp"} {
		if _, err := h.Resolve(t.Context(), query(t, uri)); !errors.Is(err, resolve.ErrTransport) {
			t.Errorf("%s: %v, want ErrTransport", uri, err)
		}
	}
	if _, err := h.Resolve(t.Context(), query(t, "tel:+49123")); !errors.Is(err, resolve.ErrNotFound) {
		t.Errorf("tel: %v", err)
	}

	write("10.0.0.2 pbx.example\n", time.Unix(2000, 0))
	targets, err := h.Resolve(t.Context(), query(t, "sip:pbx.example"))
	if got := show(targets); err != nil || got != "UDP 10.0.0.2:5060 pbx.example" {
		t.Errorf("after the file changed: %q, %v", got, err)
	}

	// A file that is being replaced does not take the names away.
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if targets, err = h.Resolve(t.Context(), query(t, "sip:pbx.example")); err != nil || len(targets) != 1 {
		t.Errorf("while the file is gone: %v, %v", targets, err)
	}
	if _, err = h.Resolve(t.Context(), query(t, "sip:other")); !errors.Is(err, resolve.ErrNotFound) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("while the file is gone, an unknown name: %v", err)
	}
}

// The zero value answers from the system's file, without network calls.
func TestHostsZeroValue(t *testing.T) {
	var h resolve.Hosts
	if targets, err := h.Resolve(t.Context(), resolve.Query{Host: "localhost", Port: 1}); err != nil || len(targets) != 2 {
		t.Errorf("localhost: %v, %v", targets, err)
	}
	if _, err := h.Resolve(t.Context(), resolve.Query{Host: "no.such.host.invalid"}); !errors.Is(err, resolve.ErrNotFound) {
		t.Errorf("unknown: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Resolve(ctx, resolve.Query{Host: "localhost"}); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}

func TestStatic(t *testing.T) {
	s := resolve.Static{"bob.example": {netip.MustParseAddr("10.1.1.1"), netip.MustParseAddr("10.1.1.2")}}
	targets, err := s.Resolve(t.Context(), query(t, "sip:bob@Bob.example;transport=tcp"))
	if got := show(targets); err != nil || got != "TCP 10.1.1.1:5060 Bob.example, TCP 10.1.1.2:5060 Bob.example" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := s.Resolve(t.Context(), query(t, "sip:localhost")); !errors.Is(err, resolve.ErrNotFound) {
		t.Errorf("a name that the map lacks: %v", err)
	}
	if _, err := resolve.Static(nil).Resolve(t.Context(), query(t, "sip:x")); !errors.Is(err, resolve.ErrNotFound) {
		t.Errorf("nil: %v", err)
	}
}
