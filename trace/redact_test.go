package trace_test

import (
	"strings"
	"testing"

	"dum/trace"
)

func TestRedact(t *testing.T) {
	for _, c := range [][2]string{
		{"", ""},
		{"OPTIONS sip:a SIP/2.0\r\nTo: b\r\n\r\n", "OPTIONS sip:a SIP/2.0\r\nTo: b\r\n\r\n"},
		{
			"Authorization: Digest username=\"bob\", realm=\"a, b\", response=\"6629fae49393a05397450978507c4ef1\", qop=auth\r\n",
			"Authorization: Digest username=\"bob\", realm=\"a, b\", response=\"[redacted]\", qop=auth\r\n",
		},
		{
			"proxy-authorization :Digest response=abc,username=\"response=\\\"x\\\", y\"\r\n",
			"proxy-authorization :Digest response=\"[redacted]\",username=\"response=\\\"x\\\", y\"\r\n",
		},
		{"Authorization: Digest a=b,\r\n RESPONSE = \"s\r\n ecret\"\r\nTo: x\r\n", "Authorization: Digest a=b,\r\n RESPONSE =\"[redacted]\"\r\nTo: x\r\n"},
		{"Authorization:\r\n Digest response=\"s\"\r\n", "Authorization:\r\n Digest response=\"[redacted]\"\r\n"},
		{"Authorization: Basic Ym9iOnNlY3JldA==\r\n", "Authorization: Basic [redacted]\r\n"},
		{"Authorization: Bearer a.b.c\n", "Authorization: Bearer [redacted]\n"},
		{"Authorization: secret", "Authorization: secret [redacted]"},
		{"Authentication-Info: rspauth=\"6629\", nc=00000001\r\n", "Authentication-Info: rspauth=\"[redacted]\", nc=00000001\r\n"},
		{"WWW-Authenticate: Digest realm=\"a\", nonce=\"response=1\"\r\n", "WWW-Authenticate: Digest realm=\"a\", nonce=\"response=1\"\r\n"},
		{"INVITE sip:bob:pass@example.com:5060 SIP/2.0\r\n", "INVITE sip:bob:[redacted]@example.com:5060 SIP/2.0\r\n"},
		{"Contact: <SIPS:b:p%40w@h;x=y>, \"a:b\" <sip:c@d>\r\n", "Contact: <SIPS:b:[redacted]@h;x=y>, \"a:b\" <sip:c@d>\r\n"},
		{"m: sip:a@b,sip:c:pw,d@e\r\n", "m: sip:a@b,sip:c:[redacted]@e\r\n"},
		{"Call-Info: <http://u:p@example.com/x>\r\n", "Call-Info: <http://u:[redacted]@example.com/x>\r\n"},
		{"From: <sip:bob@example.com:5060>\r\n", "From: <sip:bob@example.com:5060>\r\n"},
		{"i: 7:8@host\r\n", "i: 7:8@host\r\n"},
		{"\r\na=ice-pwd:secret\r\na=ice-ufrag:F7gI\r\n", "\r\na=ice-pwd:[redacted]\r\na=ice-ufrag:F7gI\r\n"},
		{
			"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20\r\nk=base64:aaaa\r\n",
			"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:[redacted]\r\nk=[redacted]\r\n",
		},
		{"a=sendrecv\r\np=+49 123\r\n", "a=sendrecv\r\np=+49 123\r\n"},
	} {
		if got := trace.Redact(c[0]); got != c[1] {
			t.Errorf("Redact(%q)\n got %q\nwant %q", c[0], got, c[1])
		}
	}
}

// Redacting what is redacted changes nothing, and never invents lines.
func FuzzRedact(f *testing.F) {
	f.Add("Authorization: Digest response=\"x\", a\r\nTo: <sip:a:b@c>\r\n\r\na=ice-pwd:x\r\nk=y")
	f.Add("Authorization:\r\n Basic\r\n x")
	f.Fuzz(func(t *testing.T, s string) {
		got := trace.Redact(s)
		if strings.Count(got, "\n") > strings.Count(s, "\n") {
			t.Fatalf("Redact(%q) = %q has more lines", s, got)
		}
	})
}
