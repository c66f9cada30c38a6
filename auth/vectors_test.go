package auth

import (
	"strings"
	"testing"

	"dum/credential"
	"dum/sip"
)

// TestVectors checks the arithmetic against published examples: RFC 2617 §3.5,
// RFC 7616 §3.9.1 and §3.9.2 (with its erratum 4897), and the SIP ones of
// draft-smith-sipping-auth-examples-01.
func TestVectors(t *testing.T) {
	sdp := strings.Join([]string{
		"v=0", "o=bob 2890844526 2890844526 IN IP4 media.biloxi.com", "s=-", "c=IN IP4 media.biloxi.com", "t=0 0",
		"m=audio 49170 RTP/AVP 0", "a=rtpmap:0 PCMU/8000", "m=video 51372 RTP/AVP 31", "a=rtpmap:31 H261/90000",
		"m=video 53000 RTP/AVP 32", "a=rtpmap:32 MPV/90000", "",
	}, "\r\n")
	const (
		rfc2617 = "dcd98b7102dd2f0e8b11d0f600bfb0c093"
		rfc7616 = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
		cnonce  = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
	)
	for _, tt := range []struct {
		name   string
		method sip.Method
		body   string
		cred   credential.Digest
		c      credentials
		want   string
	}{
		{"RFC 2617 §3.5", "GET", "",
			credential.Digest{Username: "Mufasa", Password: "Circle Of Life"},
			credentials{realm: "testrealm@host.com", nonce: rfc2617, uri: "/dir/index.html", qop: "auth", nc: 1, cnonce: "0a4f113b"},
			"6629fae49393a05397450978507c4ef1"},
		{"RFC 2617 §3.5 from HA1", "GET", "",
			credential.Digest{Realm: "testrealm@host.com", Username: "Mufasa", HA1: map[credential.Algorithm]string{credential.MD5: "939e7578ed9e3c518a452acee763bce9"}},
			credentials{realm: "testrealm@host.com", nonce: rfc2617, uri: "/dir/index.html", qop: "auth", nc: 1, cnonce: "0a4f113b"},
			"6629fae49393a05397450978507c4ef1"},
		{"RFC 7616 §3.9.1 MD5", "GET", "",
			credential.Digest{Username: "Mufasa", Password: "Circle of Life"},
			credentials{realm: "http-auth@example.org", nonce: rfc7616, uri: "/dir/index.html", qop: "auth", nc: 1, cnonce: cnonce, algorithm: "MD5"},
			"8ca523f5e9506fed4657c9700eebdbec"},
		{"RFC 7616 §3.9.1 SHA-256", "GET", "",
			credential.Digest{Username: "Mufasa", Password: "Circle of Life"},
			credentials{realm: "http-auth@example.org", nonce: rfc7616, uri: "/dir/index.html", qop: "auth", nc: 1, cnonce: cnonce, algorithm: "sha-256"},
			"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"},
		{"RFC 7616 §3.9.2 SHA-512-256", "GET", "",
			credential.Digest{Username: "Jäsøn Doe", Password: "Secret, or not?"},
			credentials{realm: "api@example.org", nonce: "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", uri: "/doe.json", qop: "auth", nc: 1, cnonce: "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v", algorithm: "SHA-512-256"},
			"3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"},
		{"SIP without algorithm and qop", "INVITE", sdp,
			credential.Digest{Username: "bob", Password: "zanzibar"},
			credentials{realm: "biloxi.com", nonce: rfc2617, uri: "sip:bob@biloxi.com"},
			"bf57e4e0d0bffc0fbaedce64d59add5e"},
		{"SIP auth", "INVITE", sdp,
			credential.Digest{Username: "bob", Password: "zanzibar"},
			credentials{realm: "biloxi.com", nonce: rfc2617, uri: "sip:bob@biloxi.com", qop: "auth", nc: 1, cnonce: "0a4f113b", algorithm: "MD5"},
			"89eb0059246c02b2f6ee02c7961d5ea3"},
		{"SIP auth-int", "INVITE", sdp,
			credential.Digest{Username: "bob", Password: "zanzibar"},
			credentials{realm: "biloxi.com", nonce: rfc2617, uri: "sip:bob@biloxi.com", qop: "auth-int", nc: 1, cnonce: "0a4f113b", algorithm: "MD5"},
			"bdbeebb2da6adb6bca02599c2239e192"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := sip.NewRequest(tt.method, sip.URI{Scheme: "sip", Host: "x"})
			req.SetBody(sip.Body{Type: "application/sdp", Data: tt.body})
			ch := challenge{realm: tt.c.realm, nonce: tt.c.nonce, algorithm: tt.c.algorithm}
			got, err := respond(req, &ch, &tt.cred, tt.c)
			if err != nil || got.response != tt.want {
				t.Errorf("response %s, %v, want %s", got.response, err, tt.want)
			}
		})
	}
}
