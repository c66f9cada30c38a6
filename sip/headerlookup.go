package sip

// maxKnownName is the length of the longest name in headerName.
const maxKnownName = 29

// lookupHeader finds the number of a header by its full or compact name,
// without regard to case (RFC 3261 §7.3.1).
func lookupHeader(name string) headerID {
	var buf [maxKnownName]byte
	if len(name) > len(buf) {
		return hidNone
	}
	for i := 0; i < len(name); i++ {
		buf[i] = lower(name[i])
	}
	return lookupLower(buf[:len(name)])
}

// lookupLower is lookupHeader for a name in lower case. The compiler turns the
// switch into a search by length and content, without allocation.
func lookupLower(name []byte) headerID {
	switch string(name) {
	case "accept":
		return hidAccept
	case "accept-contact", "a":
		return hidAcceptContact
	case "accept-encoding":
		return hidAcceptEncoding
	case "accept-language":
		return hidAcceptLanguage
	case "accept-resource-priority":
		return hidAcceptResourcePriority
	case "alert-info":
		return hidAlertInfo
	case "allow":
		return hidAllow
	case "allow-events", "u":
		return hidAllowEvents
	case "answer-mode":
		return hidAnswerMode
	case "authentication-info":
		return hidAuthenticationInfo
	case "authorization":
		return hidAuthorization
	case "call-id", "i":
		return hidCallID
	case "call-info":
		return hidCallInfo
	case "contact", "m":
		return hidContact
	case "content-disposition":
		return hidContentDisposition
	case "content-encoding", "e":
		return hidContentEncoding
	case "content-language":
		return hidContentLanguage
	case "content-length", "l":
		return hidContentLength
	case "content-type", "c":
		return hidContentType
	case "cseq":
		return hidCSeq
	case "date":
		return hidDate
	case "diversion":
		return hidDiversion
	case "error-info":
		return hidErrorInfo
	case "event", "o":
		return hidEvent
	case "expires":
		return hidExpires
	case "feature-caps":
		return hidFeatureCaps
	case "flow-timer":
		return hidFlowTimer
	case "from", "f":
		return hidFrom
	case "geolocation":
		return hidGeolocation
	case "geolocation-error":
		return hidGeolocationError
	case "geolocation-routing":
		return hidGeolocationRouting
	case "history-info":
		return hidHistoryInfo
	case "identity", "y":
		return hidIdentity
	case "identity-info", "n":
		return hidIdentityInfo
	case "in-reply-to":
		return hidInReplyTo
	case "info-package":
		return hidInfoPackage
	case "join":
		return hidJoin
	case "max-breadth":
		return hidMaxBreadth
	case "max-forwards":
		return hidMaxForwards
	case "mime-version":
		return hidMIMEVersion
	case "min-expires":
		return hidMinExpires
	case "min-se":
		return hidMinSE
	case "organization":
		return hidOrganization
	case "p-access-network-info":
		return hidPAccessNetworkInfo
	case "p-asserted-identity":
		return hidPAssertedIdentity
	case "p-associated-uri":
		return hidPAssociatedURI
	case "p-called-party-id":
		return hidPCalledPartyID
	case "p-charging-function-addresses":
		return hidPChargingFunctionAddresses
	case "p-charging-vector":
		return hidPChargingVector
	case "p-dcs-billing-info":
		return hidPDCSBillingInfo
	case "p-dcs-laes":
		return hidPDCSLAES
	case "p-dcs-osps":
		return hidPDCSOSPS
	case "p-dcs-redirect":
		return hidPDCSRedirect
	case "p-dcs-trace-party-id":
		return hidPDCSTracePartyID
	case "p-early-media":
		return hidPEarlyMedia
	case "p-preferred-identity":
		return hidPPreferredIdentity
	case "p-visited-network-id":
		return hidPVisitedNetworkID
	case "path":
		return hidPath
	case "priority":
		return hidPriority
	case "priv-answer-mode":
		return hidPrivAnswerMode
	case "privacy":
		return hidPrivacy
	case "proxy-authenticate":
		return hidProxyAuthenticate
	case "proxy-authorization":
		return hidProxyAuthorization
	case "proxy-require":
		return hidProxyRequire
	case "rack":
		return hidRAck
	case "reason":
		return hidReason
	case "record-route":
		return hidRecordRoute
	case "recv-info":
		return hidRecvInfo
	case "refer-sub":
		return hidReferSub
	case "refer-to", "r":
		return hidReferTo
	case "referred-by", "b":
		return hidReferredBy
	case "reject-contact", "j":
		return hidRejectContact
	case "replaces":
		return hidReplaces
	case "reply-to":
		return hidReplyTo
	case "request-disposition", "d":
		return hidRequestDisposition
	case "require":
		return hidRequire
	case "resource-priority":
		return hidResourcePriority
	case "retry-after":
		return hidRetryAfter
	case "route":
		return hidRoute
	case "rseq":
		return hidRSeq
	case "security-client":
		return hidSecurityClient
	case "security-server":
		return hidSecurityServer
	case "security-verify":
		return hidSecurityVerify
	case "server":
		return hidServer
	case "service-route":
		return hidServiceRoute
	case "session-expires", "x":
		return hidSessionExpires
	case "session-id":
		return hidSessionID
	case "sip-etag":
		return hidSIPETag
	case "sip-if-match":
		return hidSIPIfMatch
	case "subject", "s":
		return hidSubject
	case "subscription-state":
		return hidSubscriptionState
	case "suppress-if-match":
		return hidSuppressIfMatch
	case "supported", "k":
		return hidSupported
	case "target-dialog":
		return hidTargetDialog
	case "timestamp":
		return hidTimestamp
	case "to", "t":
		return hidTo
	case "unsupported":
		return hidUnsupported
	case "user-agent":
		return hidUserAgent
	case "user-to-user":
		return hidUsertoUser
	case "via", "v":
		return hidVia
	case "warning":
		return hidWarning
	case "www-authenticate":
		return hidWWWAuthenticate
	}
	return hidNone
}
