package sip

import (
	"os"
	"testing"
)

// invite1296 is an INVITE of 1,296 bytes with 20 headers, as a proxy hands it
// to a user agent.
func invite1296(tb testing.TB) string {
	tb.Helper()
	b, err := os.ReadFile("testdata/invite1296.dat")
	if err != nil {
		tb.Fatal(err)
	}
	if len(b) != 1296 {
		tb.Fatalf("the INVITE has %d bytes", len(b))
	}
	return string(b)
}

// routing is what a stack reads of every request.
type routing struct {
	via                     Hop
	fromTag, toTag, callID  string
	cseq                    Seq
	forwards                int
	uri                     URI
	contact, route          Addr
	viaErr, cseqErr, uriErr error
}

func readRouting(m *Message) (r routing) {
	r.via, r.viaErr = Via.Get(m)
	r.fromTag, r.toTag, r.callID = m.FromTag(), m.ToTag(), m.CallID()
	r.cseq, r.cseqErr = CSeq.Get(m)
	r.forwards, _ = MaxForwards.Get(m)
	r.uri, r.uriErr = m.URI()
	r.contact, _ = Contact.Get(m)
	r.route, _ = Route.Get(m)
	return r
}

// The budget of parsing one message: the caller's copy of the datagram into a
// string, and the Message.
func TestParseAllocations(t *testing.T) {
	datagram := []byte(invite1296(t))
	var r routing
	n := testing.AllocsPerRun(200, func() {
		m, err := Parse(string(datagram), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		r = readRouting(m)
	})
	if n > 2 {
		t.Errorf("parsing and reading the routing fields allocates %v times, want at most 2", n)
	}
	if r.via.Branch() == "" || r.fromTag == "" || r.callID == "" || r.cseq.Method != INVITE ||
		r.forwards == 0 || r.uri.Host == "" || r.contact.URI.Host == "" || r.route.URI.Host == "" {
		t.Errorf("routing fields: %+v", r)
	}
}

// Check is asked of every message and must cost nothing but time.
func TestCheckAllocations(t *testing.T) {
	m, err := Parse(invite1296(t), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(200, func() {
		if st := m.Check(); st != nil {
			t.Fatal(st)
		}
	}); n != 0 {
		t.Errorf("Check allocates %v times", n)
	}
}

// A response costs its Message, the tag in To, and its encoding.
func TestResponseAllocations(t *testing.T) {
	req, err := Parse(invite1296(t), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(200, func() {
		m := NewResponse(req, 180, "")
		m.SetToTag("1928301774")
		buf = m.AppendTo(buf[:0])
	}); n > 2 {
		t.Errorf("a response allocates %v times, want at most 2", n)
	}
}

func BenchmarkParse(b *testing.B) {
	datagram := []byte(invite1296(b))
	b.SetBytes(int64(len(datagram)))
	b.ReportAllocs()
	for b.Loop() {
		m, err := Parse(string(datagram), Limits{})
		if err != nil {
			b.Fatal(err)
		}
		if r := readRouting(m); r.uriErr != nil {
			b.Fatal(r.uriErr)
		}
	}
}

func BenchmarkIndex(b *testing.B) {
	raw := invite1296(b)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(raw, Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	m, err := Parse(invite1296(b), Limits{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if st := m.Check(); st != nil {
			b.Fatal(st)
		}
	}
}

// BenchmarkEncode writes a parsed message that was touched, so that every line
// is looked at.
func BenchmarkEncode(b *testing.B) {
	m, err := Parse(invite1296(b), Limits{})
	if err != nil {
		b.Fatal(err)
	}
	MaxForwards.Set(m, 69)
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		buf = m.AppendTo(buf[:0])
	}
}

func BenchmarkNewResponse(b *testing.B) {
	req, err := Parse(invite1296(b), Limits{})
	if err != nil {
		b.Fatal(err)
	}
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		m := NewResponse(req, 180, "")
		m.SetToTag("1928301774")
		buf = m.AppendTo(buf[:0])
	}
}

func BenchmarkNewBranch(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		NewBranch()
	}
}
