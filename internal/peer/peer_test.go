package peer

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// verdict records what Need decides.
type verdict struct{ skipped, failed string }

func (*verdict) Helper()                        {}
func (v *verdict) Skipf(f string, args ...any)  { v.skipped = fmt.Sprintf(f, args...) }
func (v *verdict) Fatalf(f string, args ...any) { v.failed = fmt.Sprintf(f, args...) }

func TestNeed(t *testing.T) {
	var v verdict
	if got := Need(&v, "sh"); !strings.HasSuffix(got, "/sh") || v != (verdict{}) {
		t.Errorf("a program that is there: %q, %+v", got, v)
	}
	t.Setenv("CI", "")
	v = verdict{}
	if Need(&v, "no-such-peer"); !strings.Contains(v.skipped, "no-such-peer") || v.failed != "" {
		t.Errorf("elsewhere a missing peer is a loud skip: %+v", v)
	}
	t.Setenv("CI", "true")
	v = verdict{}
	if Need(&v, "no-such-peer"); !strings.Contains(v.failed, "no-such-peer") || v.skipped != "" {
		t.Errorf("in CI a missing peer is a failure: %+v", v)
	}
}

func TestProcess(t *testing.T) {
	p, err := Start(exec.Command("sh", "-c", "echo one; echo two >&2; printf 'th'; printf 'ree\r\n'; exit 3"))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	ctx := within(t, 10*time.Second)
	line, next, err := p.Out.Find(ctx, 0, func(s string) bool { return strings.HasPrefix(s, "t") })
	if line != "three" || next != 2 || err != nil {
		t.Errorf("got %q, %d, %v", line, next, err)
	}
	if code, err := p.Wait(ctx); code != 3 || err != nil {
		t.Errorf("exit code %d, %v", code, err)
	}
	if got := p.Transcript(); !strings.Contains(got, "one") || !strings.Contains(got, "two") {
		t.Errorf("the transcript lacks output: %s", got)
	}
}

func TestFindGivesUp(t *testing.T) {
	var l Lines
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := l.Find(ctx, 0, func(string) bool { return true }); err != context.Canceled {
		t.Errorf("got %v", err)
	}
}

// A process that does not listen to SIGTERM is ended all the same.
func TestStopStubborn(t *testing.T) {
	if testing.Short() {
		t.Skip("takes the five seconds that Stop grants")
	}
	p, err := Start(exec.Command("sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done"))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Out.Find(within(t, 10*time.Second), 0, func(s string) bool { return s == "ready" }); err != nil {
		t.Fatal(err)
	}
	p.Stop()
	if code := p.Cmd.ProcessState.Sys().(syscall.WaitStatus); code.Signal() != syscall.SIGKILL {
		t.Errorf("ended by %v", code)
	}
}

// SIPp calls SIPp: the harness reads the same numbers on both sides.
func TestSIPp(t *testing.T) {
	program := Need(t, "sipp")
	for _, transport := range []string{"u1", "t1"} {
		t.Run(transport, func(t *testing.T) {
			ctx := within(t, 60*time.Second)
			port, err := FreePort()
			if err != nil {
				t.Fatal(err)
			}
			uas := SIPp{Program: program, Scenario: "uas", Dir: t.TempDir(), Local: Loopback(port), Transport: transport}
			server, err := uas.Listen(ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer server.Stop()
			uac := SIPp{Program: program, Scenario: "uac", Dir: t.TempDir(), Local: Loopback(0), Remote: Loopback(port),
				Transport: transport, Calls: 20, Rate: 100, MaxTime: 30 * time.Second}
			client, err := Start(uac.Command())
			if err != nil {
				t.Fatal(err)
			}
			defer client.Stop()
			if code, err := client.Wait(ctx); code != 0 || err != nil {
				t.Fatalf("exit code %d, %v\n%s", code, err, client.Transcript())
			}
			stats, err := uac.Stats()
			if err != nil || !stats.OK(20) {
				t.Errorf("%+v, %v\n%s", stats, err, uac.Errors())
			}
			if stats.OK(21) {
				t.Error("a lost call goes unnoticed")
			}
		})
	}
}

// A call that nobody answers counts as failed, in the exit code and the numbers.
func TestSIPpFailure(t *testing.T) {
	program := Need(t, "sipp")
	ctx := within(t, 60*time.Second)
	deaf, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(Loopback(0)))
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	uac := SIPp{Program: program, Scenario: "uac", Dir: t.TempDir(), Local: Loopback(0),
		Remote: deaf.LocalAddr().(*net.UDPAddr).AddrPort(), Calls: 1, MaxTime: 30 * time.Second, Args: []string{"-max_retrans", "1"}}
	client, err := Start(uac.Command())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Stop()
	if code, err := client.Wait(ctx); code == 0 || err != nil {
		t.Errorf("exit code %d, %v", code, err)
	}
	if stats, err := uac.Stats(); err != nil || stats.Failed != 1 || stats.Retransmissions == 0 || stats.OK(1) {
		t.Errorf("%+v, %v", stats, err)
	}
}

// Two phones call each other over UDP and over TCP: the configuration works
// without a sound card and media flows.
func TestBaresip(t *testing.T) {
	program := Need(t, "baresip")
	ctx := within(t, 60*time.Second)
	var phones [2]*Baresip
	for i, user := range []string{"alice", "bob"} {
		b, err := StartBaresip(ctx, program, t.TempDir(), user)
		if err != nil {
			t.Fatal(err)
		}
		defer b.Stop()
		phones[i] = b
	}
	alice, bob := phones[0], phones[1]
	do := func(b *Baresip, command string) {
		t.Helper()
		if err := b.Do(ctx, command); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(b *Baresip, event string) {
		t.Helper()
		if _, err := b.Event(ctx, event); err != nil {
			t.Fatal(err)
		}
	}
	for _, transport := range []string{"udp", "tcp"} {
		do(alice, fmt.Sprintf("dial sip:bob@127.0.0.1:%d;transport=%s", bob.Port, transport))
		expect(bob, "CALL_INCOMING")
		do(bob, "accept")
		expect(alice, "CALL_ESTABLISHED")
		expect(bob, "CALL_RTPESTAB")
		do(bob, "hangup")
		expect(alice, "CALL_CLOSED")
		expect(bob, "CALL_CLOSED")
	}
}
