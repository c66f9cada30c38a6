package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"dum"
	"dum/credential"
	"dum/sip"
)

// passwordEnv is where a password may stand that shall not show up in the
// list of processes.
const passwordEnv = "DUM_PASSWORD"

// An Identity is the flags that say who asks, and through whom.
type Identity struct {
	From, Proxy           string
	User, Password, Realm string
}

// Flags registers the flags.
func (i *Identity) Flags(fs *pflag.FlagSet) {
	fs.StringVar(&i.From, "from", "", "who we are, the From of requests, an `address`: alice@example.com or '\"Alice\" <sip:alice@example.com>' (default: anonymous, or --user at the target's host)")
	fs.StringVar(&i.Proxy, "proxy", "", "send requests through the proxy at this `URI`, such as 'sip:proxy.example.com;transport=tcp'")
	fs.StringVar(&i.User, "user", "", "user `name` to answer digest challenges with")
	fs.StringVar(&i.Password, "password", "", "the `password` of --user (default: the environment variable "+passwordEnv+")")
	fs.StringVar(&i.Realm, "realm", "", "answer challenges of this `realm` only (default: any realm, but only to the host of the target, or of --proxy)")
}

// CredentialHelp is the paragraph on --user for the help of a command.
const CredentialHelp = `Who gets the password's digest: a stranger who is sent a digest can guess the
password at leisure, so only those you named get one. Without --realm that is
the host your request goes to first, whatever realm it names: the target's, or
with --proxy the proxy's, for the first request of a call and for the realms it
met then. With --realm it is that realm, wherever the challenge comes from.`

// Profile makes the profile for requests to target.
func (i *Identity) Profile(env *Env, target sip.URI) (*dum.Profile, error) {
	p := &dum.Profile{UserAgent: "dum"}
	first := target.Host
	if i.Proxy != "" {
		proxy, err := dum.Target(i.Proxy)
		if err != nil || !proxy.IsSIP() {
			return nil, Usagef("--proxy %q is not a SIP URI", i.Proxy)
		}
		p.OutboundProxy, first = proxy.String(), proxy.Host
	}
	password := i.Password
	if password == "" && i.User != "" {
		password = env.Getenv(passwordEnv)
	}
	switch {
	case i.User == "" && (i.Password != "" || i.Realm != ""):
		return nil, Usagef("--password and --realm need --user")
	case i.User != "" && password == "":
		return nil, Usagef("--user needs --password, or the environment variable %s", passwordEnv)
	case i.User != "":
		c := credential.Digest{Realm: i.Realm, Username: i.User, Password: password}
		if c.Realm == "" {
			c.Domains = []string{first}
		}
		p.Credentials = []credential.Digest{c}
	}
	if err := i.from(p, target); err != nil {
		return nil, err
	}
	if err := p.Validate(); err != nil {
		return nil, Usagef("%w", err)
	}
	return p, nil
}

// from fills in who we are.
func (i *Identity) from(p *dum.Profile, target sip.URI) error {
	switch {
	case strings.Contains(i.From, "<"):
		a, err := sip.ParseAddr(i.From)
		if err != nil {
			return Usagef("--from: %w", err)
		}
		p.AOR, p.Display = a.URI.String(), a.Display
	case i.From != "":
		u, err := dum.Target(i.From)
		if err != nil {
			return Usagef("--from %q is not an address", i.From)
		}
		p.AOR = u.String()
	case i.User != "" && target.IsSIP():
		p.AOR = fmt.Sprintf("%s:%s@%s", target.Scheme, sip.EscapeUser(i.User), target.Host)
	}
	return nil
}
