package auth

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"dum/credential"
	"dum/sip"
)

// request builds a request as a user agent sends it first.
func request(t testing.TB, method sip.Method, uri string, more ...string) *sip.Message {
	t.Helper()
	text := fmt.Sprintf("%s %s SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nFrom: <sip:alice@a>;tag=1\r\nTo: <%s>\r\n"+
		"Call-ID: 1\r\nCSeq: 1 %s\r\nContent-Length: 0\r\n%s\r\n", method, uri, uri, method, lines(more))
	m, err := sip.Parse(text, sip.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func lines(more []string) string {
	var b strings.Builder
	for _, l := range more {
		b.WriteString(l + "\r\n")
	}
	return b.String()
}

// challenged builds the response to req with these headers.
func challenged(req *sip.Message, code int, headers ...string) *sip.Message {
	resp := sip.NewResponse(req, code, "")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		sip.Named(name).Add(resp, value)
	}
	return resp
}

// sent reads the credentials for one realm out of a request.
func sent(t testing.TB, req *sip.Message, proxy bool, realm string) credentials {
	t.Helper()
	c, ok := sentTo(req, proxy, realm)
	if !ok {
		t.Fatalf("no credentials for realm %q in\n%s", realm, req)
	}
	return c
}

var bob = []credential.Digest{{Realm: "biloxi.com", Username: "bob", Password: "zanzibar"}}

const www = `WWW-Authenticate: Digest realm="biloxi.com", nonce="%s", opaque="op", qop="auth,auth-int"`

func TestClientAnswers(t *testing.T) {
	var c Client
	req := request(t, "INVITE", "sip:bob@biloxi.com")
	again, err := c.Challenged(req, challenged(req, 401, fmt.Sprintf(www, "n1")), bob)
	if !again || err != nil {
		t.Fatalf("again %v, %v", again, err)
	}
	c.Authorize(req)
	text := req.String()
	_, line, _ := strings.Cut(text, "\r\nAuthorization: ")
	line, _, _ = strings.Cut(line, "\r\n")
	cr := sent(t, req, false, "biloxi.com")
	// RFC 3261 §25.1: algorithm, qop and nc without quotes, nc of eight digits.
	want := fmt.Sprintf(`Digest username="bob", realm="biloxi.com", nonce="n1", uri="sip:bob@biloxi.com", response="%s", `+
		`cnonce="%s", opaque="op", qop=auth, nc=00000001`, cr.response, cr.cnonce)
	if line != want {
		t.Errorf("sent\n%s\nwant\n%s", line, want)
	}
	check(t, req, cr, bob[0])
	if len(cr.cnonce) < 16 {
		t.Errorf("cnonce %q is short", cr.cnonce)
	}

	// Later requests of the set use the nonce again, each count once.
	bye := request(t, "BYE", "sip:bob@192.0.2.4")
	c.Authorize(bye)
	second := sent(t, bye, false, "biloxi.com")
	if second.nc != 2 || second.uri != "sip:bob@192.0.2.4" || second.cnonce == cr.cnonce {
		t.Errorf("second use: %+v", second)
	}
	check(t, bye, second, bob[0])
}

// check computes the response of what was sent anew.
func check(t *testing.T, req *sip.Message, cr credentials, cred credential.Digest) {
	t.Helper()
	want, err := respond(req, &challenge{realm: cr.realm, nonce: cr.nonce, algorithm: cr.algorithm}, &cred, cr)
	if err != nil || want.response != cr.response {
		t.Errorf("response %s, %v, want %s", cr.response, err, want.response)
	}
}

// TestClientMethods: a challenge of any method is answered the same way, and
// ACK and CANCEL get nothing.
func TestClientMethods(t *testing.T) {
	for _, m := range []sip.Method{"INVITE", "BYE", "OPTIONS", "REGISTER", "SUBSCRIBE", "NOTIFY", "REFER", "MESSAGE", "UPDATE", "PRACK", "INFO", "PUBLISH"} {
		for _, proxy := range []bool{false, true} {
			code, header := 401, strings.Clone(www)
			if proxy {
				code, header = 407, strings.Replace(www, "WWW", "Proxy", 1)
			}
			var c Client
			req := request(t, m, "sip:bob@biloxi.com")
			if again, err := c.Challenged(req, challenged(req, code, fmt.Sprintf(header, "n")), bob); !again || err != nil {
				t.Fatalf("%s %d: again %v, %v", m, code, again, err)
			}
			c.Authorize(req)
			check(t, req, sent(t, req, proxy, "biloxi.com"), bob[0])
			for _, quiet := range []sip.Method{"ACK", "CANCEL"} {
				other := request(t, quiet, "sip:bob@biloxi.com")
				c.Authorize(other)
				if sip.Named("Authorization").Has(other) || sip.Named("Proxy-Authorization").Has(other) {
					t.Errorf("credentials in\n%s", other)
				}
			}
		}
	}
}

// TestClientPicks: which of the challenges in one response are answered, and
// how.
func TestClientPicks(t *testing.T) {
	creds := []credential.Digest{
		{Realm: "a", Username: "alice", Password: "pa"},
		{Realm: "b", Username: "bob", Password: "pb"},
		{Realm: "h", Username: "hal", HA1: map[credential.Algorithm]string{credential.MD5: "0123456789abcdef0123456789abcdef"}},
		{Realm: "", Username: "nobody", Password: "p"},
	}
	for _, tt := range []struct {
		name    string
		headers []string
		want    string // kind:realm:algorithm:qop of each answer
		err     error
	}{
		{"topmost supported algorithm", []string{
			`WWW-Authenticate: Digest realm="a", nonce="1", algorithm=SHA3-512, qop="auth"`,
			`WWW-Authenticate: Digest realm="a", nonce="2", algorithm=SHA-512-256, qop="auth"`,
			`WWW-Authenticate: Digest realm="a", nonce="3", algorithm=MD5, qop="auth"`}, "www:a:SHA-512-256:auth", nil},
		{"server prefers MD5", []string{
			`WWW-Authenticate: Digest realm="a", nonce="1", algorithm=md5`,
			`WWW-Authenticate: Digest realm="a", nonce="2", algorithm=SHA-256`}, "www:a:md5:", nil},
		{"hash for MD5 only", []string{
			`WWW-Authenticate: Digest realm="h", nonce="1", algorithm=SHA-256`,
			`WWW-Authenticate: Digest realm="h", nonce="2"`}, "www:h::", nil},
		{"two realms of both kinds", []string{
			`WWW-Authenticate: Digest realm="a", nonce="1"`,
			`Proxy-Authenticate: Digest realm="b", nonce="2"`}, "www:a:: proxy:b::", nil},
		{"two proxies", []string{
			`Proxy-Authenticate: Digest realm="a", nonce="1"`,
			`Proxy-Authenticate: Digest realm="b", nonce="2"`}, "proxy:a:: proxy:b::", nil},
		{"two in one line", []string{
			`Proxy-Authenticate: Digest realm="a", nonce="1",qop="auth" , Digest nonce="2",realm="b"`}, "proxy:a::auth proxy:b::", nil},
		{"another scheme first", []string{
			`WWW-Authenticate: Basic realm="a"`,
			`WWW-Authenticate: Bearer realm="a", scope="x", digest  Realm = "a" ,NONCE="1" `}, "www:a::", nil},
		{"a realm that nobody knows", []string{
			`WWW-Authenticate: Digest realm="evil", nonce="1"`,
			`Proxy-Authenticate: Digest realm="b", nonce="2"`}, "proxy:b::", nil},
		{"only auth-int", []string{`WWW-Authenticate: Digest realm="a", nonce="1", qop="auth-int"`}, "www:a::auth-int", nil},
		{"auth behind white space", []string{`WWW-Authenticate: Digest realm="a", nonce="1", qop="auth-int , AUTH"`}, "www:a::auth", nil},
		{"qop without quotes", []string{`WWW-Authenticate: Digest realm="a", nonce="1", qop=auth`}, "www:a::auth", nil},
		{"empty qop", []string{`WWW-Authenticate: Digest realm="a", nonce="1", qop=""`}, "www:a::", nil},

		{"foreign realm", []string{`WWW-Authenticate: Digest realm="evil", nonce="1"`}, "", ErrNoCredential},
		{"empty realm", []string{`WWW-Authenticate: Digest realm="", nonce="1"`}, "", ErrNoCredential},
		{"realm in another case", []string{`WWW-Authenticate: Digest realm="A", nonce="1"`}, "", ErrNoCredential},
		{"unknown algorithm", []string{`WWW-Authenticate: Digest realm="a", nonce="1", algorithm=MD5-sess`}, "", ErrUnsupported},
		{"unknown qop", []string{`WWW-Authenticate: Digest realm="a", nonce="1", qop="conf"`}, "", ErrUnsupported},
		{"no nonce", []string{`WWW-Authenticate: Digest realm="a"`}, "", ErrMalformed},
		{"no realm", []string{`WWW-Authenticate: Digest nonce="a"`}, "", ErrMalformed},
		{"no challenge", nil, "", ErrNoChallenge},
		{"only another scheme", []string{`WWW-Authenticate: Basic realm="a"`}, "", ErrNoChallenge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var c Client
			req := request(t, "INVITE", "sip:x@y")
			again, err := c.Challenged(req, challenged(req, 401, tt.headers...), creds)
			if again != (tt.err == nil) || !errors.Is(err, tt.err) {
				t.Fatalf("again %v, error %v, want %v", again, err, tt.err)
			}
			c.Authorize(req)
			var got []string
			for _, kind := range []string{"www", "proxy"} {
				for o := range digests(req, answersIn(kind == "proxy")) {
					cr, ok := parseCredentials(o)
					if !ok {
						t.Errorf("malformed: %v", o)
					}
					got = append(got, strings.Join([]string{kind, cr.realm, cr.algorithm, cr.qop}, ":"))
				}
			}
			if have := strings.Join(got, " "); have != tt.want {
				t.Errorf("answered %q, want %q", have, tt.want)
			}
		})
	}
}

// TestClientAgain: what comes of challenges to requests that had credentials.
func TestClientAgain(t *testing.T) {
	const stale, plain = `, stale=TRUE`, ``
	type step struct {
		nonce, more string
		again       bool
	}
	for _, tt := range []struct {
		name  string
		steps []step
	}{
		{"wrong password, same nonce", []step{{"1", plain, true}, {"1", plain, false}}},
		{"wrong password, new nonces", []step{{"1", plain, true}, {"2", plain, true}, {"3", plain, false}}},
		{"stale", []step{{"1", plain, true}, {"2", stale, true}}},
		{"stale for ever", []step{{"1", stale, true}, {"2", stale, true}, {"3", stale, false}}},
		{"stale with the same nonce", []step{{"1", plain, true}, {"1", stale, false}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, qop := range []string{"", `, qop="auth"`} {
				var c Client
				req := request(t, "INVITE", "sip:x@y")
				for i, s := range tt.steps {
					resp := challenged(req, 401, `WWW-Authenticate: Digest realm="biloxi.com", nonce="`+s.nonce+`"`+s.more+qop)
					again, err := c.Challenged(req, resp, bob)
					if again != s.again || again == (err != nil) || err != nil && !errors.Is(err, ErrRejected) {
						t.Fatalf("step %d: again %v, %v", i, again, err)
					}
					req = req.Clone()
					c.Authorize(req)
				}
				last := tt.steps[len(tt.steps)-1]
				if !last.again {
					if next := request(t, "BYE", "sip:x@y"); true {
						if c.Authorize(next); sip.Named("Authorization").Has(next) {
							t.Error("a refused credential is used again")
						}
					}
				} else if cr := sent(t, req, false, "biloxi.com"); cr.nonce != last.nonce || qop != "" && cr.nc != 1 {
					t.Errorf("answered with %+v", cr)
				}
			}
		})
	}
}

// TestClientOneTimeNonces: a server that takes each nonce once, and does not
// say stale, is served for as long as it likes.
func TestClientOneTimeNonces(t *testing.T) {
	for _, qop := range []string{"", `, qop="auth"`} {
		var c Client
		for i := range 20 {
			req := request(t, "INFO", "sip:x@y")
			c.Authorize(req)
			resp := challenged(req, 401, fmt.Sprintf(`WWW-Authenticate: Digest realm="biloxi.com", nonce="n%d"%s`, i, qop))
			if again, err := c.Challenged(req, resp, bob); !again {
				t.Fatalf("request %d: %v", i, err)
			}
			c.Authorize(req)
			if cr := sent(t, req, false, "biloxi.com"); cr.nonce != fmt.Sprintf("n%d", i) {
				t.Fatalf("request %d went with nonce %s", i, cr.nonce)
			}
		}
	}
}

func TestClientReplaces(t *testing.T) {
	var c Client
	req := request(t, "INVITE", "sip:x@y", `Authorization: Digest username="", realm="ims", nonce="", uri="sip:x", response=""`)
	for _, nonce := range []string{"1", "2"} {
		if again, err := c.Challenged(req, challenged(req, 401, fmt.Sprintf(www, nonce)), bob); !again {
			t.Fatal(err)
		}
		req = req.Clone()
		c.Authorize(req)
		var realms []string
		for o := range digests(req, answersIn(false)) {
			cr, _ := parseCredentials(o)
			realms = append(realms, cr.realm+"/"+cr.nonce)
		}
		if got := strings.Join(realms, " "); got != "biloxi.com/"+nonce+" ims/" {
			t.Errorf("after nonce %s the request has %s", nonce, got)
		}
	}
	c.Forget()
	next := request(t, "BYE", "sip:x@y")
	if c.Authorize(next); sip.Named("Authorization").Has(next) {
		t.Error("credentials after Forget")
	}
}

// TestClientManyRealms: a peer that names ever new realms is given up.
func TestClientManyRealms(t *testing.T) {
	var creds []credential.Digest
	for i := range 20 {
		creds = append(creds, credential.Digest{Realm: fmt.Sprint(i), Username: "u", Password: "p"})
	}
	var c Client
	req := request(t, "INVITE", "sip:x@y")
	tries := 0
	for i := range 20 {
		resp := challenged(req, 407, fmt.Sprintf(`Proxy-Authenticate: Digest realm="%d", nonce="n"`, i))
		if again, err := c.Challenged(req, resp, creds); !again {
			if !errors.Is(err, ErrRejected) {
				t.Error(err)
			}
			break
		}
		tries++
		req = req.Clone()
		c.Authorize(req)
	}
	if tries != maxRealms {
		t.Errorf("%d tries, want %d", tries, maxRealms)
	}
}

// TestClientDomains: a credential for domains instead of a realm.
func TestClientDomains(t *testing.T) {
	creds := []credential.Digest{{Username: "alice", Password: "p", Domains: []string{"Example.com", "[2001:db8::1]"}}}
	const route = "Route: <sip:example.com;lr>"
	for _, tt := range []struct {
		name, uri, header string
		want              bool
	}{
		{"Request-URI", "sip:bob@example.COM", "", true},
		{"IPv6", "sip:bob@[2001:db8::1]", "", true},
		{"elsewhere", "sip:bob@evil.com", "", false},
		{"below", "sip:bob@evil.example.com", "", false},
		{"by route", "sip:bob@evil.com", route, true},
		{"by another route", "sip:bob@example.com", "Route: <sip:evil.com;lr>", false},
		{"tel by route", "tel:+1", route, true},
		{"tel", "tel:+1", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := request(t, "INVITE", tt.uri, tt.header+"\r\nX: y")
			if tt.header == "" {
				req = request(t, "INVITE", tt.uri)
			}
			var c Client
			again, err := c.Challenged(req, challenged(req, 401, fmt.Sprintf(www, "1")), creds)
			if again != tt.want || !again && !errors.Is(err, ErrNoCredential) {
				t.Errorf("again %v, %v", again, err)
			}
		})
	}

	// A dialog that a stranger opened: his challenge of our BYE gets nothing.
	var c Client
	bye := request(t, "BYE", "sip:mallory@example.com")
	bye.SetToTag("theirs")
	if again, _ := c.Challenged(bye, challenged(bye, 407, strings.Replace(fmt.Sprintf(www, "1"), "WWW", "Proxy", 1)), creds); again {
		t.Error("a stranger's challenge within his dialog is answered")
	}

	// A dialog of ours: what our first request met may be asked again.
	req := request(t, "INVITE", "sip:bob@example.com")
	if again, err := c.Challenged(req, challenged(req, 401, fmt.Sprintf(www, "1")), creds); !again {
		t.Fatal(err)
	}
	if again, err := c.Challenged(bye, challenged(bye, 401, fmt.Sprintf(www, "2")), creds); !again {
		t.Errorf("the realm of our own call is not answered in its dialog: %v", err)
	}
}
