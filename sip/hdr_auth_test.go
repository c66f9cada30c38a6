package sip

import "testing"

func TestChallenges(t *testing.T) {
	const spec = `Digest realm="atlanta.com", domain="sip:ss1.carrier.com", qop="auth,auth-int", ` +
		`nonce="f84f1cec41e6cbe5aea9c8e88d359", opaque="", stale=FALSE, algorithm=MD5`
	text := func(s string) AuthParams { return AuthParams(s[len("Digest "):]) }
	canonical := func(wire, want string) headerCase {
		return headerCase{wire, func(t *testing.T) {
			c, err := WWWAuthenticate.Get(withHeaders(t, "WWW-Authenticate: "+wire))
			if err != nil || c.String() != want {
				t.Errorf("%q, %v; want %q", c, err, want)
			}
		}}
	}
	runCases(t, []headerCase{
		same(WWWAuthenticate, spec, Challenge{"Digest", text(spec)}),
		same(ProxyAuthenticate, `Bearer authz_server="https://as.example/", scope="a b"`, Challenge{"Bearer", `authz_server="https://as.example/", scope="a b"`}),
		same(WWWAuthenticate, `Other a=b, C="d"`, Challenge{"Other", `a=b, C="d"`}),
		// What peers get wrong is put right on the way out.
		canonical(`digest REALM="a\"b",NONCE=f84f , Qop=auth , Algorithm="MD5",stale="true"`,
			`digest realm="a\"b", nonce="f84f", qop="auth", algorithm=MD5, stale=true`),
		canonical(`Digest realm="a" nonce="b"`, `Digest realm="a", nonce="b"`),
		canonical(`Digest ,realm="a",, nonce="b",`, `Digest realm="a", nonce="b"`),
		canonical(`Digest realm=a b, nonce=,opaque="x,y"`, `Digest realm="a b", nonce="", opaque="x,y"`),
		canonical(`Digest qop=auth,auth-int, realm="a"`, `Digest qop="auth,auth-int", realm="a"`),
		canonical(`Digest realm="a", algorithm=SHA-512-256, userhash=true, charset=UTF-8`,
			`Digest realm="a", algorithm=SHA-512-256, userhash=true, charset=UTF-8`),
		rejects(WWWAuthenticate, ""),
		rejects(WWWAuthenticate, `realm="a", nonce="b"`),
		rejects(WWWAuthenticate, `Digest realm="a`),
		rejects(WWWAuthenticate, `Digest realm="a", nonsense`),
		rejects(WWWAuthenticate, `Digest ="a"`),
		// RFC 3261 §7.3.1 does not let challenges share a line.
		rejects(ProxyAuthenticate, `Digest realm="a", Digest realm="b"`),
	})
}

// TestSeveralChallenges: RFC 8760: one line for each algorithm, the one
// that the server likes best first.
func TestSeveralChallenges(t *testing.T) {
	m := withHeaders(t,
		`WWW-Authenticate: Digest realm="a, b", nonce="1", algorithm=SHA-256`,
		`WWW-Authenticate: bad`+"\x01",
		`WWW-Authenticate: Digest realm="a, b", nonce="2", algorithm=MD5`)
	var got []string
	for c, err := range WWWAuthenticate.All(m) {
		if err != nil {
			got = append(got, "error")
			continue
		}
		if !c.Is("DIGEST") || c.Get("Realm") != "a, b" {
			t.Error(c)
		}
		got = append(got, c.Get("algorithm"))
	}
	if len(got) != 3 || got[0] != "SHA-256" || got[1] != "error" || got[2] != "MD5" {
		t.Error(got)
	}
}

func TestCredentials(t *testing.T) {
	const spec = `Digest username="bob", realm="biloxi.com", nonce="dcd98b7102dd", uri="sip:bob@biloxi.com", ` +
		`qop=auth, nc=00000001, cnonce="0a4f113b", response="6629fae49393a053", opaque="5ccc069c"`
	runCases(t, []headerCase{
		same(Authorization, spec, Credentials{Scheme: "Digest", Params: AuthParams(spec[7:])}),
		same(ProxyAuthorization, "Bearer eyJh.e30._-~+/==", Credentials{Scheme: "Bearer", Token: "eyJh.e30._-~+/=="}),
		same(Authorization, "Bearer abc", Credentials{Scheme: "Bearer", Token: "abc"}),
		same(Authorization, "NoOneKnowsThisScheme opaque-data=here", Credentials{Scheme: "NoOneKnowsThisScheme", Params: "opaque-data=here"}),
		same(Authorization, `Digest username*=UTF-8''J%C3%A4, realm="a"`, Credentials{Scheme: "Digest", Params: `username*=UTF-8''J%C3%A4, realm="a"`}),
		rejects(Authorization, ""),
		rejects(Authorization, `Digest username="bob`),
		rejects(Authorization, `Digest a b`),
		rejects(Authorization, `"Digest" a=b`),
	})
	bearer := Credentials{Scheme: "bearer", Token: "abc"}
	if !bearer.Is("Bearer") || bearer.Is("Digest") || !(Credentials{}).Is("digest") || !(Challenge{}).Is("digest") {
		t.Error("schemes are confused")
	}
	c, err := ParseCredentials(`Digest username=bob,cnonce=0a4f,qop="auth",nc="00000001",uri=sip:a@b;c=d`)
	if want := `Digest username="bob", cnonce="0a4f", qop=auth, nc=00000001, uri="sip:a@b;c=d"`; err != nil || c.String() != want || c.Get("NC") != "00000001" || c.Get("realm") != "" {
		t.Errorf("%s, %v; want %s", c, err, want)
	}
}

func TestAuthenticationInfo(t *testing.T) {
	runCases(t, []headerCase{
		same(AuthenticationInfo, `nextnonce="47", qop=auth, rspauth="66", cnonce="0a", nc=00000001`,
			AuthParams(`nextnonce="47", qop=auth, rspauth="66", cnonce="0a", nc=00000001`)),
		rejects(AuthenticationInfo, ""),
		rejects(AuthenticationInfo, ","),
		rejects(AuthenticationInfo, "nextnonce"),
	})
	p, err := AuthenticationInfo.Get(withHeaders(t, `Authentication-Info: NextNonce="a\"b", qop=auth`))
	if v, ok := p.Get("nextnonce"); v != `a"b` || !ok || err != nil || p.Has("nc") {
		t.Error(v, ok, err)
	}
}

func TestAuthParamsEdit(t *testing.T) {
	c := Challenge{}.With("realm", `a"b`+"\r\nEvil: 1").With("nonce", "x").With("qop", "auth,auth-int").
		With("algorithm", "MD5").With("x-y", "z").With("NONCE", "y")
	if got, want := c.String(), `Digest realm="a\"bEvil: 1", nonce="y", qop="auth,auth-int", algorithm=MD5, x-y="z"`; got != want {
		t.Errorf("%s; want %s", got, want)
	}
	c.Params = c.Params.Without("Realm").Without("x-y").Without("none")
	if got, want := c.String(), `Digest nonce="y", qop="auth,auth-int", algorithm=MD5`; got != want {
		t.Errorf("%s; want %s", got, want)
	}
	if got := (Credentials{Params: `qop="auth"`}).With("username", "bob").With("qop", "auth-int").String(); got != `Digest qop=auth-int, username="bob"` {
		t.Error(got)
	}
	if got := (Credentials{Scheme: "Bearer", Token: "a b\r\nc,d=\"e\""}).String(); got != "Bearer abcd=e" {
		t.Error(got)
	}
	var names []string
	for n, v := range AuthParams(`a="1,\"2", b=3 , broken, c=4`).All() {
		names = append(names, n+"="+v)
	}
	if len(names) != 2 || names[0] != `a=1,"2` || names[1] != "b=3" {
		t.Errorf("%q", names)
	}
}
