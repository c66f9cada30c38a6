package resolve

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
)

// Hosts resolves addresses, localhost, and the names of a hosts file. It makes
// no network calls. The zero value is ready and reads the system's file; it must
// not be copied once used.
type Hosts struct {
	// Path is the hosts file; "" is the system's, /etc/hosts. It is read again
	// when it has changed.
	Path string

	mu    sync.Mutex
	mtime time.Time
	size  int64
	names map[string][]netip.Addr
}

// Resolve answers with the addresses of a name in the order of the file. The
// error wraps ErrNotFound or ErrTransport, and that of reading the file.
func (h *Hosts) Resolve(ctx context.Context, q Query) ([]Target, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return q.resolve(func(name string) ([]netip.Addr, error) {
		if ips := loopback(name); ips != nil {
			return ips, nil
		}
		return h.lookup(name)
	})
}

// loopback answers for localhost. RFC 6761 §6.3: "Name resolution APIs and
// libraries SHOULD recognize localhost names as special and SHOULD always return
// the IP loopback address for address queries".
func loopback(name string) []netip.Addr {
	if name != "localhost" && !strings.HasSuffix(name, ".localhost") {
		return nil
	}
	return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}
}

func (h *Hosts) lookup(name string) ([]netip.Addr, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	err := h.refresh()
	if ips := h.names[name]; len(ips) > 0 {
		return ips, nil
	}
	return nil, err
}

// refresh reads the file if it has changed. What was known stays when it cannot
// be read, since an editor may be replacing it right now.
func (h *Hosts) refresh() error {
	path := h.Path
	if path == "" {
		path = systemHosts()
	}
	st, err := os.Stat(path)
	if err != nil {
		if h.Path == "" && errors.Is(err, fs.ErrNotExist) {
			return nil // a system without the file has no names in it
		}
		return err
	}
	if h.names != nil && st.ModTime().Equal(h.mtime) && st.Size() == h.size {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	h.names, h.mtime, h.size = parseHosts(string(text)), st.ModTime(), st.Size()
	return nil
}

func systemHosts() string {
	if runtime.GOOS == "windows" {
		return filepath.Join(os.Getenv("SystemRoot"), "System32", "drivers", "etc", "hosts")
	}
	return "/etc/hosts"
}

// parseHosts reads "address name alias… # comment" lines; a line that is none
// is skipped, as every system does.
func parseHosts(text string) map[string][]netip.Addr {
	names := make(map[string][]netip.Addr)
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		ip, err := netip.ParseAddr(fields[0])
		if err != nil {
			continue
		}
		for _, name := range fields[1:] {
			name = canonical(name)
			names[name] = append(names[name], ip.Unmap())
		}
	}
	return names
}

// canonical makes names comparable: case and the dot at the end mean nothing.
func canonical(name string) string {
	return strings.ToLower(strings.TrimSuffix(name, "."))
}

// resolve answers an address at once, and a name with what lookup knows of it.
func (q Query) resolve(lookup func(name string) ([]netip.Addr, error)) ([]Target, error) {
	if targets, ok := Numeric(q); ok {
		if len(targets) == 0 {
			return nil, fmt.Errorf("%w: %v", ErrTransport, q)
		}
		return targets, nil
	}
	name := canonical(q.Host)
	if name == "" {
		return nil, fmt.Errorf("%w: the URI names none", ErrNotFound)
	}
	ips, err := lookup(name)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %q: %w", ErrNotFound, q.Host, err)
	case len(ips) == 0:
		return nil, fmt.Errorf("%w: %q", ErrNotFound, q.Host)
	}
	targets := make([]Target, 0, len(ips))
	for _, ip := range ips {
		t, err := q.target(ip)
		if err != nil {
			return nil, err
		}
		targets = append(targets, t)
	}
	return targets, nil
}
