package profile

import (
	"strings"
	"testing"
	"time"

	"dum/credential"
	"dum/sip"
)

func TestTimes(t *testing.T) {
	get := map[string]func(p *Profile) time.Duration{
		"StaleCall":     (*Profile).StaleCallTime,
		"StaleReinvite": (*Profile).StaleReinviteTime,
		"Provisional":   (*Profile).ProvisionalTime,
	}
	for _, tt := range []struct {
		name string
		set  func(p *Profile, d time.Duration)
		def  time.Duration
	}{
		{"StaleCall", func(p *Profile, d time.Duration) { p.StaleCall = d }, 180 * time.Second},
		{"StaleReinvite", func(p *Profile, d time.Duration) { p.StaleReinvite = d }, 40 * time.Second},
		{"Provisional", func(p *Profile, d time.Duration) { p.Provisional = d }, 60 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, c := range []struct{ set, want time.Duration }{
				{0, tt.def}, {-1, 0}, {time.Hour, time.Hour},
			} {
				var p Profile
				tt.set(&p, c.set)
				if got := get[tt.name](&p); got != c.want {
					t.Errorf("%v resolved to %v, want %v", c.set, got, c.want)
				}
			}
		})
	}
}

func TestFrom(t *testing.T) {
	for _, tt := range []struct{ aor, display, want string }{
		{"", "", `"Anonymous" <sip:anonymous@anonymous.invalid>`},
		{"", "Somebody", `"Somebody" <sip:anonymous@anonymous.invalid>`},
		{"sip:alice@example.com", "", `<sip:alice@example.com>`},
		{"sips:alice@example.com", `A "l"`, `"A \"l\"" <sips:alice@example.com>`},
		{"tel:+4930123", "", `<tel:+4930123>`},
		{"nonsense", "", `"Anonymous" <sip:anonymous@anonymous.invalid>`},
	} {
		p := Profile{AOR: tt.aor, Display: tt.display}
		if got := p.From().String(); got != tt.want {
			t.Errorf("From of %q, %q is %s, want %s", tt.aor, tt.display, got, tt.want)
		}
	}
}

func TestUser(t *testing.T) {
	for aor, want := range map[string]string{
		"": "", "sip:example.com": "", "sip:j%40doe@example.com": "j%40doe", "tel:+1": "", "?": "",
	} {
		if got := (&Profile{AOR: aor}).User(); got != want {
			t.Errorf("User of %q is %q, want %q", aor, got, want)
		}
	}
}

func TestProxy(t *testing.T) {
	for _, tt := range []struct {
		proxy, want string
	}{
		{"", ""},
		{"sip:p.example.com", "sip:p.example.com;lr"},
		{"sip:p.example.com:5070;transport=tcp;lr", "sip:p.example.com:5070;transport=tcp;lr"},
		{"sips:[2001:db8::1]", "sips:[2001:db8::1];lr"},
		{"::", ""},
	} {
		u, ok := (&Profile{OutboundProxy: tt.proxy}).Proxy()
		got := ""
		if ok {
			got = u.String()
		}
		if got != tt.want {
			t.Errorf("Proxy of %q is %q, want %q", tt.proxy, got, tt.want)
		}
	}
}

func TestValidate(t *testing.T) {
	for _, tt := range []struct {
		name string
		p    Profile
		want string // "" is fine
	}{
		{"zero", Profile{}, ""},
		{"full", Profile{AOR: "sip:a@b", OutboundProxy: "sip:p;transport=tcp", ContactHost: "[::1]", ContactPort: 5060}, ""},
		{"aor", Profile{AOR: "alice"}, "AOR"},
		{"proxy", Profile{OutboundProxy: "proxy"}, "OutboundProxy"},
		{"proxy scheme", Profile{OutboundProxy: "tel:+1"}, "neither sip nor sips"},
		{"contact", Profile{ContactHost: "a:5060"}, "ContactHost"},
		{"contact injection", Profile{ContactHost: "a>\r\nX: y"}, "ContactHost"},
		{"port alone", Profile{ContactPort: 5060}, "ContactPort"},
		{"two", Profile{AOR: "a", OutboundProxy: "p"}, "OutboundProxy"},
	} {
		err := tt.p.Validate()
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: error %v, want one about %q", tt.name, err, tt.want)
		}
	}
}

func TestClone(t *testing.T) {
	p := &Profile{
		AOR:         "sip:alice@example.com",
		Credentials: []credential.Digest{{Realm: "a", HA1: map[credential.Algorithm]string{credential.MD5: "1"}, Domains: []string{"d"}}},
		Headers:     []sip.Field{{Name: "X-A", Value: "1"}},
		StaleCall:   time.Second,
	}
	c := p.Clone()
	c.AOR = "sip:bob@example.com"
	c.Credentials[0].Realm = "b"
	c.Credentials[0].HA1[credential.MD5] = "2"
	c.Credentials[0].Domains[0] = "e"
	c.Headers[0].Value = "2"
	cred := p.Credentials[0]
	if p.AOR != "sip:alice@example.com" || cred.Realm != "a" || cred.HA1[credential.MD5] != "1" ||
		cred.Domains[0] != "d" || p.Headers[0].Value != "1" {
		t.Errorf("changing the clone changed the original: %+v", p)
	}
	if c.StaleCall != time.Second {
		t.Errorf("the clone lost a setting: %+v", c)
	}
	if (&Profile{}).Clone() == nil {
		t.Error("no clone of the zero profile")
	}
}
