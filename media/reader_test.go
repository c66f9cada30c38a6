package media

import (
	"fmt"
	"testing"

	"dum/sip"
)

func TestReaderAnswersAsWithout(t *testing.T) {
	r := new(Reader)
	for _, d := range []Direction{Sendrecv, Sendonly, Recvonly, Inactive} {
		offer := new(Session).Offer(d)
		for range 2 { // read, then remembered
			got := &Session{Reader: r, id: 1}
			want := &Session{id: 1}
			a, err1 := got.Answer(offer)
			b, err2 := want.Answer(offer)
			if a != b || err1 != nil || err2 != nil {
				t.Errorf("%v: %q, %v; without a reader %q, %v", d, a.Data, err1, b.Data, err2)
			}
		}
	}
	if _, err := (&Session{Reader: r}).Answer(sip.Body{Type: contentType, Data: "junk"}); err == nil {
		t.Error("junk was answered")
	}
}

func TestReaderIsBounded(t *testing.T) {
	r := new(Reader)
	offer := new(Session).Offer(Sendrecv)
	for i := range 10 * remembered {
		b := offer
		b.Data += fmt.Sprintf("a=x:%d\r\n", i)
		if _, err := r.read(b); err != nil {
			t.Fatal(err)
		}
		if len(r.seen) > remembered {
			t.Fatalf("%d descriptions are kept", len(r.seen))
		}
	}
	big := offer
	for len(big.Data) <= longest {
		big.Data += "a=x:0123456789\r\n"
	}
	n := len(r.seen)
	if _, err := r.read(big); err != nil || len(r.seen) != n {
		t.Errorf("a description of %d bytes: %v, kept %v", len(big.Data), err, len(r.seen) != n)
	}
}
