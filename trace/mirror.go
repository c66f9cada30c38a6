package trace

import "hash/maphash"

// mirrorSize bounds what a mirror remembers; retransmissions further apart than
// that many messages show as new.
const mirrorSize = 4096

// mirror knows the messages that came by. Two ends in one process may feed one
// sink, which then hears of each message twice, once as sent and once as
// received, in any order; mirror tells the second from a retransmission.
type mirror struct {
	seed  maphash.Seed
	seen  map[uint64]*sighting
	order []uint64 // of seen, a ring
	next  int
}

type sighting struct {
	sent, received int // not yet matched by the other end
	shown          int
}

func newMirror() mirror {
	return mirror{seed: maphash.MakeSeed(), seen: make(map[uint64]*sighting)}
}

// key identifies a message on one hop: the branch is unique to it, and start
// line and CSeq tell its request from its responses.
func (m *mirror) key(network string, s summary) uint64 {
	var h maphash.Hash
	h.SetSeed(m.seed)
	for _, part := range [...]string{network, s.start, s.callID, s.cseq, s.branch} {
		h.WriteString(part)
		h.WriteByte(0)
	}
	return h.Sum64()
}

// look takes a sighting down. echo: the other end of the process told of the
// same message already. again: one like it was shown before.
func (m *mirror) look(key uint64, sent bool) (echo, again bool) {
	s := m.at(key)
	mine, other := &s.received, &s.sent
	if sent {
		mine, other = other, mine
	}
	if *other > 0 {
		*other--
		return true, false
	}
	*mine++
	s.shown++
	return false, s.shown > 1
}

// knows tells whether a message was received or sent before.
func (m *mirror) knows(key uint64) bool { return m.seen[key] != nil }

func (m *mirror) at(key uint64) *sighting {
	if s := m.seen[key]; s != nil {
		return s
	}
	s := new(sighting)
	m.seen[key] = s
	if len(m.order) < mirrorSize {
		m.order = append(m.order, key)
		return s
	}
	delete(m.seen, m.order[m.next])
	m.order[m.next] = key
	m.next = (m.next + 1) % mirrorSize
	return s
}
