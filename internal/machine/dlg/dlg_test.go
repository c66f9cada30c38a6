package dlg

import (
	"slices"
	"strings"
	"testing"

	"dum/sip"
)

func parse(t *testing.T, lines ...string) *sip.Message {
	t.Helper()
	m, err := sip.Parse(strings.Join(lines, "\r\n")+"\r\n\r\n", sip.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func invite(t *testing.T, more ...string) *sip.Message {
	return parse(t, append([]string{
		"INVITE sip:bob@biloxi.example.com SIP/2.0",
		"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",
		"Max-Forwards: 70",
		`From: "Alice" <sip:alice@atlanta.example.com>;tag=a1`,
		"To: Bob <sip:bob@biloxi.example.com>",
		"Call-ID: c1",
		"CSeq: 7 INVITE",
		"Contact: <sip:alice@192.0.2.1;transport=tcp?x=y>;q=1",
		"Content-Length: 0"}, more...)...)
}

func response(t *testing.T, status, tag string, more ...string) *sip.Message {
	return parse(t, append([]string{
		"SIP/2.0 " + status,
		"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",
		`From: "Alice" <sip:alice@atlanta.example.com>;tag=a1`,
		"To: Bob <sip:bob@biloxi.example.com>" + tag,
		"Call-ID: c1",
		"CSeq: 7 INVITE",
		"Contact: <sip:bob@192.0.2.4>",
		"Content-Length: 0"}, more...)...)
}

func routeValues(m *sip.Message) []string {
	var out []string
	for v, err := range sip.Route.All(m) {
		if err != nil {
			out = append(out, err.Error())
			continue
		}
		out = append(out, v.URI.String())
	}
	return out
}

// RFC 3261 §12.1.1, §12.1.2, §12.2.1.1: the route set of either side, and what
// a request makes of it.
func TestRouteSet(t *testing.T) {
	for _, tt := range []struct {
		name     string
		recorded []string
		uac, uas []string // Route of a request
		uacURI   string
		uasURI   string
	}{
		{
			name:   "none",
			uacURI: "sip:bob@192.0.2.4", uasURI: "sip:alice@192.0.2.1;transport=tcp",
		},
		{
			name:     "one",
			recorded: []string{"Record-Route: <sip:p1.example.com;lr>"},
			uac:      []string{"sip:p1.example.com;lr"}, uacURI: "sip:bob@192.0.2.4",
			uas: []string{"sip:p1.example.com;lr"}, uasURI: "sip:alice@192.0.2.1;transport=tcp",
		},
		{
			name: "three, on two lines",
			recorded: []string{"Record-Route: <sip:p3.example.com;lr>, <sip:p2.example.com;lr;x=1>",
				"Record-Route: <sip:p1.example.com;lr>"},
			uac: []string{"sip:p1.example.com;lr", "sip:p2.example.com;lr;x=1", "sip:p3.example.com;lr"}, uacURI: "sip:bob@192.0.2.4",
			uas: []string{"sip:p3.example.com;lr", "sip:p2.example.com;lr;x=1", "sip:p1.example.com;lr"}, uasURI: "sip:alice@192.0.2.1;transport=tcp",
		},
		{
			name:     "strict router next to the caller",
			recorded: []string{"Record-Route: <sip:p2.example.com;lr>, <sip:p1.example.com;method=INVITE>"},
			uac:      []string{"sip:p2.example.com;lr", "sip:bob@192.0.2.4"}, uacURI: "sip:p1.example.com",
			uas: []string{"sip:p2.example.com;lr", "sip:p1.example.com;method=INVITE"}, uasURI: "sip:alice@192.0.2.1;transport=tcp",
		},
		{
			name: "nonsense in the middle is left out",
			// Each on its own line: an open bracket swallows the rest of its list.
			recorded: []string{"Record-Route: <sip:p2.example.com;lr>", "Record-Route: <<", "Record-Route: <sip:p1.example.com;lr>"},
			uac:      []string{"sip:p1.example.com;lr", "sip:p2.example.com;lr"}, uacURI: "sip:bob@192.0.2.4",
			uas: []string{"sip:p2.example.com;lr", "sip:p1.example.com;lr"}, uasURI: "sip:alice@192.0.2.1;transport=tcp",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			uac, err := FromResponse(invite(t), response(t, "200 OK", ";tag=b1", tt.recorded...))
			if err != nil {
				t.Fatal(err)
			}
			uas, err := FromRequest(invite(t, tt.recorded...), "b1")
			if err != nil {
				t.Fatal(err)
			}
			for _, side := range []struct {
				who    string
				d      Dialog
				uri    string
				routes []string
			}{{"uac", uac, tt.uacURI, tt.uac}, {"uas", uas, tt.uasURI, tt.uas}} {
				m := side.d.Request(sip.BYE)
				if m.RawURI() != side.uri {
					t.Errorf("%s: Request-URI %s, want %s", side.who, m.RawURI(), side.uri)
				}
				if got := routeValues(m); !slices.Equal(got, side.routes) {
					t.Errorf("%s: Route %q, want %q", side.who, got, side.routes)
				}
				if got, want := side.d.Strict, strings.HasPrefix(side.uri, "sip:p"); got != want {
					t.Errorf("%s: strict %v, want %v", side.who, got, want)
				}
			}
		})
	}
}

func TestRequestHeaders(t *testing.T) {
	uac, err := FromResponse(invite(t), response(t, "180 Ringing", ";tag=b1"))
	if err != nil {
		t.Fatal(err)
	}
	if uac.State != Early {
		t.Fatalf("state %v after a 180", uac.State)
	}
	m := uac.Request(sip.UPDATE)
	for name, want := range map[string]string{
		"From":         `"Alice" <sip:alice@atlanta.example.com>;tag=a1`,
		"To":           "Bob <sip:bob@biloxi.example.com>;tag=b1",
		"Call-ID":      "c1",
		"CSeq":         "8 UPDATE",
		"Max-Forwards": "70",
	} {
		if got := text(m, name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}

	uas, err := FromRequest(invite(t), "b1")
	if err != nil {
		t.Fatal(err)
	}
	m = uas.Request(sip.BYE)
	for name, want := range map[string]string{
		"From": "Bob <sip:bob@biloxi.example.com>;tag=b1",
		"To":   `"Alice" <sip:alice@atlanta.example.com>;tag=a1`,
		"CSeq": "1 BYE",
	} {
		if got := text(m, name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// RFC 3261 §13.2.2.4: a 2xx confirms an early dialog and gives it its route
// set; later ones change nothing.
func TestConfirmRecomputesRoutes(t *testing.T) {
	d, err := FromResponse(invite(t), response(t, "183 Progress", ";tag=b1", "Record-Route: <sip:old.example.com;lr>"))
	if err != nil {
		t.Fatal(err)
	}
	d.Confirm(response(t, "200 OK", ";tag=b1", "Record-Route: <sip:new.example.com;lr>"))
	if d.State != Confirmed || d.Routes != "<sip:new.example.com;lr>" {
		t.Errorf("state %v, routes %q", d.State, d.Routes)
	}
	d.Confirm(response(t, "200 OK", ";tag=b1"))
	if d.Routes != "<sip:new.example.com;lr>" {
		t.Errorf("a repeated 2xx changed the routes to %q", d.Routes)
	}
}

func TestAckTakesSeqAndCredentials(t *testing.T) {
	inv := invite(t, `Proxy-Authorization: Digest username="a", realm="one"`, `Authorization: Digest username="a", realm="two"`)
	d, err := FromResponse(inv, response(t, "200 OK", ";tag=b1"))
	if err != nil {
		t.Fatal(err)
	}
	d.NextSeq() // a BYE sent meanwhile must not change it
	ack := d.Ack(inv)
	if got := text(ack, "CSeq"); got != "7 ACK" {
		t.Errorf("CSeq %q", got)
	}
	for name, want := range map[string]string{
		"Proxy-Authorization": `Digest username="a", realm="one"`,
		"Authorization":       `Digest username="a", realm="two"`,
	} {
		if got := text(ack, name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// RFC 3261 §12.2.2: a lower CSeq is out of order; a gap is not.
func TestOrder(t *testing.T) {
	uas, err := FromRequest(invite(t), "b1")
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		number uint32
		ok     bool
	}{{8, true}, {100, true}, {99, false}, {100, true}, {6, false}, {101, true}} {
		if got := uas.Order(step.number); got != step.ok {
			t.Errorf("CSeq %d: %v, want %v", step.number, got, step.ok)
		}
	}
	uac, err := FromResponse(invite(t), response(t, "200 OK", ";tag=b1"))
	if err != nil {
		t.Fatal(err)
	}
	if !uac.Order(1) {
		t.Error("the first CSeq of the peer may be anything")
	}
}

func TestRefresh(t *testing.T) {
	d, err := FromRequest(invite(t), "b1")
	if err != nil {
		t.Fatal(err)
	}
	d.Refresh(parse(t, "INVITE sip:bob@192.0.2.4 SIP/2.0", "Contact: <tel:+1>"))
	d.Refresh(parse(t, "INVITE sip:bob@192.0.2.4 SIP/2.0", "Max-Forwards: 70"))
	if d.Target != "sip:alice@192.0.2.1;transport=tcp" {
		t.Errorf("a useless Contact changed the target to %s", d.Target)
	}
	d.Refresh(parse(t, "INVITE sip:bob@192.0.2.4 SIP/2.0", "Contact: <sip:alice@192.0.2.99>"))
	if d.Target != "sip:alice@192.0.2.99" {
		t.Errorf("target %s", d.Target)
	}
}

func TestRefusals(t *testing.T) {
	for _, tt := range []struct{ name, contact string }{
		{"no Contact", "Subject: none"},
		{"star", "Contact: *"},
		{"not SIP", "Contact: <tel:+12015550100>"},
		{"nonsense", "Contact: <sip:"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := parse(t, "INVITE sip:bob@biloxi.example.com SIP/2.0",
				"From: <sip:a@example.com>;tag=a1", "To: <sip:b@example.com>", "Call-ID: c", "CSeq: 1 INVITE", tt.contact)
			if d, err := FromRequest(m, "b1"); err == nil {
				t.Errorf("made %+v", d)
			}
		})
	}
}

// An RFC 2543 peer sends no tags; the dialog still stands.
func TestPeerWithoutTags(t *testing.T) {
	d, err := FromResponse(invite(t), response(t, "200 OK", ""))
	if err != nil {
		t.Fatal(err)
	}
	if d.RemoteTag != "" || text(d.Request(sip.BYE), "To") != "Bob <sip:bob@biloxi.example.com>" {
		t.Errorf("remote tag %q, To %q", d.RemoteTag, text(d.Request(sip.BYE), "To"))
	}
}

// RFC 4475 §3.4.1: a caller of RFC 2543 names no Contact, and is called back at
// its From. One that knows the cookie has no such excuse.
func TestCallerWithoutContact(t *testing.T) {
	for _, tt := range []struct {
		via    string
		target string
	}{
		{"SIP/2.0/UDP 192.0.2.1", "sip:+13035551111@ift.client.example.net;user=phone"},
		{"SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1", ""},
	} {
		m := parse(t, "INVITE sip:bob@biloxi.example.com SIP/2.0", "Via: "+tt.via,
			"From: <sip:+13035551111@ift.client.example.net;user=phone>", "To: <sip:b@example.com>", "Call-ID: c", "CSeq: 1 INVITE")
		d, err := FromRequest(m, "b1")
		if d.Target != tt.target || (err == nil) != (tt.target != "") {
			t.Errorf("%s: target %q, %v", tt.via, d.Target, err)
		}
	}
}
