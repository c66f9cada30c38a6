package stack

import (
	"bytes"
	"encoding/binary"

	"dum/transport"
)

// A grave is what is left of a transaction that has its final response: enough
// to answer a copy of the request, or of the response. Its bytes lie in the
// graveyard and do not change.
type grave struct {
	again    []byte // what a copy is answered with; empty: nothing
	tag      []byte // an INVITE's: our To tag, for a late CANCEL
	accepted bool   // an INVITE's: its final response was a 2xx
	merge    uint64 // its key in the table of merged requests; 0: none
}

// A span is one of the times for which tombstones stand. All with the same
// span leave in the order in which they came, so a queue serves for each.
type span uint8

const (
	spanT4   span = iota // timers I and K
	spanLong             // timers J and L
	spanD                // timer D
	spans
)

// A graveyard holds the tombstones of one shard, under its lock. A busy server
// has a hundred thousand of them at any time, so they lie one behind the other
// in chunks of bytes and are found by an index of numbers: the garbage
// collector has nothing to follow there.
type graveyard struct {
	queues [spans]graveQueue
	index  map[uint64]place // by the hash of the key
	flows  map[place]transport.Flow
	n      int64
	bytes  int64
}

// graveQueue is a queue of records in chunks. A record never spans two.
type graveQueue struct {
	chunks [][]byte // the written part of each
	first  uint64   // the number of chunks[0]
	head   int      // where in chunks[0] the oldest record is
}

// place is where a record is: span, number of the chunk, offset in it.
type place uint64

func placeOf(s span, chunk uint64, at int) place {
	return place(uint64(s)<<60 | chunk<<20 | uint64(at))
}

// Chunks grow from the least to the greatest size as there is more to bury. A
// record that is larger has one to itself.
const (
	leastChunk    = 1 << 10
	greatestChunk = 1 << 16
)

// A record is a header and then key, tag and the bytes to repeat.
const (
	atUntil   = 0  // nanoseconds since the stack was made
	atHash    = 8  // of the key
	atMerge   = 16 // grave.merge
	atKeyLen  = 24
	atTagLen  = 28
	atLast    = 32 // length of grave.again
	atFlags   = 36
	headerLen = 37

	flagAccepted = 1
	flagFlow     = 2 // there is a flow for it
)

// push adds a record.
func (y *graveyard) push(s span, until int64, hash uint64, key string, g grave, f transport.Flow) {
	size := headerLen + len(key) + len(g.tag) + len(g.again)
	q := &y.queues[s]
	c := q.room(size)
	chunk := q.chunks[c]
	p := placeOf(s, q.first+uint64(c), len(chunk))
	var h [headerLen]byte
	binary.LittleEndian.PutUint64(h[atUntil:], uint64(until))
	binary.LittleEndian.PutUint64(h[atHash:], hash)
	binary.LittleEndian.PutUint64(h[atMerge:], g.merge)
	binary.LittleEndian.PutUint32(h[atKeyLen:], uint32(len(key)))
	binary.LittleEndian.PutUint32(h[atTagLen:], uint32(len(g.tag)))
	binary.LittleEndian.PutUint32(h[atLast:], uint32(len(g.again)))
	if g.accepted {
		h[atFlags] |= flagAccepted
	}
	if f != nil {
		h[atFlags] |= flagFlow
		if y.flows == nil {
			y.flows = make(map[place]transport.Flow)
		}
		y.flows[p] = f
	}
	chunk = append(chunk, h[:]...)
	chunk = append(chunk, key...)
	chunk = append(chunk, g.tag...)
	q.chunks[c] = append(chunk, g.again...)
	if y.index == nil {
		y.index = make(map[uint64]place)
	}
	// Two keys of one hash are not to be expected; the later one would win.
	y.index[hash] = p
	y.n++
	y.bytes += int64(size)
}

// room returns the index of a chunk with so much room.
func (q *graveQueue) room(size int) int {
	last := len(q.chunks) - 1
	if last >= 0 && cap(q.chunks[last])-len(q.chunks[last]) >= size {
		return last
	}
	want := leastChunk
	if last >= 0 {
		want = min(2*cap(q.chunks[last]), greatestChunk)
	}
	q.chunks = append(q.chunks, make([]byte, 0, max(want, size)))
	return last + 1
}

// record returns the record at p and what is behind it in its chunk.
func (y *graveyard) record(p place) []byte {
	q := &y.queues[p>>60]
	return q.chunks[uint64(p)<<4>>24-q.first][p&(1<<20-1):]
}

func recordLen(r []byte) int {
	return headerLen + int(binary.LittleEndian.Uint32(r[atKeyLen:])) +
		int(binary.LittleEndian.Uint32(r[atTagLen:])) + int(binary.LittleEndian.Uint32(r[atLast:]))
}

// find returns the tombstone of a key.
func (y *graveyard) find(hash uint64, key []byte) (g grave, f transport.Flow, ok bool) {
	p, ok := y.index[hash]
	if !ok {
		return g, nil, false
	}
	r := y.record(p)
	keyEnd := headerLen + int(binary.LittleEndian.Uint32(r[atKeyLen:]))
	if !bytes.Equal(r[headerLen:keyEnd], key) {
		return g, nil, false
	}
	tagEnd := keyEnd + int(binary.LittleEndian.Uint32(r[atTagLen:]))
	end := recordLen(r)
	g.tag = r[keyEnd:tagEnd:tagEnd]
	g.again = r[tagEnd:end:end]
	g.accepted = r[atFlags]&flagAccepted != 0
	g.merge = binary.LittleEndian.Uint64(r[atMerge:])
	if r[atFlags]&flagFlow != 0 {
		f = y.flows[p]
	}
	return g, f, true
}

// oldest tells until when the first tombstone of a queue stands; false when
// there is none.
func (y *graveyard) oldest(s span) (until int64, ok bool) {
	q := &y.queues[s]
	if len(q.chunks) == 0 {
		return 0, false
	}
	return int64(binary.LittleEndian.Uint64(q.chunks[0][q.head+atUntil:])), true
}

// soonest is the span whose first tombstone goes first; there must be one.
func (y *graveyard) soonest() (s span) {
	best, found := int64(0), false
	for i := range spans {
		if until, ok := y.oldest(i); ok && (!found || until < best) {
			s, best, found = i, until, true
		}
	}
	return s
}

// pop takes the oldest tombstone of a queue away and returns its merge key.
func (y *graveyard) pop(s span) (merge uint64) {
	q := &y.queues[s]
	p := placeOf(s, q.first, q.head)
	r := y.record(p)
	size := recordLen(r)
	merge = binary.LittleEndian.Uint64(r[atMerge:])
	if hash := binary.LittleEndian.Uint64(r[atHash:]); y.index[hash] == p {
		delete(y.index, hash)
	}
	if r[atFlags]&flagFlow != 0 {
		delete(y.flows, p)
	}
	y.n--
	y.bytes -= int64(size)
	if q.head += size; q.head == len(q.chunks[0]) {
		// Somebody may still be sending from this chunk, so it is not used again.
		q.chunks[0] = nil
		q.chunks, q.first, q.head = q.chunks[1:], q.first+1, 0
		if len(q.chunks) == 0 {
			q.chunks = nil
		}
	}
	if y.n == 0 {
		// A map keeps the size it once had.
		y.index, y.flows = nil, nil
	}
	return merge
}
