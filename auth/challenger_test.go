package auth

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dum/credential"
	"dum/sip"
)

// users is a look-up for alice, who has a password, and hal, who has a hash.
func users(user, realm string) (credential.Digest, bool) {
	switch user {
	case "alice":
		return credential.Digest{Password: "secret"}, true
	case "hal":
		cr, _ := respondA1(user, realm, "open")
		return credential.Digest{Realm: realm, HA1: map[credential.Algorithm]string{credential.MD5: cr}}, true
	}
	return credential.Digest{}, false
}

// answer lets a client answer a refusal of req.
func answer(t *testing.T, c *Client, req *sip.Message, st *sip.Status, creds []credential.Digest) *sip.Message {
	t.Helper()
	resp := sip.NewResponse(req, st.Code, "")
	for _, h := range st.Headers {
		sip.Named(h.Name).Add(resp, h.Value)
	}
	if again, err := c.Challenged(req, resp, creds); !again {
		t.Fatalf("not answered: %v\n%s", err, resp)
	}
	next := req.Clone()
	c.Authorize(next)
	return next
}

// stale tells whether a refusal is a challenge that says stale.
func stale(st *sip.Status) bool {
	return st != nil && len(st.Headers) > 0 && strings.Contains(st.Headers[0].Value, "stale=true")
}

func TestChallenger(t *testing.T) {
	for _, proxy := range []bool{false, true} {
		for _, algorithms := range [][]credential.Algorithm{nil, {credential.SHA512256}, {credential.SHA256, credential.MD5}, {credential.MD5}} {
			for _, qop := range [][]string{nil, {"auth-int"}, {"auth-int", "auth"}} {
				t.Run(fmt.Sprint(proxy, algorithms, qop), func(t *testing.T) {
					ch := &Challenger{Realm: `the "realm"`, Proxy: proxy, Algorithms: algorithms, QOP: qop}
					req := request(t, "INVITE", "sip:bob@biloxi.com")
					req.SetBody(sip.Body{Type: "text/plain", Data: "hello"})
					user, st := ch.Verify(req, users)
					if user != "" || st == nil || stale(st) || st.Code != map[bool]int{false: 401, true: 407}[proxy] {
						t.Fatalf("without credentials: %q, %v", user, st)
					}
					if want := max(len(algorithms), 1); len(st.Headers) != want && algorithms != nil {
						t.Errorf("%d challenges, want %d", len(st.Headers), want)
					}
					var c Client
					good := answer(t, &c, req, st, []credential.Digest{{Realm: `the "realm"`, Username: "alice", Password: "secret"}})
					if user, st = ch.Verify(good, users); user != "alice" || st != nil {
						t.Errorf("with credentials: %q, %v\n%s", user, st, good)
					}
					if slices.Equal(qop, []string{"auth-int"}) {
						good.SetBody(sip.Body{Type: "text/plain", Data: "hallo"})
						if user, st = ch.Verify(good, users); st == nil || stale(st) {
							t.Errorf("with another body: %q, %v", user, st)
						}
					}
					// The next request of the set needs no further challenge.
					c.Authorize(req)
					if user, st = ch.Verify(req, users); user != "alice" || st != nil {
						t.Errorf("second request: %q, %v", user, st)
					}
				})
			}
		}
	}
}

// TestChallengerRefuses: what does not pass.
func TestChallengerRefuses(t *testing.T) {
	const realm = "r"
	for _, tt := range []struct {
		name  string
		cred  credential.Digest
		spoil func(value string) string
		code  int
		stale bool
	}{
		{"good", credential.Digest{Username: "alice", Password: "secret"}, nil, 0, false},
		{"by hash", credential.Digest{Username: "hal", Password: "open"}, nil, 0, false},
		{"wrong password", credential.Digest{Username: "alice", Password: "Secret"}, nil, 401, false},
		{"unknown user", credential.Digest{Username: "mallory", Password: "?"}, nil, 401, false},
		{"other nonce", credential.Digest{Username: "alice", Password: "secret"}, sub(`nonce="`, `nonce="x`), 401, false},
		{"other URI", credential.Digest{Username: "alice", Password: "secret"}, sub(`uri="sip:bob`, `uri="sip:eve`), 400, false},
		{"URI that is none", credential.Digest{Username: "alice", Password: "secret"}, sub(`uri="sip:bob`, `uri=":`), 400, false},
		{"other count", credential.Digest{Username: "alice", Password: "secret"}, sub(`nc=00000001`, `nc=00000002`), 401, false},
		{"bad count", credential.Digest{Username: "alice", Password: "secret"}, sub(`nc=00000001`, `nc=x`), 400, false},
		{"no count", credential.Digest{Username: "alice", Password: "secret"}, sub(`nc=00000001`, `mc=00000001`), 400, false},
		{"other qop", credential.Digest{Username: "alice", Password: "secret"}, sub(`qop=auth`, `qop=conf`), 401, false},
		{"no response", credential.Digest{Username: "alice", Password: "secret"}, sub(`response=`, `reply=`), 400, false},
		{"algorithm not offered", credential.Digest{Username: "alice", Password: "secret"}, sub(`algorithm=MD5`, `algorithm=SHA-256`), 401, false},
		{"other realm", credential.Digest{Username: "alice", Password: "secret"}, sub(`realm="r"`, `realm="s"`), 401, false},
		{"other scheme", credential.Digest{Username: "alice", Password: "secret"}, sub(`Digest `, `Basic `), 401, false},
		{"upper case response", credential.Digest{Username: "alice", Password: "secret"}, upperResponse, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ch := &Challenger{Realm: realm, Algorithms: []credential.Algorithm{credential.MD5}}
			req := request(t, "INVITE", "sip:bob@biloxi.com")
			tt.cred.Realm = realm
			var c Client
			req = answer(t, &c, req, ch.Challenge(req), []credential.Digest{tt.cred})
			if tt.spoil != nil {
				h := sip.Named("Authorization")
				v, _ := h.Get(req)
				spoilt := tt.spoil(v)
				if spoilt == v {
					t.Fatalf("nothing spoilt in %s", v)
				}
				h.Set(req, spoilt)
			}
			user, st := ch.Verify(req, users)
			if tt.code == 0 {
				if user != tt.cred.Username || st != nil {
					t.Errorf("%q, %v", user, st)
				}
				return
			}
			if user != "" || st == nil || st.Code != tt.code || stale(st) != tt.stale {
				t.Errorf("%q, %v, want %d", user, st, tt.code)
			}
		})
	}
}

func sub(from, to string) func(string) string {
	return func(s string) string { return strings.Replace(s, from, to, 1) }
}

func upperResponse(s string) string {
	before, rest, _ := strings.Cut(s, `response="`)
	response, after, _ := strings.Cut(rest, `"`)
	return before + `response="` + strings.ToUpper(response) + `"` + after
}

// TestChallengerNonceLife: a nonce works one nanosecond short of its life, and
// then is stale, which the client mends by itself.
func TestChallengerNonceLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, life := range []time.Duration{0, time.Second, -1} {
			ch := &Challenger{Realm: "r", NonceLife: life}
			creds := []credential.Digest{{Realm: "r", Username: "alice", Password: "secret"}}
			var c Client
			first := answer(t, &c, request(t, "INVITE", "sip:x@y"), ch.Challenge(request(t, "INVITE", "sip:x@y")), creds)
			limit := life
			if limit == 0 {
				limit = 5 * time.Minute
			}
			if limit < 0 {
				time.Sleep(1000 * time.Hour)
				if user, st := ch.Verify(first, users); user != "alice" {
					t.Errorf("life %v: %v", life, st)
				}
				continue
			}
			time.Sleep(limit - 1)
			if user, st := ch.Verify(first, users); user != "alice" {
				t.Errorf("life %v, just before: %v", life, st)
			}
			time.Sleep(time.Nanosecond)
			next := request(t, "BYE", "sip:x@y")
			c.Authorize(next)
			_, st := ch.Verify(next, users)
			if !stale(st) {
				t.Fatalf("life %v, just after: %v", life, st)
			}
			next = answer(t, &c, next, st, creds)
			if user, st := ch.Verify(next, users); user != "alice" {
				t.Errorf("life %v, after the stale challenge: %v", life, st)
			}
		}
	})
}

// TestChallengerKey: a nonce is good for whoever has the key and the realm;
// with another key a right password gets a stale challenge, no more.
func TestChallengerKey(t *testing.T) {
	creds := []credential.Digest{{Realm: "r", Username: "alice", Password: "secret"}}
	one := &Challenger{Realm: "r", Key: []byte("key")}
	for _, tt := range []struct {
		name string
		two  *Challenger
		ok   bool
	}{
		{"same key", &Challenger{Realm: "r", Key: []byte("key")}, true},
		{"other key", &Challenger{Realm: "r", Key: []byte("kez")}, false},
		{"random key", &Challenger{Realm: "r"}, false},
	} {
		var c Client
		req := request(t, "INVITE", "sip:x@y")
		req = answer(t, &c, req, one.Challenge(req), creds)
		user, st := tt.two.Verify(req, users)
		if (user == "alice") != tt.ok || !tt.ok && !stale(st) {
			t.Errorf("%s: %q, %v", tt.name, user, st)
		}
	}
}

// TestChallengerReplay: no answer is taken twice, counts may overtake each
// other within the window, and wrong answers leave the window alone.
func TestChallengerReplay(t *testing.T) {
	ch := &Challenger{Realm: "r", Algorithms: []credential.Algorithm{credential.MD5}}
	creds := []credential.Digest{{Realm: "r", Username: "alice", Password: "secret"}}
	var c Client
	req := request(t, "INFO", "sip:x@y")
	first := answer(t, &c, req, ch.Challenge(req), creds)
	take := func(n uint32) bool {
		t.Helper()
		c.realms[0].nc = n - 1
		m := first.Clone()
		c.Authorize(m)
		user, st := ch.Verify(m, users)
		if user == "" && !stale(st) {
			t.Fatalf("count %d: %v", n, st)
		}
		return user == "alice"
	}
	for _, s := range []struct {
		n    uint32
		want bool
	}{
		{1, true}, {1, false}, {3, true}, {2, true}, {2, false}, {3, false}, {66, true}, {3, false}, {4, true}, {2, false},
		{65, true}, {65, false}, {66, false}, {1 << 31, true}, {66, false}, {1<<31 - 63, true}, {1<<31 - 64, false},
	} {
		if got := take(s.n); got != s.want {
			t.Errorf("count %d taken: %v, want %v", s.n, got, s.want)
		}
	}

	// Without qop a nonce is good for one request.
	c = Client{}
	st := ch.Challenge(req)
	st.Headers[0].Value = strings.Replace(st.Headers[0].Value, `, qop="auth"`, "", 1)
	old := answer(t, &c, req, st, creds)
	if user, st := ch.Verify(old, users); user != "alice" {
		t.Errorf("answer without qop: %v", st)
	}
	if _, st := ch.Verify(old, users); !stale(st) {
		t.Errorf("the same again: %v", st)
	}
}

// TestChallengerMemory: the memory of nonces is bounded, and what fell out of
// it is refused rather than taken again.
func TestChallengerMemory(t *testing.T) {
	var r replay
	begin := time.Now()
	at := begin
	for i := range 5 * maxNonces / 2 {
		at = at.Add(time.Microsecond)
		if !r.use(fmt.Sprint(i), at, 1, at, 0) {
			t.Fatalf("nonce %d is refused at its first use", i)
		}
	}
	if n := len(r.young) + len(r.old); n > 2*maxNonces {
		t.Errorf("%d nonces are kept", n)
	}
	for _, i := range []int{0, maxNonces - 1, 2*maxNonces + 5} {
		made := begin.Add(time.Duration(i+1) * time.Microsecond)
		if r.use(fmt.Sprint(i), made, 1, at, 0) {
			t.Errorf("nonce %d is taken twice", i)
		}
	}
	recent := begin.Add(2 * maxNonces * time.Microsecond)
	if !r.use("recent", recent, 1, at, 0) {
		t.Error("a recent nonce is refused at its first use")
	}
}

func TestChallengerIgnoresACKAndCANCEL(t *testing.T) {
	var ch Challenger
	for _, m := range []sip.Method{"ACK", "CANCEL"} {
		if user, st := ch.Verify(request(t, m, "sip:x@y"), users); user != "" || st != nil {
			t.Errorf("%s: %q, %v", m, user, st)
		}
	}
}

func TestChallengerZero(t *testing.T) {
	var ch Challenger
	st := ch.Challenge(request(t, "INVITE", "sip:x@y.example"))
	if st.Code != 401 || len(st.Headers) != 2 || !strings.HasPrefix(st.Headers[0].Value, `Digest realm="y.example", nonce="`) ||
		!strings.HasSuffix(st.Headers[0].Value, `, algorithm=SHA-256, qop="auth"`) || !strings.Contains(st.Headers[1].Value, "algorithm=MD5,") {
		t.Errorf("%v %v", st, st.Headers)
	}
	if st := ch.Challenge(request(t, "INVITE", "tel:+1")); !strings.Contains(st.Headers[0].Value, `realm="sip"`) {
		t.Errorf("%v", st.Headers)
	}
	if _, st := ch.Verify(request(t, "INVITE", "sip:x@y.example"), users); st == nil {
		t.Error("passes without credentials")
	}
}
