package sip

import "time"

// Parameters of contacts: RFC 3261 §20.10, outbound (RFC 5626), GRUU (RFC 5627)
// and push (RFC 8599).

// Expires returns the expires parameter of a Contact; ok is false when it is
// missing or malformed. RFC 3261 §20.10: "Malformed values SHOULD be treated as
// equivalent to 3600."
func (a Addr) Expires() (d time.Duration, ok bool) { return a.Params.Seconds("expires") }

// WithExpires returns a with its expires parameter set, in whole seconds.
func (a Addr) WithExpires(d time.Duration) Addr {
	a.Params = a.Params.WithSeconds("expires", d)
	return a
}

// WithQ returns a with its q parameter set.
func (a Addr) WithQ(q float32) Addr {
	a.Params = a.Params.WithQ(q)
	return a
}

const instanceTag = "+sip.instance"

// Instance returns the instance ID of a Contact, usually a URN; "" when there
// is none (RFC 5626 §4.1).
func (a Addr) Instance() string {
	s, _ := a.Params.Get(instanceTag)
	return cutBrackets(s)
}

// WithInstance returns a with an instance ID, such as "urn:uuid:…".
func (a Addr) WithInstance(urn string) Addr {
	a.Params = a.Params.WithFeature(instanceTag, Feature("<"+urn+">"))
	return a
}

// RegID returns the reg-id of a Contact, which tells the flows of one instance
// apart. ok is false when it is missing or, by RFC 5626, not between 1
// and 2^31-1.
func (a Addr) RegID() (n uint32, ok bool) {
	n, ok = a.Params.Uint("reg-id")
	return n, ok && n > 0 && n < 1<<31
}

// WithRegID returns a with its reg-id set.
func (a Addr) WithRegID(n uint32) Addr {
	a.Params = a.Params.WithUint("reg-id", n)
	return a
}

// PubGRUU returns the public GRUU that a registrar gave this Contact, as text
// for [ParseURI]; "" when there is none.
func (a Addr) PubGRUU() string {
	s, _ := a.Params.Get("pub-gruu")
	return s
}

// TempGRUU returns the temporary GRUU that a registrar gave this Contact, as
// text for [ParseURI]; "" when there is none.
func (a Addr) TempGRUU() string {
	s, _ := a.Params.Get("temp-gruu")
	return s
}

// WithGRUU returns a with its pub-gruu and temp-gruu set, as a registrar does;
// a zero URI leaves its parameter out.
func (a Addr) WithGRUU(pub, temp URI) Addr {
	for _, g := range []struct {
		name string
		uri  URI
	}{{"pub-gruu", pub}, {"temp-gruu", temp}} {
		if a.Params = a.Params.Without(g.name); !g.uri.IsZero() {
			a.Params = a.Params.WithQuoted(g.name, g.uri.String())
		}
	}
	return a
}

// GRUU returns the gr parameter. ok tells a GRUU from other URIs; the value is
// empty in a temporary one (RFC 5627).
func (u URI) GRUU() (instance string, ok bool) { return u.Param("gr") }

// Outbound reports whether the URI has the ob parameter: requests to it are to
// go over the flow it came by (RFC 5626).
func (u URI) Outbound() bool { return u.Params.Has("ob") }

// WithOutbound returns u with the ob parameter.
func (u URI) WithOutbound() URI {
	u.Params = u.Params.Flag("ob")
	return u
}

// Push is how a sleeping user agent is woken: the pn- parameters of a SIP URI
// (RFC 8599).
type Push struct {
	Provider string // pn-provider: "apns", "fcm", "webpush"
	PRID     string // pn-prid: the device, in the words of the provider
	Param    string // pn-param: what else the provider needs
	PURR     string // pn-purr: a token of the proxy for requests within dialogs
}

// Push returns the push parameters of a URI; ok is false without a pn-provider
// or pn-purr parameter.
func (u URI) Push() (p Push, ok bool) {
	p.Provider, ok = u.Param("pn-provider")
	p.PRID, _ = u.Param("pn-prid")
	p.Param, _ = u.Param("pn-param")
	purr, has := u.Param("pn-purr")
	p.PURR = purr
	return p, ok || has
}

// WithPush returns u with those push parameters that p has.
func (u URI) WithPush(p Push) URI {
	for _, v := range []struct{ name, value string }{
		{"pn-provider", p.Provider}, {"pn-prid", p.PRID}, {"pn-param", p.Param}, {"pn-purr", p.PURR},
	} {
		if v.value != "" {
			u = u.WithParam(v.name, v.value)
		}
	}
	return u
}
