package dialog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"dum/dialog"
	"dum/profile"
	"dum/sip"
	"dum/siptest"
)

// The proxies of the route tests; p1 is the one next to us.
const (
	p1 = "<sip:192.0.2.11;lr>"
	p2 = "<sip:192.0.2.12;lr;x=%41>"
	p3 = "<sip:192.0.2.13;lr>"
	p4 = "<sip:192.0.2.11;method=INVITE;y=z>" // p1 as a strict router
)

// A route is what a Record-Route makes of every request within a dialog.
type route struct {
	name     string
	recorded []string // the one next to us first
	preload  []string // Route of the INVITE
	proxy    string   // the caller's outbound proxy
	first    string   // where the INVITE of a caller goes
	hop      string   // where requests go
	uri      string   // the Request-URI; "" is the target
	want     []string // Route; "target" is the target
}

var routes = []route{
	{name: "no Record-Route", first: "192.0.2.2", hop: "192.0.2.2"},
	{name: "one", recorded: []string{p1}, first: "192.0.2.2", hop: "192.0.2.11", want: []string{p1}},
	{name: "three", recorded: []string{p1, p2, p3}, first: "192.0.2.2", hop: "192.0.2.11", want: []string{p1, p2, p3}},
	{name: "strict", recorded: []string{p4}, first: "192.0.2.2", hop: "192.0.2.11", uri: "sip:192.0.2.11;y=z", want: []string{"target"}},
	{name: "strict before loose", recorded: []string{p4, p2, p3}, first: "192.0.2.2", hop: "192.0.2.11",
		uri: "sip:192.0.2.11;y=z", want: []string{p2, p3, "target"}},
	{name: "preloaded Route", preload: []string{p1, p2}, first: "192.0.2.11", hop: "192.0.2.2"},
	{name: "preloaded Route, another recorded", preload: []string{p1}, recorded: []string{p2}, first: "192.0.2.11",
		hop: "192.0.2.12", want: []string{p2}},
	{name: "outbound proxy", proxy: "sip:192.0.2.11", first: "192.0.2.11", hop: "192.0.2.2"},
	{name: "outbound proxy that records", proxy: "sip:192.0.2.11", recorded: []string{p1}, first: "192.0.2.11", hop: "192.0.2.11",
		want: []string{p1}},
}

// hosts are the peers of the route tests by address.
type hosts map[string]*siptest.Peer

func (w *world) hosts() hosts {
	h := hosts{peerIP: w.peer}
	for _, ip := range []string{"192.0.2.11", "192.0.2.12", "192.0.2.13"} {
		h[ip] = siptest.NewPeer(w.T, w.net.Host(ip, ip).UDP(), ip+":5060")
	}
	return h
}

// takes is a request that arrived at the right host, and nowhere else, on the
// right way to target.
func (w *world) takes(h hosts, r route, what, target string) *siptest.Received {
	w.Helper()
	got := h[r.hop].Expect(what)
	for _, p := range h {
		p.Quiet(0)
	}
	want := r.uri
	if want == "" {
		want = target
	}
	w.same(what+" Request-URI", got.RawURI(), want)
	wants := slices.Clone(r.want)
	for i := range wants {
		if wants[i] == "target" {
			wants[i] = "<" + target + ">"
		}
	}
	var have []string
	for a, err := range sip.Route.All(got.Message) {
		if err != nil {
			w.Error(err)
		}
		have = append(have, a.String())
	}
	w.same(what+" Route", have, wants)
	return got
}

// Field reports 2.1: whoever has called, every request within the dialog takes
// the route set that the Record-Route has made, and nothing else does.
func TestRouteSet(t *testing.T) {
	const target, moved = "sip:bob@192.0.2.2:5060;p=q", "sip:moved@192.0.2.2:5060"
	contact := func(u string) siptest.Edit { return siptest.Set("Contact", "<"+u+">;expires=7") }
	for _, r := range routes {
		within := func(w *world, h hosts, l *leg) {
			peer := h[r.hop]
			info := l.within(sip.INFO)
			peer.Reply(w.takes(h, r, "INFO", target), 200)
			w.same("INFO", info.codes(), "200")

			// A re-INVITE that fails changes nothing, whatever it says; RFC 3261 §12.2:
			// "Target refresh requests only update the dialog's remote target URI, and
			// not the route set". Its ACK is the transaction's and goes its way.
			l.within(sip.INVITE)
			re := w.takes(h, r, "INVITE", target)
			peer.Reply(re, 488, contact(moved))
			w.same("Route of the ACK", value(w.takes(h, r, "ACK", target).Message, "Route"), value(re.Message, "Route"))

			l.within(sip.INVITE)
			re = w.takes(h, r, "INVITE", target)
			peer.Reply(re, 200, contact(moved), siptest.Set("Record-Route", "<sip:203.0.113.1;lr>"))
			w.takes(h, r, "ACK", moved)
			rest()

			l.bye()
			peer.Reply(w.takes(h, r, "BYE", moved), 200)
			w.pass(64 * t1)
			w.sets(0)
		}
		t.Run("UAC, "+r.name, func(t *testing.T) {
			bubble(t, nil, func(w *world) {
				h := w.hosts()
				recorded := slices.Clone(r.recorded)
				slices.Reverse(recorded) // the proxy next to us was the first to write, and stands last
				l := w.dial(&profile.Profile{OutboundProxy: r.proxy}, uri("sip:bob@192.0.2.2"), siptest.Set("Route", r.preload...))
				inv := h[r.first].Expect("INVITE")
				w.same("INVITE", inv.RawURI(), "sip:bob@192.0.2.2")
				h[r.first].Reply(inv, 200, contact(target), siptest.Set("Record-Route", recorded...))
				w.takes(h, r, "ACK", target)
				rest()
				w.same("target", l.d.RemoteTarget(), target)
				within(w, h, l)
			})
		})
		t.Run("UAS, "+r.name, func(t *testing.T) {
			bubble(t, func(cfg *dialog.Config, _ *siptest.Net) { cfg.Profile = &profile.Profile{OutboundProxy: r.proxy} }, func(w *world) {
				h := w.hosts()
				joined := siptest.Set("Record-Route", r.recorded...)
				if len(r.recorded) > 1 {
					joined = siptest.Set("Record-Route", strings.Join(r.recorded[:2], ", "), strings.Join(r.recorded[2:], ", "))
				}
				_, _, l := w.established(contact(target), joined, siptest.Set("Route", r.preload...))
				within(w, h, l)
			})
		})
	}
}

// The target follows the peer's re-INVITE, but only when that was accepted.
func TestTargetRefresh(t *testing.T) {
	bubble(t, nil, func(w *world) {
		inv, ok, l := w.established(siptest.Set("Contact", "<sip:old@192.0.2.2>"))
		l.take = func(t *dialog.Turn, d *dialog.Dialog, tx *dialog.ServerTx) bool {
			if tx.Method() != sip.INVITE || !sip.Named("X-No").Has(tx.Request()) {
				return false
			}
			d.Set().Answer(t, tx, sip.NewStatus(488, ""))
			return true
		}
		target := func() string {
			l.within(sip.INFO)
			got := w.peer.Expect("INFO")
			w.peer.Reply(got, 200)
			return got.RawURI()
		}
		re := w.peer.Within(sip.INVITE, inv, ok, siptest.Set("X-No", "1"), siptest.Set("Contact", "<sip:no@192.0.2.2>"))
		w.peer.Send(w.flow, w.peer.Hop(sip.ACK, re, w.ask(re, 488).Message))
		w.same("after a refusal", target(), "sip:old@192.0.2.2")
		for _, tt := range [][2]string{
			{"<sip:new@192.0.2.2>", "sip:new@192.0.2.2"},
			{"<tel:+49>", "sip:new@192.0.2.2"}, // no place to send to
			{"<<", "sip:new@192.0.2.2"},
			{"<sip:last@192.0.2.2;transport=udp>;q=0.5", "sip:last@192.0.2.2;transport=udp"},
		} {
			re = w.peer.Within(sip.INVITE, inv, ok, siptest.Set("Contact", tt[0]))
			w.peer.Send(w.flow, w.peer.Ack(inv, w.ask(re, 200).Message))
			w.same(fmt.Sprint("after ", tt[0]), target(), tt[1])
		}
		w.ask(w.peer.Within(sip.BYE, inv, ok), 200)
		w.sets(0)
	})
}
