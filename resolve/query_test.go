package resolve_test

import (
	"fmt"
	"net/netip"
	"testing"

	"dum/resolve"
	"dum/sip"
)

func query(t *testing.T, uri string) resolve.Query {
	t.Helper()
	u, err := sip.ParseURI(uri)
	if err != nil {
		t.Fatalf("ParseURI(%q): %v", uri, err)
	}
	return resolve.QueryOf(u)
}

func TestQueryOf(t *testing.T) {
	for uri, want := range map[string]resolve.Query{
		"sip:bob@example.com":                   {Host: "example.com"},
		"sips:bob@example.com:5071":             {Host: "example.com", Port: 5071, Secure: true},
		"sip:example.com;transport=tcp":         {Host: "example.com", Transport: "TCP"},
		"sip:a@example.com;TRANSPORT=Ws":        {Host: "example.com", Transport: "WS"},
		"sip:a@example.com;maddr=10.0.0.1":      {Host: "10.0.0.1"},
		"sip:a@example.com:99;maddr=[2001::1]":  {Host: "2001::1", Port: 99},
		"sip:a@[::1]:5062":                      {Host: "::1", Port: 5062},
		"tel:+49123":                            {},
		"sip:a@example.com;maddr=":              {Host: "example.com"},
		"sip:a@example.com;transport=;maddr=h2": {Host: "h2"},
	} {
		if got := query(t, uri); got != want {
			t.Errorf("QueryOf(%s) = %+v, want %+v", uri, got, want)
		}
	}
}

// RFC 3263 §4.1 and §4.2 for numeric targets.
func TestNumeric(t *testing.T) {
	for uri, want := range map[string]string{
		"sip:192.0.2.1":                            "UDP 192.0.2.1:5060",
		"sip:192.0.2.1:5080":                       "UDP 192.0.2.1:5080",
		"sips:192.0.2.1":                           "TLS 192.0.2.1:5061",
		"sips:192.0.2.1;transport=tcp":             "TLS 192.0.2.1:5061",
		"sip:192.0.2.1;transport=tcp":              "TCP 192.0.2.1:5060",
		"sip:192.0.2.1;transport=tls":              "TLS 192.0.2.1:5061",
		"sip:192.0.2.1:7;transport=tls":            "TLS 192.0.2.1:7",
		"sip:192.0.2.1;transport=ws":               "WS 192.0.2.1:80",
		"sips:192.0.2.1;transport=ws":              "WSS 192.0.2.1:443",
		"sip:[2001:db8::1]":                        "UDP [2001:db8::1]:5060",
		"sip:[::ffff:192.0.2.1]":                   "UDP 192.0.2.1:5060",
		"sip:example.com;maddr=192.0.2.9":          "UDP 192.0.2.9:5060",
		"sip:192.0.2.1;maddr=example.com":          "no",
		"sip:example.com":                          "no",
		"sips:192.0.2.1;transport=udp":             "none",
		"sip:192.0.2.1;transport=sctp":             "SCTP 192.0.2.1:5060",
		"sip:example.com;maddr=192.0.2.9;lr":       "UDP 192.0.2.9:5060",
		"sip:1.2.3":                                "no",
		"sip:bob@192.0.2.1:5099;transport=Tcp;ob;": "TCP 192.0.2.1:5099",
	} {
		targets, ok := resolve.Numeric(query(t, uri))
		got := "no"
		switch {
		case ok && len(targets) == 0:
			got = "none"
		case ok:
			got = fmt.Sprint(targets[0].Network, " ", targets[0].Addr)
			if targets[0].ServerName != "" {
				t.Errorf("%s: ServerName %q of an address", uri, targets[0].ServerName)
			}
		}
		if got != want {
			t.Errorf("Numeric(%s) = %s, want %s", uri, got, want)
		}
	}
}

func TestNumericZone(t *testing.T) {
	targets, ok := resolve.Numeric(resolve.Query{Host: "fe80::1%eth0"})
	want := netip.MustParseAddrPort("[fe80::1%eth0]:5060")
	if !ok || len(targets) != 1 || targets[0].Addr != want {
		t.Fatalf("got %v, %v; want %v", targets, ok, want)
	}
}

func TestQueryString(t *testing.T) {
	for _, uri := range []string{"sip:example.com", "sips:[::1]:5071", "sip:10.0.0.1:5080;transport=tcp"} {
		if got := query(t, uri).String(); got != uri {
			t.Errorf("String = %s, want %s", got, uri)
		}
	}
}
