package media

import (
	"sync"

	"dum/sip"
)

// A Reader remembers the descriptions that it has read, for programs whose
// peers say the same again and again, as load generators and announcement
// servers do. The zero Reader is ready; nil remembers nothing. It is safe for
// concurrent use and holds a bounded number of descriptions.
type Reader struct {
	mu   sync.RWMutex
	seen map[sip.Body]*description
}

// remembered is how many descriptions a Reader keeps, and longest how long one
// may be to be kept: half a megabyte in all at the most.
const (
	remembered = 128
	longest    = 4096
)

// read parses a body, or finds that it has done so before. Nobody changes what
// comes back.
func (r *Reader) read(body sip.Body) (*description, error) {
	if r == nil || len(body.Data) > longest {
		return read(body)
	}
	r.mu.RLock()
	d := r.seen[body]
	r.mu.RUnlock()
	if d != nil {
		return d, nil
	}
	d, err := read(body)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil || len(r.seen) >= remembered {
		r.seen = make(map[sip.Body]*description)
	}
	r.seen[body] = d
	return d, nil
}
