package trace_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dum/trace"
)

// capture writes what record records to a file.
func capture(t *testing.T, record func(trace.Sink)) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "trace.pcapng")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := trace.Pcap(f)
	record(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// tshark reads fields of the packets of a file that a filter takes. Checksums
// are checked.
func tshark(t *testing.T, file, filter string, fields ...string) []string {
	t.Helper()
	path, err := exec.LookPath("tshark")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("tshark is missing; apt-get install tshark")
		}
		t.Skip("NOT TESTED that Wireshark opens our captures: tshark is missing; apt-get install tshark")
	}
	args := []string{"-r", file, "-Y", filter, "-T", "fields", "-E", "separator=|",
		"-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE"}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	var stderr bytes.Buffer
	cmd := exec.Command(path, args...)
	cmd.Stderr = &stderr
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tshark: %v: %s", err, stderr.String())
	}
	return strings.Split(strings.TrimRight(string(out), "\n"), "\n")
}

// Every kind of message over every network and family is one SIP packet to
// Wireshark, and nothing in the file is malformed, lost, out of order or wrongly
// summed.
func TestPcapOpensAsSIP(t *testing.T) {
	v6a, v6b := netip.MustParseAddrPort("[2001:db8::1]:40000"), netip.MustParseAddrPort("[2001:db8::2]:5062")
	invite := text("INVITE sip:bob@example.com SIP/2.0", "1 INVITE", "1", "", "v=0\r\n")
	ring := text("SIP/2.0 180 Ringing", "1 INVITE", "1", "", "")
	ok := text("SIP/2.0 200 OK", "1 INVITE", "1", "", "v=0\r\n")
	// More than a segment holds.
	bye := text("BYE sip:bob@example.com SIP/2.0", "2 BYE", "2", strings.Repeat("X: "+strings.Repeat("x", 5000)+"\r\n", 14), "")
	paths := []trace.Path{
		path("UDP", alice, bob), path("TCP", alice, bob), path("TLS", alice, bob),
		path("UDP", v6a, v6b), path("TCP", v6a, v6b), path("WSS", v6a, v6b),
	}
	var want []string
	file := capture(t, func(s trace.Sink) {
		for _, p := range paths {
			s.Record(ms(0), trace.FlowOpened{Path: p})
			out(s, 1, p, invite, false)
			out(s, 2, p, invite, true)
			in(t, s, 3, p, ring)
			in(t, s, 4, p, ok)
			there := fmt.Sprintf("%s|%d|%d|", p.Local.Addr(), p.Local.Port(), p.Remote.Port())
			back := fmt.Sprintf("%s|%d|%d|", p.Remote.Addr(), p.Remote.Port(), p.Local.Port())
			want = append(want, "1767323045.001000000|"+there+"INVITE||", "1767323045.002000000|"+there+"INVITE||retransmission",
				"1767323045.003000000|"+back+"|180|", "1767323045.004000000|"+back+"|200|")
			if p.Network != "UDP" {
				out(s, 5, p, bye, false)
				want = append(want, "1767323045.005000000|"+there+"BYE||")
			}
			s.Record(ms(6), trace.FlowClosed{Path: p, Err: io.EOF})
			s.Record(ms(7), trace.SetEnded{})
		}
	})
	var got []string
	syn, fin := 0, 0
	for _, line := range tshark(t, file, "frame", "frame.time_epoch",
		"ip.src", "ipv6.src",
		"udp.srcport", "tcp.srcport", "exported_pdu.src_port",
		"udp.dstport", "tcp.dstport", "exported_pdu.dst_port",
		"sip.Method", "sip.Status-Code", "frame.comment",
		"tcp.flags.syn", "tcp.flags.fin", "tcp.analysis.flags", "_ws.malformed",
		"ip.checksum.status", "udp.checksum.status", "tcp.checksum.status") {
		f := strings.Split(line, "|")
		if len(f) != 19 {
			t.Fatalf("tshark says %q", line)
		}
		for i, sum := range f[16:] {
			if f[14] != "" || f[15] != "" || sum != "" && sum != "1" { // 1 is Good
				t.Errorf("tshark complains, checksum %d: %q", i, line)
			}
		}
		if f[12] == "1" {
			syn++
		}
		if f[13] == "1" {
			fin++
		}
		if f[9] != "" || f[10] != "" {
			got = append(got, f[0]+"|"+f[1]+f[2]+"|"+f[3]+f[4]+f[5]+"|"+f[6]+f[7]+f[8]+"|"+f[9]+"|"+f[10]+"|"+f[11])
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("tshark reads\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if syn != 4 || fin != 4 {
		t.Errorf("%d packets with SYN and %d with FIN for two connections", syn, fin)
	}
}

// Both ends in one process, a connection that was not up when the first message
// was sent, and ports that are used again.
func TestPcapConnection(t *testing.T) {
	rising, up := netip.AddrPortFrom(alice.Addr(), 0), netip.AddrPortFrom(alice.Addr(), 41234)
	file := capture(t, func(s trace.Sink) {
		for i := range 2 {
			options := text("OPTIONS sip:bob@example.com SIP/2.0", itoa(i+1)+" OPTIONS", itoa(i+1), "", "")
			ok := text("SIP/2.0 200 OK", itoa(i+1)+" OPTIONS", itoa(i+1), "", "")
			out(s, 10*i, path("TCP", rising, bob), options, false)
			s.Record(ms(10*i+1), trace.FlowOpened{Path: path("TCP", up, bob)})
			s.Record(ms(10*i+1), trace.FlowOpened{Path: path("TCP", bob, up)})
			in(t, s, 10*i+2, path("TCP", bob, up), options)
			out(s, 10*i+3, path("TCP", bob, up), ok, false)
			in(t, s, 10*i+4, path("TCP", up, bob), ok)
			s.Record(ms(10*i+5), trace.FlowClosed{Path: path("TCP", up, bob)})
			s.Record(ms(10*i+5), trace.FlowClosed{Path: path("TCP", bob, up), Err: io.EOF})
		}
		// One that never came up leaves nothing.
		out(s, 50, path("TCP", rising, carol), text("OPTIONS sip:c SIP/2.0", "9 OPTIONS", "9", "", ""), false)
		s.Record(ms(51), trace.FlowClosed{Path: path("TCP", rising, carol), Err: errors.New("refused")})
	})
	want := []string{"0|41234|5070|1 OPTIONS", "0|5070|41234|1 OPTIONS", "1|41234|5070|2 OPTIONS", "1|5070|41234|2 OPTIONS"}
	if got := tshark(t, file, "sip", "tcp.stream", "tcp.srcport", "tcp.dstport", "sip.CSeq"); !slices.Equal(got, want) {
		t.Errorf("tshark reads %q, want %q", got, want)
	}
}

// Junk and strays are in the file, with the reason.
func TestPcapDropped(t *testing.T) {
	p := path("UDP", netip.MustParseAddrPort("0.0.0.0:5071"), bob)
	stray := text("SIP/2.0 200 OK", "1 BYE", "1", "", "")
	file := capture(t, func(s trace.Sink) {
		s.Record(ms(0), trace.MessageDropped{Path: p, Raw: []byte("junk"), Reason: "not SIP"})
		in(t, s, 1, p, stray)
		s.Record(ms(1), trace.MessageDropped{Path: p, Raw: []byte(stray), Reason: "nobody waits for it"})
	})
	want := []string{"127.0.0.1|127.0.0.1|5071|12|dropped: not SIP", "127.0.0.1|127.0.0.1|5071|" + itoa(len(stray)+8) + "|"}
	if got := tshark(t, file, "udp", "ip.src", "ip.dst", "udp.dstport", "udp.length", "frame.comment"); !slices.Equal(got, want) {
		t.Errorf("tshark reads %q, want %q", got, want)
	}
}

func BenchmarkPcap(b *testing.B) {
	s := trace.Pcap(io.Discard)
	raw := text("INVITE sip:bob@127.0.0.1:5070 SIP/2.0", "1 INVITE", "1", "", "v=0\r\n")
	ev := trace.MessageOut{Path: path("UDP", alice, bob), Raw: []byte(raw)}
	b.ReportAllocs()
	for b.Loop() {
		s.Record(epoch, ev)
	}
	s.Close()
}
