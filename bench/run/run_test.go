package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	line := "77 (a (odd) name) S 1 77 77 0 -1 4194560 100 0 0 0 150 25 0 0 20 0 9 0 1000 1 1"
	got, err := parseStat(line)
	if want := (cpuTime{1500 * time.Millisecond, 250 * time.Millisecond}); got != want || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
	for _, bad := range []string{"", "77 (x) S 1", "77 (x) S 1 77 77 0 -1 4194560 100 0 0 0 a b"} {
		if _, err := parseStat(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// The time of this very process grows while it works.
func TestProcessTime(t *testing.T) {
	before, err := processTime(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for start := time.Now(); time.Since(start) < 60*time.Millisecond; {
	}
	after, err := processTime(os.Getpid())
	if err != nil || after.minus(before).total() < 20*time.Millisecond {
		t.Errorf("60 ms of work took %v, %v", after.minus(before), err)
	}
	if residentBytes(os.Getpid()) < 1<<20 {
		t.Error("no resident memory")
	}
}

func TestParseSNMP(t *testing.T) {
	const s = "Tcp: A B\nTcp: 1 2\nUdp: InDatagrams NoPorts RcvbufErrors\nUdp: 10 11 12\n"
	if got := parseSNMP(s, "RcvbufErrors"); got != 12 {
		t.Errorf("got %d", got)
	}
}

func TestOwn(t *testing.T) {
	got := own("SIP/2.0 200 OK\r\nVia: x\r\nTo: y;tag=z\r\nContact: <sip:a>\r\nAllow: BYE\r\nContent-Length: 3\r\n\r\nv=0")
	want := answer{Headers: "Contact: <sip:a>\r\nAllow: BYE\r\nContent-Length: 3\r\n", Body: "v=0"}
	if got != want {
		t.Errorf("got %+v", got)
	}
}

func TestBenchmarkCells(t *testing.T) {
	got := benchmarkCells("BenchmarkParse/short-2 \t 100 \t 1034 ns/op\t 12.5 MB/s\t 512 B/op\t 4 allocs/op\n")
	if want := []string{"Parse/short", "1034", "512", "4", "12.5 MB/s"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if got := benchmarkCells("ok  \tdum/sip\t1.2s"); got != nil {
		t.Errorf("got %q", got)
	}
}

func TestLoadPerCall(t *testing.T) {
	l := load{calls: 10, cost: cpuTime{user: time.Millisecond}, after: cpuTime{system: time.Millisecond}}
	if got := micros(l.perCall()); got != "200.0" {
		t.Errorf("got %s", got)
	}
}

func TestHost(t *testing.T) {
	h := host()
	for _, want := range []string{"- CPU: ", "- Kernel: ", "- Go: go"} {
		if !strings.Contains(h, want) {
			t.Error(fmt.Sprintf("no %q in", want), h)
		}
	}
}
