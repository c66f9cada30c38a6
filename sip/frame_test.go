package sip

import (
	"errors"
	"testing"
)

func TestHeadLength(t *testing.T) {
	for in, want := range map[string]int{
		"":                               -1,
		"A":                              -1,
		"A\r\n":                          -1,
		"A\r\n\r":                        -1,
		"A\r\n\r\n":                      5,
		"A\r\nB: 1\r\n\r\nbody\r\n\r\n":  11,
		"A\nB: 1\n\nbody":                8,
		"A\nB: 1\r\n\nbody":              9,
		"A\r\nB:\r\n \r\n x\r\n\r\nbody": 16,
		"A\r\nB: 1\r\n\rX\r\n\r\n":       15,
	} {
		if got := HeadLength([]byte(in)); got != want {
			t.Errorf("HeadLength(%q) = %d, want %d", in, got, want)
		}
	}
}

func TestScanContentLength(t *testing.T) {
	const start = "OPTIONS sip:h SIP/2.0\r\n"
	for _, tt := range []struct {
		in    string
		n     int
		found bool
	}{
		{"", 0, false},
		{start, 0, false},
		{start + "A: 1\r\n\r\n", 0, false},
		{start + "Content-Length: 12\r\n\r\n", 12, true},
		{start + "A: 1\r\nCONTENT-LENGTH  :\t0012\r\n\r\n", 12, true},
		{start + "l:0\r\n\r\n", 0, true},
		{start + "L :\r\n  7 \r\n\r\n", 7, true},
		{start + "l: 7\nA: 1\n\n", 7, true},
		{start + "l: 7\r\nContent-Length: 7\r\n\r\n", 7, true},
		{start + "A: 1\r\n l: 9\r\nB: 2\r\n\r\n", 0, false}, // a fold of A
		{start + "X-Content-Length: 9\r\nll: 8\r\n\r\n", 0, false},
		{start + "l: 7", 7, true},            // not whole yet
		{"l:9 SIP/2.0\r\n\r\n", 0, false},    // a start line
		{start + "foo\r\nl: 3\r\n", 3, true}, // a line that is no header
	} {
		if n, found, err := ScanContentLength([]byte(tt.in)); n != tt.n || found != tt.found || err != nil {
			t.Errorf("%q: %d %v %v", tt.in, n, found, err)
		}
	}
	for _, in := range []string{"l: -1", "l:", "l: x", "l: 1 2", "l: 1\r\nl: 2", "l: 4294967296", "l: 99999999999999999999", "l: 1\r\nl: x"} {
		_, found, err := ScanContentLength([]byte(start + in + "\r\n\r\n"))
		if he, ok := errors.AsType[*HeaderError](err); !ok || he.Name != "Content-Length" || !found {
			t.Errorf("%q: %v %v", in, found, err)
		}
	}
}

func TestFrameAllocations(t *testing.T) {
	b := []byte(invite1296(t))
	if n := testing.AllocsPerRun(10, func() {
		head := HeadLength(b)
		if n, found, err := ScanContentLength(b[:head]); n != 173 || !found || err != nil {
			t.Fatal(n, found, err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
