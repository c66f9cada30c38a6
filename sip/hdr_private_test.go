package sip

import "testing"

func Test3GPPHeaders(t *testing.T) {
	runCases(t, []headerCase{
		lists(PAssociatedURI, []string{"<sip:a@b>, <tel:+1>"}, Addr{URI: URI{Scheme: "sip", User: "a", Host: "b"}}, Addr{URI: URI{Scheme: "tel", Opaque: "+1"}}),
		lists(PAssociatedURI, []string{""}),
		same(PCalledPartyID, "<sip:a@b>", Addr{URI: URI{Scheme: "sip", User: "a", Host: "b"}}),
		lists(PVisitedNetworkID, []string{`other.net, "Visited, network;1";a=b`}, Item{"other.net", ""}, Item{"Visited, network;1", ";a=b"}),
		same(PVisitedNetworkID, `"Visited \"network\" 1"`, Item{Value: `Visited "network" 1`}),
		rejects(PVisitedNetworkID, "Visited network"),
		lists(PAccessNetworkInfo, []string{`IEEE-802.11;i-wlan-node-id="00:11", 3GPP-E-UTRAN-FDD;np`},
			Item{"IEEE-802.11", `;i-wlan-node-id="00:11"`}, Item{"3GPP-E-UTRAN-FDD", ";np"}),
		rejects(PAccessNetworkInfo, ";np"),
		same(PChargingVector, "icid-value=123;orig-ioi=home1.net", Params(";icid-value=123;orig-ioi=home1.net")),
		reads(PChargingVector, `icid-value = "a;b" ; x`, Params(`;icid-value = "a;b" ; x`), `icid-value = "a;b" ; x`),
		rejects(PChargingVector, ""),
		rejects(PChargingVector, `icid-value="a`),
		rejects(PChargingVector, `=a`),
		same(PChargingFunctionAddresses, "ccf=192.1.1.1;ccf=[5555::b99]", Params(";ccf=192.1.1.1;ccf=[5555::b99]")),
	})
	v, _ := PChargingVector.Get(withHeaders(t, `P-Charging-Vector: icid-value="a;b";orig-ioi=x`))
	if icid, ok := v.Get("ICID-value"); icid != "a;b" || !ok {
		t.Error(icid, ok)
	}
}

func TestPacketCableHeaders(t *testing.T) {
	runCases(t, []headerCase{
		same(PDCSTracePartyID, "<sip:+1234@example.com;user=phone>;timestamp=1",
			Addr{URI: URI{Scheme: "sip", User: "+1234", Host: "example.com", Params: ";user=phone"}, Params: ";timestamp=1"}),
		same(PDCSOSPS, "EI", "EI"),
		rejects(PDCSOSPS, "E I"),
		same(PDCSBillingInfo, `123AF/0001@ep1.example;charge="sip:a@b;c,d"`, Item{"123AF/0001@ep1.example", `;charge="sip:a@b;c,d"`}),
		rejects(PDCSBillingInfo, "123AF 0001"),
		same(PDCSLAES, "[2001:db8::1]:5060;content=h:7;bcid=4A", Item{"[2001:db8::1]:5060", ";content=h:7;bcid=4A"}),
		rejects(PDCSLAES, ";content=h:7"),
		same(PDCSRedirect, `"sip:a@b";redirector-uri="sip:c@d";count=2`, Item{"sip:a@b", `;redirector-uri="sip:c@d";count=2`}),
		reads(PDCSRedirect, `sip:a@b;count=2`, Item{"sip:a@b", `;count=2`}, `"sip:a@b";count=2`),
		rejects(PDCSRedirect, `"sip:a@b`),
	})
}
