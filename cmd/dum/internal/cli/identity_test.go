package cli

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"dum"
	"dum/sip"
)

func TestIdentity(t *testing.T) {
	env := &Env{Getenv: func(name string) string { return map[string]string{passwordEnv: "from the environment"}[name] }}
	for _, tt := range []struct {
		name     string
		identity Identity
		target   string
		from     string // of requests
		domains  []string
		realm    string
		password string
		proxy    string
	}{
		{name: "anonymous", target: "bob@example.com", from: `"Anonymous" <sip:anonymous@anonymous.invalid>`},
		{name: "from", identity: Identity{From: "alice@example.org"}, target: "bob@example.com", from: "<sip:alice@example.org>"},
		{name: "name and from", identity: Identity{From: `"A, B" <sips:a@example.org>`}, target: "bob@example.com", from: `"A, B" <sips:a@example.org>`},
		{
			name: "user", identity: Identity{User: "al ice", Password: "x"}, target: "sip:bob@example.com:5070;transport=tcp",
			from: "<sip:al%20ice@example.com>", domains: []string{"example.com"}, password: "x",
		},
		{
			name: "user and proxy", identity: Identity{User: "a", Password: "x", Proxy: "sip:p.example.net;transport=tcp"}, target: "bob@example.com",
			from: "<sip:a@example.com>", domains: []string{"p.example.net"}, password: "x", proxy: "sip:p.example.net;transport=tcp",
		},
		{
			name: "realm", identity: Identity{User: "a", Realm: "asterisk"}, target: "bob@example.com",
			from: "<sip:a@example.com>", realm: "asterisk", password: "from the environment",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			target, err := dum.Target(tt.target)
			if err != nil {
				t.Fatal(err)
			}
			p, err := tt.identity.Profile(env, target)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.From().String(); got != tt.from {
				t.Errorf("From %s, want %s", got, tt.from)
			}
			if p.OutboundProxy != tt.proxy {
				t.Errorf("proxy %q, want %q", p.OutboundProxy, tt.proxy)
			}
			if tt.password == "" {
				if len(p.Credentials) != 0 {
					t.Errorf("credentials %v", p.Credentials)
				}
				return
			}
			c := p.Credentials[0]
			if c.Realm != tt.realm || !slices.Equal(c.Domains, tt.domains) || c.Password != tt.password {
				t.Errorf("credential %v with password %q", c, c.Password)
			}
		})
	}
}

func TestHint(t *testing.T) {
	refusal := func(code int, header string) *sip.Status {
		m, err := sip.Parse(fmt.Sprintf("SIP/2.0 %d No\r\n%sContent-Length: 0\r\n\r\n", code, header), sip.Limits{})
		if m == nil {
			t.Fatal(err)
		}
		return &sip.Status{Code: code, Response: m}
	}
	const www, proxy = "WWW-Authenticate: Digest realm=\"r\", nonce=\"1\"\r\n", "Proxy-Authenticate: Digest realm=\"r\", nonce=\"1\"\r\n"
	for _, tt := range []struct {
		identity Identity
		status   *sip.Status
		want     string
	}{
		{Identity{}, sip.NewStatus(401, ""), ""},
		{Identity{}, refusal(486, ""), ""},
		{Identity{}, refusal(401, ""), ""},
		{Identity{}, refusal(407, www), ""},
		{Identity{}, refusal(401, www), "try --user"},
		{Identity{}, refusal(407, proxy), "try --user"},
		{Identity{User: "a", Realm: "q"}, refusal(407, proxy), `names realm "r", --realm says "q"`},
		{Identity{User: "a", Realm: "r"}, refusal(407, proxy), "the password was not accepted"},
		{Identity{User: "a"}, refusal(407, proxy), "the password was not accepted"},
	} {
		if got := tt.identity.Hint(tt.status); !strings.Contains(got, tt.want) || (tt.want == "") != (got == "") {
			t.Errorf("%+v on %v: %q, want %q", tt.identity, tt.status, got, tt.want)
		}
	}
}
