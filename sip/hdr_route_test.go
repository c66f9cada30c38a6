package sip

import (
	"testing"
	"time"
)

func TestRoutingHeaders(t *testing.T) {
	p1 := Addr{URI: URI{Scheme: "sip", Host: "p1.example", Params: ";lr"}}
	p2 := Addr{URI: URI{Scheme: "sip", User: "a,b", Host: "[2001:db8::1]", Port: 5070, Params: ";lr;ob"}, Params: ";x"}
	runCases(t, []headerCase{
		lists(Path, []string{"<sip:p1.example;lr>,<sip:a,b@[2001:db8::1]:5070;lr;ob>;x", "<sip:p1.example;lr>"}, p1, p2, p1),
		lists(ServiceRoute, []string{"<sip:a,b@[2001:db8::1]:5070;lr;ob>;x", "<sip:p1.example;lr>"}, p2, p1),
		rejects(Path, "<sip:p1.example;lr"),
		rejects(ServiceRoute, "p1.example"),
		same(HistoryInfo, "<sip:bob@b.example?Reason=SIP%3Bcause%3D302>;index=1.1;rc=1",
			Addr{URI: URI{Scheme: "sip", User: "bob", Host: "b.example", Headers: "Reason=SIP%3Bcause%3D302"}, Params: ";index=1.1;rc=1"}),
		same(Diversion, `"Bob, B." <tel:+15551002000>;reason="user busy";counter=1`,
			Addr{Display: "Bob, B.", URI: URI{Scheme: "tel", Opaque: "+15551002000"}, Params: `;reason="user busy";counter=1`}),
		rejects(Diversion, "<>;reason=x"),
		same(MaxBreadth, "69", uint32(69)),
		rejects(MaxBreadth, "many"),
		same(FlowTimer, "126", 126*time.Second),
		rejects(FlowTimer, "2m"),
	})
	v, err := HistoryInfo.Get(withHeaders(t, "History-Info: <sip:bob@b.example?Reason=SIP%3Bcause%3D302%3Btext%3D%22Moved%22>;index=1"))
	if reason, ok := v.URI.Header("Reason"); reason != `SIP;cause=302;text="Moved"` || !ok || err != nil {
		t.Error(reason, ok, err)
	}
}

func TestTreatmentHeaders(t *testing.T) {
	runCases(t, []headerCase{
		lists(ResourcePriority, []string{"ets.0, wps.3", "dsn.flash-override"}, Resource{"ets", "0"}, Resource{"wps", "3"}, Resource{"dsn", "flash-override"}),
		same(AcceptResourcePriority, "dsn.flash", Resource{"dsn", "flash"}),
		rejects(ResourcePriority, "ets"),
		rejects(ResourcePriority, "ets."),
		rejects(ResourcePriority, ".0"),
		rejects(ResourcePriority, "a.b.c"),
		same(Geolocation, "<cid:target123@atlanta.example.com>", Addr{URI: URI{Scheme: "cid", Opaque: "target123@atlanta.example.com"}}),
		same(GeolocationRouting, "no", "no"),
		same(GeolocationError, `100;code="Cannot Process Location"`, Item{"100", `;code="Cannot Process Location"`}),
		rejects(GeolocationRouting, "no way"),
		lists(SecurityServer, []string{"ipsec-ike;q=0.1, tls;q=0.2"}, Item{"ipsec-ike", ";q=0.1"}, Item{"tls", ";q=0.2"}),
		same(SecurityClient, `digest;d-ver="0000"`, Item{"digest", `;d-ver="0000"`}),
		same(SecurityVerify, "tls", Item{Value: "tls"}),
		rejects(SecurityVerify, "tls ike"),
	})
}
