package stack

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"dum/sip"
	"dum/transport"
)

// RFC 3261 §18.2.1, §18.2.2, RFC 3581: what is noted in the Via, and where the
// response goes.
func TestWhereResponsesGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		r.user.onRequest = replyAndClose(200)
		from := netip.MustParseAddrPort("192.0.2.9:40000")
		from6 := netip.MustParseAddrPort("[2001:db8::9]:40000")
		for _, c := range []struct {
			via  string
			from netip.AddrPort
			want string // the Via of the response
			to   string
		}{
			{"192.0.2.9:5062", from, "192.0.2.9:5062", "192.0.2.9:5062"},
			{"192.0.2.9", from, "192.0.2.9", "192.0.2.9:5060"},
			{"10.0.0.1:5062", from, "10.0.0.1:5062;received=192.0.2.9", "192.0.2.9:5062"},
			{"host.example.org", from, "host.example.org;received=192.0.2.9", "192.0.2.9:5060"},
			{"192.0.2.9:5062;rport", from, "192.0.2.9:5062;rport=40000;received=192.0.2.9", "192.0.2.9:40000"},
			{"10.0.0.1;rport", from, "10.0.0.1;rport=40000;received=192.0.2.9", "192.0.2.9:40000"},
			{"10.0.0.1;rport=7;received=1.2.3.4", from, "10.0.0.1;rport=40000;received=192.0.2.9", "192.0.2.9:40000"},
			{"192.0.2.9;maddr=224.0.1.75", from, "192.0.2.9;maddr=224.0.1.75", "224.0.1.75:5060"},
			{"192.0.2.9;maddr=all.example", from, "192.0.2.9;maddr=all.example", "192.0.2.9:5060"},
			{"[2001:db8::9]:5062", from6, "[2001:db8::9]:5062", "[2001:db8::9]:5062"},
			{"[2001:DB8:0::9]", from6, "[2001:DB8:0::9]", "[2001:db8::9]:5060"},
			{"[2001:db8::1];rport", from6, "[2001:db8::1];rport=40000;received=2001:db8::9", "[2001:db8::9]:40000"},
		} {
			r.udp.in(c.from, req{method: "OPTIONS", via: "SIP/2.0/UDP " + c.via + ";branch=z9hG4bK" + sip.NewTag(), callID: c.via}.String())
			out := r.udp.take()
			if len(out) != 1 {
				t.Fatalf("%s: %d answers", c.via, len(out))
			}
			via, err := sip.Via.Get(out[0].msg(t))
			want, err2 := sip.ParseHop("SIP/2.0/UDP " + c.want)
			if err != nil || err2 != nil {
				t.Fatal(err, err2)
			}
			got := via.Params.Without("branch")
			if via.Host != want.Host || via.Port != want.Port || !sameParams(got, want.Params) {
				t.Errorf("%s: answered with Via %v", c.via, via)
			}
			if out[0].to.String() != c.to {
				t.Errorf("%s: answered to %v, want %s", c.via, out[0].to, c.to)
			}
		}
		r.finish()
	})
}

func sameParams(a, b sip.Params) bool {
	m := map[string]string{}
	for n, v := range a.All() {
		m[n] = v
	}
	for n, v := range b.All() {
		if w, ok := m[n]; !ok || v != w {
			return false
		}
		delete(m, n)
	}
	return len(m) == 0
}

// The lines below the top Via stay as they came.
func TestOnlyTheTopViaIsStamped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		r.user.onRequest = replyAndClose(200)
		r.udp.in(peerAddr, req{method: "OPTIONS",
			via: "SIP/2.0/UDP a.example;branch=z9hG4bKa;rport, SIP/2.0/TCP  b.example;branch=z9hG4bKb;rport\r\nv:SIP/2.0/UDP c.example"}.String())
		m := r.one(r.udp)
		vias, err := sip.Via.Values(m)
		if err != nil || len(vias) != 3 {
			t.Fatal(vias, err)
		}
		if vias[0].Received() != "192.0.2.9" || vias[1].Params.Has("received") || vias[2].Params.Has("received") ||
			vias[1].Host != "b.example" || vias[2].Host != "c.example" {
			t.Errorf("Via %v", vias)
		}
		r.finish()
	})
}

// RFC 3261 §18.2.2: a response whose connection is gone goes to the sent-by of
// the Via over a new one.
func TestResponseOverANewConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		from := netip.MustParseAddrPort("192.0.2.9:40000")
		r.tcp.in(from, req{method: "INVITE", via: "SIP/2.0/TCP host.example:5070;branch=z9hG4bKx"}.String())
		r.user.seat(0).respond(t, 180)
		r.tcp.refuse(from, transport.ErrClosed)
		r.user.seat(0).respond(t, 200)
		time.Sleep(time.Second)
		s := r.user.seat(0)
		s.strand.Do(s.tx.Resend)
		out := r.tcp.take()
		r.want(r.schedule(out), "180 0s, 200 0s, 200 1s")
		for i, to := range []string{"192.0.2.9:40000", "192.0.2.9:5070", "192.0.2.9:5070"} {
			if out[i].to.String() != to {
				t.Errorf("%d went to %v", i, out[i].to)
			}
		}
		s.close()
		r.finish()
	})
}

func TestSentBy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		flow := func(n *fakeNet, local string) transport.Flow {
			return fakeFlow{n, netip.MustParseAddrPort(local), peerAddr}
		}
		for _, c := range []struct {
			f    transport.Flow
			host string
			port uint16
		}{
			{flow(r.udp, "192.0.2.1:5060"), "192.0.2.1", 5060},
			{flow(r.udp, "192.0.2.7:5099"), "192.0.2.7", 5099},
			{flow(r.udp, "[2001:db8::1%eth0]:5062"), "[2001:db8::1]", 5062},
			// A connection's own port is of no use to anybody.
			{flow(r.tcp, "192.0.2.1:40000"), "192.0.2.1", 5060},
			{flow(r.tcp, "192.0.2.7:40000"), "192.0.2.7", 40000},
		} {
			if host, port := r.stack.SentBy(c.f); host != c.host || port != c.port {
				t.Errorf("%v: %s %d", c.f, host, port)
			}
		}
		r.finish()
		r = newRig(t, Config{Advertise: map[string]Advertise{"TCP": {Host: "sip.example.com"}, "UDP": {Port: 9}}})
		if host, port := r.stack.SentBy(r.tcp.flow(peerAddr)); host != "sip.example.com" || port != 5060 {
			t.Errorf("%s %d", host, port)
		}
		if host, port := r.stack.SentBy(r.udp.flow(peerAddr)); host != "192.0.2.1" || port != 9 {
			t.Errorf("%s %d", host, port)
		}
		r.finish()
	})
}

// Bound to every address, we name the one that the system sends from.
func TestSentByOfAWildcard(t *testing.T) {
	r := newRig(t, Config{})
	remote := netip.MustParseAddrPort("127.0.0.1:5060")
	f := fakeFlow{r.udp, netip.MustParseAddrPort("0.0.0.0:5060"), remote}
	for range 2 {
		if host, port := r.stack.SentBy(f); host != "127.0.0.1" || port != 5060 {
			t.Errorf("%s %d", host, port)
		}
	}
	if n := len(r.stack.names.sources); n != 1 {
		t.Errorf("%d addresses remembered", n)
	}
	r.stack.Close()
}

func TestListenAddresses(t *testing.T) {
	for text, want := range map[string]string{
		"127.0.0.1:5062": "127.0.0.1:5062",
		"127.0.0.1":      "127.0.0.1:5060",
		"[::1]:0":        "[::1]:0",
		"[::1]":          "[::1]:5060",
		":5070":          "invalid AddrPort",
		"":               "invalid AddrPort",
	} {
		got, err := listenAddr(t.Context(), text, 5060)
		if err != nil || got.String() != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	if a, _ := listenAddr(t.Context(), ":5070", 5060); a.Port() != 5070 || a.Addr().IsValid() {
		t.Errorf(":5070 is %v", a)
	}
	r := newRig(t, Config{})
	for _, bad := range []string{"127.0.0.1:5060", "sctp://127.0.0.1", "udp://127.0.0.1:99999", "udp://127.0.0.1:x"} {
		if _, err := r.stack.Listen(t.Context(), bad); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
	if got := r.stack.Addrs(); len(got) != 2 || got[0].String() != "udp://192.0.2.1:5060" || got[1].Network != "TCP" {
		t.Errorf("Addrs %v", got)
	}
	r.stack.Close()
}
