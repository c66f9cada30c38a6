package sip

// The headers of closed networks. They mean something only between parties
// that trust each other; a user agent reads them, and sends them when it is
// part of such a network.

// 3GPP networks (RFC 7315).
var (
	PAssociatedURI = NewHeader("P-Associated-URI", addrCodec(true))   // RFC 7315 §4.1
	PCalledPartyID = NewHeader("P-Called-Party-ID", addrCodec(false)) // RFC 7315 §4.2
	// PVisitedNetworkID is a token or any text.
	PVisitedNetworkID = NewHeader("P-Visited-Network-ID", itemListCodec[Item](isTokenByte)) // RFC 7315 §4.3
	// PAccessNetworkInfo is an access type such as "IEEE-802.11" with its
	// parameters.
	PAccessNetworkInfo = NewHeader("P-Access-Network-Info", itemListCodec[Item](isTokenByte)) // RFC 7315 §4.4
	// PChargingFunctionAddresses has ccf and ecf parameters, several of each.
	PChargingFunctionAddresses = NewHeader("P-Charging-Function-Addresses", paramsCodec()) // RFC 7315 §4.5
	// PChargingVector has icid-value, icid-generated-at, orig-ioi and term-ioi
	// parameters.
	PChargingVector = NewHeader("P-Charging-Vector", paramsCodec()) // RFC 7315 §4.6
)

// PacketCable (RFC 5503).
var (
	PDCSTracePartyID = NewHeader("P-DCS-Trace-Party-ID", addrCodec(false)) // RFC 5503
	// PDCSOSPS is "BLV", "EI", "RING" or an extension.
	PDCSOSPS = NewHeader("P-DCS-OSPS", tokenCodec[string](false)) // RFC 5503
	// PDCSBillingInfo is "correlation-id/feid@host" with rksgroup, charge,
	// calling, called, routing and loc-routing parameters.
	PDCSBillingInfo = NewHeader("P-DCS-Billing-Info", itemCodec[Item](isWideByte)) // RFC 5503
	// PDCSLAES is "host:port" with content, key, bcid and cccid parameters.
	PDCSLAES = NewHeader("P-DCS-LAES", itemCodec[Item](isWideByte)) // RFC 5503
	// PDCSRedirect is the URI that was called, in quotes on the wire, with
	// redirector-uri and count parameters.
	PDCSRedirect = NewHeader("P-DCS-Redirect", redirectCodec()) // RFC 5503
)

// redirectCodec writes its value in quotes always: Called-ID = LDQUOT addr-spec
// RDQUOT.
func redirectCodec() Codec[Item] {
	c := itemCodec[Item](isWideByte)
	c.Append = func(b []byte, v Item) []byte {
		return appendItem(b, v, func(byte) bool { return false })
	}
	return c
}
