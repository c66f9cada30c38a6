package trace_test

import (
	"bytes"
	"errors"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"dum/sip"
	"dum/trace"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (go test -update rewrites it). Got:\n%s", path, got)
	}
}

var (
	epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	alice = netip.MustParseAddrPort("127.0.0.1:5071")
	bob   = netip.MustParseAddrPort("127.0.0.1:5070")
	carol = netip.MustParseAddrPort("[2001:db8::3]:5060")
)

func ms(n int) time.Time { return epoch.Add(time.Duration(n) * time.Millisecond) }

// text is a message; cseq is such as "1 INVITE". More headers come with their ends.
func text(start, cseq, branch, more, body string) string {
	s := start + "\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK" + branch + "\r\nCall-ID: abc\r\nCSeq: " + cseq + "\r\n" + more
	if body != "" {
		s += "Content-Type: application/sdp\r\n"
	}
	return s + "Content-Length: " + itoa(len(body)) + "\r\n\r\n" + body
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

func parse(t testing.TB, raw string) *sip.Message {
	t.Helper()
	m, err := sip.Parse(raw, sip.Limits{})
	if err != nil {
		t.Fatalf("%v in %q", err, raw)
	}
	return m
}

func path(network string, local, remote netip.AddrPort) trace.Path {
	return trace.Path{Network: network, Local: local, Remote: remote}
}

// out and in record a message at one end.
func out(s trace.Sink, at int, p trace.Path, raw string, again bool) {
	s.Record(ms(at), trace.MessageOut{Path: p, Raw: []byte(raw), Again: again})
}

func in(t testing.TB, s trace.Sink, at int, p trace.Path, raw string) {
	s.Record(ms(at), trace.MessageIn{Path: p, Msg: parse(t, raw)})
}

// call records a call of alice to bob as alice's process sees it.
func call(t testing.TB, s trace.Sink, network string) {
	p := path(network, alice, bob)
	invite := text("INVITE sip:bob:secret@127.0.0.1:5070 SIP/2.0", "1 INVITE", "1",
		"Authorization: Digest username=\"alice\", response=\"deadbeef\"\r\n", "v=0\r\n")
	s.Record(ms(0), trace.SetOpened{CallID: "abc", LocalTag: "x"})
	out(s, 0, p, invite, false)
	out(s, 500, p, invite, true)
	in(t, s, 502, p, text("SIP/2.0 100 Trying", "1 INVITE", "1", "", ""))
	s.Record(ms(502), trace.TransactionState{CallID: "abc", Kind: "client", State: "Proceeding", Method: "INVITE", Branch: "1"})
	in(t, s, 520, p, text("SIP/2.0 180 Ringing", "1 INVITE", "1", "", ""))
	in(t, s, 2040, p, text("SIP/2.0 200 OK", "1 INVITE", "1", "", "v=0\r\n"))
	in(t, s, 2540, p, text("SIP/2.0 200 OK", "1 INVITE", "1", "", "v=0\r\n"))
	out(s, 2541, p, text("ACK sip:bob@127.0.0.1:5070 SIP/2.0", "1 ACK", "2", "", ""), false)
	junk := trace.MessageDropped{Path: p, Raw: []byte("\x01\x02junk"), Reason: "not SIP"}
	s.Record(ms(2600), junk)
	stray := text("SIP/2.0 200 OK", "7 OPTIONS", "9", "", "")
	in(t, s, 2700, path(network, alice, carol), stray)
	s.Record(ms(2700), trace.MessageDropped{Path: path(network, alice, carol), Raw: []byte(stray), Reason: "no transaction waits for it"})
	out(s, 12041, p, text("BYE sip:bob@127.0.0.1:5070 SIP/2.0", "2 BYE", "3", "", ""), false)
	in(t, s, 12043, p, text("SIP/2.0 200 OK", "2 BYE", "3", "", ""))
	s.Record(ms(12050), trace.Refused{Path: p, CallID: "q", Code: 503, Reason: "Service Unavailable"})
	s.Record(ms(12060), trace.SetEnded{CallID: "abc", Err: errors.New("the peer fell silent")})
	s.Record(ms(12070), trace.FlowClosed{Path: p, Err: errors.New("reset by peer")})
}

func TestLadder(t *testing.T) {
	for _, c := range []struct {
		file, network string
		opt           trace.LadderOptions
	}{
		{"call.txt", "UDP", trace.LadderOptions{}},
		{"call_named.txt", "TCP", trace.LadderOptions{Names: map[netip.AddrPort]string{alice: "alice", bob: "bob"}}},
		{"call_narrow.txt", "UDP", trace.LadderOptions{Width: 60}},
		{"call.mmd", "UDP", trace.LadderOptions{Mermaid: true, Names: map[netip.AddrPort]string{alice: "alice; x"}}},
	} {
		t.Run(c.file, func(t *testing.T) {
			var b bytes.Buffer
			l := trace.NewLadder(&b, c.opt)
			call(t, l, c.network)
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			golden(t, c.file, b.Bytes())
			width := c.opt.Width
			if width == 0 {
				width = 100
			}
			for line := range strings.Lines(b.String()) {
				if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width && !c.opt.Mermaid {
					t.Errorf("%d columns: %s", n, line)
				}
			}
			for _, secret := range []string{"secret", "deadbeef"} {
				if strings.Contains(b.String(), secret) {
					t.Errorf("%q is shown", secret)
				}
			}
		})
	}
}

// Both ends in one process: each message is drawn once, whichever end tells of
// it first, and a connection is one lifeline before it is up and after.
func TestLadderBothEnds(t *testing.T) {
	var b bytes.Buffer
	l := trace.NewLadder(&b, trace.LadderOptions{})
	a, c := l.As("alice"), l.As("bob")
	rising := netip.AddrPortFrom(alice.Addr(), 0)
	up := netip.AddrPortFrom(alice.Addr(), 41234)
	c.Record(ms(0), trace.FlowOpened{Path: path("TCP", bob, netip.AddrPort{})})
	invite := text("INVITE sip:bob@127.0.0.1 SIP/2.0", "1 INVITE", "1", "", "")
	ring := text("SIP/2.0 180 Ringing", "1 INVITE", "1", "", "")
	out(a, 1, path("TCP", rising, bob), invite, false)
	in(t, c, 2, path("TCP", bob, up), invite)
	in(t, a, 3, path("TCP", up, bob), ring)
	out(c, 3, path("TCP", bob, up), ring, false)
	out(a, 4, path("TCP", up, bob), invite, true)
	in(t, c, 5, path("TCP", bob, up), invite)
	if err := l.Flush(); err != nil {
		t.Fatal(err)
	}
	golden(t, "both_ends.txt", b.Bytes())
}

func TestLadderConnectionComesUp(t *testing.T) {
	var b bytes.Buffer
	l := trace.NewLadder(&b, trace.LadderOptions{})
	out(l, 0, path("TCP", netip.AddrPortFrom(alice.Addr(), 0), bob), text("OPTIONS sip:b SIP/2.0", "1 OPTIONS", "1", "", ""), false)
	in(t, l, 1, path("TCP", alice, bob), text("SIP/2.0 200 OK", "1 OPTIONS", "1", "", ""))
	in(t, l, 2, path("TCP", alice, bob), text("OPTIONS sip:a SIP/2.0", "2 OPTIONS", "7", "", ""))
	l.Close()
	golden(t, "comes_up.txt", b.Bytes())
}

// More peers than lifelines fit: the one that was quiet longest gives way.
func TestLadderManyPeers(t *testing.T) {
	var b bytes.Buffer
	l := trace.NewLadder(&b, trace.LadderOptions{})
	for i := range 7 {
		peer := netip.AddrPortFrom(bob.Addr(), uint16(6001+i))
		out(l, i, path("UDP", alice, peer), text("OPTIONS sip:peer-"+itoa(i)+" SIP/2.0", "1 OPTIONS", itoa(i), "", ""), false)
	}
	out(l, 9, path("UDP", alice, alice), text("OPTIONS sip:me SIP/2.0", "1 OPTIONS", "me", "", ""), false)
	l.Close()
	golden(t, "many.txt", b.Bytes())
}

// What a peer sends cannot move the cursor of a terminal.
func TestLadderIsClean(t *testing.T) {
	var b bytes.Buffer
	l := trace.NewLadder(&b, trace.LadderOptions{})
	in(t, l, 0, path("UDP", alice, bob), text("SIP/2.0 200 \x1b[2JOK\u009b", "1 OPTIONS", "1", "", ""))
	l.Close()
	if strings.ContainsAny(b.String(), "\x1b\u009b") || !strings.Contains(b.String(), "·[2JOK") {
		t.Errorf("%q", b.String())
	}
}

func BenchmarkLadder(b *testing.B) {
	l := trace.NewLadder(new(bytes.Buffer), trace.LadderOptions{})
	raw := text("INVITE sip:bob@127.0.0.1:5070 SIP/2.0", "1 INVITE", "1", "", "v=0\r\n")
	ev := trace.MessageOut{Path: path("UDP", alice, bob), Raw: []byte(raw)}
	b.ReportAllocs()
	for b.Loop() {
		l.Record(epoch, ev)
	}
}
