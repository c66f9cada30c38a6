package stack

import (
	"fmt"
	"strings"
	"testing"

	"dum/sip"
	"dum/transport"
)

// nullFlow takes everything.
type nullFlow struct{ fakeFlow }

func (nullFlow) Send([]byte) error { return nil }

// benchTU answers every request with 200 and keeps nothing.
type benchTU struct{ s *Stack }

func (b benchTU) Accept(in *Inbound) (*Strand, *sip.Status) { return b.s.NewStrand(b), nil }
func (b benchTU) RecvRequest(t *Turn, tx *ServerTx) {
	tx.SetTag("benchtag")
	_ = tx.Respond(t, sip.NewResponse(tx.Request(), 200, ""))
	t.Strand().Close(t)
}
func (b benchTU) RecvAck(*Turn, *Inbound)               {}
func (b benchTU) RecvCancel(*Turn, *ServerTx, *Inbound) {}
func (b benchTU) Expire(*Turn)                          {}
func (b benchTU) Fault(*Turn, error)                    {}

func benchStack(b *testing.B) (*receiver, transport.Flow) {
	u := &benchTU{}
	n := &fakeNet{network: transport.Network{Name: "UDP", DefaultPort: 5060}}
	s, err := New(Config{Transports: []transport.Transport{n}, MaxTombstones: 10_000}, u)
	if err != nil {
		b.Fatal(err)
	}
	u.s = s
	b.Cleanup(func() { s.Close() })
	return (*receiver)(s), nullFlow{fakeFlow{n, ourAddr, peerAddr}}
}

// numbered makes copies of a message that differ in one number, without
// allocating for each.
type numbered struct {
	text  []byte
	spots []int
}

const numberSpot = "0000000000"

func newNumbered(text string) *numbered {
	n := &numbered{text: []byte(text)}
	for at := 0; ; {
		i := strings.Index(text[at:], numberSpot)
		if i < 0 {
			return n
		}
		n.spots = append(n.spots, at+i)
		at += i + len(numberSpot)
	}
}

func (n *numbered) next() []byte {
	for _, at := range n.spots {
		for i := at + len(numberSpot) - 1; ; i-- {
			if n.text[i]++; n.text[i] <= '9' {
				break
			}
			n.text[i] = '0'
		}
	}
	return n.text
}

// BenchmarkTurn is a request in and its response out: parse, demux, strand,
// transaction, encode, tombstone.
func BenchmarkTurn(b *testing.B) {
	r, f := benchStack(b)
	q := newNumbered(req{method: "OPTIONS", branch: "z9hG4bK" + numberSpot, callID: numberSpot + "@bench"}.String())
	b.ReportAllocs()
	for b.Loop() {
		r.Receive(f, q.next())
	}
}

// BenchmarkCopy is a copy of a request that has been answered.
func BenchmarkCopy(b *testing.B) {
	r, f := benchStack(b)
	q := []byte(req{method: "OPTIONS"}.String())
	r.Receive(f, q)
	b.ReportAllocs()
	for b.Loop() {
		r.Receive(f, q)
	}
}

// BenchmarkDemux is the look-up of a transaction and of a set among many.
func BenchmarkDemux(b *testing.B) {
	r, f := benchStack(b)
	s := (*Stack)(r)
	for i := range 10_000 {
		s.sets.insert(Key{fmt.Sprint(i), "tag"}, bound{})
		r.Receive(f, []byte(req{method: "OPTIONS", branch: fmt.Sprint("z9hG4bK", i), callID: fmt.Sprint(i)}.String()))
	}
	m, err := sip.Parse(req{method: "OPTIONS", branch: "z9hG4bK5000", callID: "5000"}.String(), sip.Limits{})
	if err != nil {
		b.Fatal(err)
	}
	via, _ := sip.Via.Get(m)
	b.ReportAllocs()
	for b.Loop() {
		var room [keyRoom]byte
		if f := s.txs.find(appendServerKey(room[:0], m, &via, sip.OPTIONS)); f.state != buried {
			b.Fatal("not found")
		}
		if _, ok := s.sets.get(Key{m.CallID(), "tag"}); !ok {
			b.Fatal("no set")
		}
	}
}

// BenchmarkSend is a request of ours and its answer.
func BenchmarkSend(b *testing.B) {
	r, f := benchStack(b)
	s := (*Stack)(r)
	st := s.NewStrand(benchTU{s})
	tmpl := outgoing(sip.OPTIONS)
	b.ReportAllocs()
	for b.Loop() {
		req := tmpl.Clone()
		st.Do(func(t *Turn) {
			if _, err := t.Send(req, f, nobody{}); err != nil {
				b.Fatal(err)
			}
		})
		r.Receive(f, []byte(sip.NewResponse(req, 200, "").String()))
	}
	st.Do(st.Close)
}
