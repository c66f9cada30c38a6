package interop

import (
	"crypto/md5"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A scenario is one of ours in sipp/, played against `dum call`.
type scenario struct {
	name string
	file string   // sipp/<file>.xml, the name if empty
	sipp []string // flags of SIPp
	call []string // flags of dum call
	// interrupt is what dum call must have said before it gets a SIGINT.
	interrupt string
	code      int // its exit code
	want      callReport
	slow      bool // waits for 64*T1
}

// everyCopy makes SIPp take retransmissions for messages like any other.
var everyCopy = []string{"-nr"}

func scenarios() []scenario {
	alice := []string{"--from", "sip:alice@127.0.0.1", "--user", "alice", "--password", "secret"}
	up := callReport{Calls: 1, Answered: 1}
	failed := func(key string) callReport {
		return callReport{Calls: 1, Failed: 1, Failures: map[string]int{key: 1}}
	}
	interrupted := callReport{Calls: 1, Canceled: 1, Interrupted: true}
	return []scenario{
		{name: "challenge", call: alice, want: up},
		{name: "login", call: alice, want: up},
		{name: "stranger", call: alice, code: 1,
			want: callReport{Calls: 1, Answered: 1, Failed: 1, Failures: map[string]int{"bye-401": 1}}},
		{name: "fork", call: []string{"--duration", "500ms"}, want: up},
		{name: "twice", sipp: everyCopy, want: up},
		{name: "lateoffer", call: []string{"--late-offer"}, want: up},
		{name: "refuse", code: 1, want: failed("486")},
		{name: "redirect", code: 1, want: failed("302")},
		{name: "ring", call: []string{"--timeout", "1s"}, code: 3, want: failed("timeout")},
		{name: "ring, interrupted", file: "ring", interrupt: "180", code: 130, want: interrupted},
		{name: "cancelrace", call: []string{"--timeout", "1s"}, code: 3, want: failed("timeout")},
		{name: "cancelrace, interrupted", file: "cancelrace", interrupt: "180", code: 130, want: interrupted},
		{name: "silent", sipp: everyCopy, code: 3, want: failed("timeout"), slow: true},
		{name: "trying", sipp: everyCopy, call: []string{"--timeout", "1s"}, code: 3, want: failed("timeout")},
	}
}

// Each scenario ends as the RFC says: for SIPp, which saw the messages, and for
// `dum call`, which tells its user.
func TestScenarios(t *testing.T) {
	for _, sc := range scenarios() {
		t.Run(sc.name, func(t *testing.T) {
			if sc.slow && testing.Short() {
				t.Skip("takes 64*T1")
			}
			if sc.file == "" {
				sc.file = sc.name
			}
			s := sipp(t, "sipp/"+sc.file+".xml")
			t.Parallel()
			ctx := within(t, 2*time.Minute)
			log := filepath.Join(s.Dir, "log")
			s.MaxTime = 90 * time.Second
			s.Calls, s.Args = 1, append(sc.sipp, "-trace_logs", "-log_file", log)
			server := listening(ctx, t, &s)

			p := caller(t, append(sc.call, fmt.Sprintf("sip:bob@%s", s.Local))...)
			if sc.interrupt != "" {
				if _, _, err := p.Err.Find(ctx, 0, func(line string) bool { return strings.Contains(line, sc.interrupt) }); err != nil {
					t.Fatalf("dum call never said %q: %v", sc.interrupt, err)
				}
				if err := p.Signal(syscall.SIGINT); err != nil {
					t.Fatal(err)
				}
			}
			code, got := called(ctx, t, p)
			if code != sc.code || got.Calls != sc.want.Calls || got.Answered != sc.want.Answered || got.Failed != sc.want.Failed ||
				got.Canceled != sc.want.Canceled || got.Interrupted != sc.want.Interrupted ||
				len(got.Failures)+len(sc.want.Failures) > 0 && !maps.Equal(got.Failures, sc.want.Failures) {
				t.Errorf("dum call: exit code %d, %+v\nwant exit code %d, %+v", code, got, sc.code, sc.want)
			}
			fine(ctx, t, s, server, 1)
			checkCredentials(t, sc.file, log)
		})
	}
}

// checkCredentials reads the log that two of the scenarios write, with one line
// for the INVITE and one for the BYE.
func checkCredentials(t *testing.T, scenario, log string) {
	t.Helper()
	if scenario != "challenge" && scenario != "login" {
		return
	}
	b, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	if len(lines) != 2 {
		t.Fatalf("the log has %q", b)
	}
	for i, line := range lines {
		method, nonce := []string{"INVITE", "BYE"}[i], []string{"4f2b7a91c0d3", "aa17be4400ff"}[i]
		if scenario == "login" {
			if line != "true" {
				t.Errorf("SIPp found the credentials of %s %s", method, line)
			}
			continue
		}
		got := map[string]string{}
		for _, m := range regexp.MustCompile(`(\w+)=("[^"]*"|[^,]*)`).FindAllStringSubmatch(strings.TrimPrefix(line, "Digest "), -1) {
			got[m[1]] = strings.Trim(m[2], `"`)
		}
		for name, want := range map[string]string{
			"username": "alice", "realm": "interop", "nonce": nonce, "algorithm": "MD5", "qop": "auth", "nc": "00000001",
			"response": digest(got, "secret", method),
		} {
			if got[name] != want {
				t.Errorf("Proxy-Authorization of %s: %s is %q, want %q", method, name, got[name], want)
			}
		}
	}
}

// digest is the response of RFC 2617 for MD5 and qop auth.
func digest(p map[string]string, password, method string) string {
	h := func(s string) string { return fmt.Sprintf("%x", md5.Sum([]byte(s))) }
	return h(strings.Join([]string{
		h(p["username"] + ":" + p["realm"] + ":" + password),
		p["nonce"], p["nc"], p["cnonce"], p["qop"],
		h(method + ":" + p["uri"]),
	}, ":"))
}
