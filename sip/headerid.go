package sip

// headerID numbers the headers that this package knows, so that a message can
// be searched by comparing bytes. Zero is a header that it does not know, which
// is found by its name.
type headerID uint8

const (
	hidNone headerID = iota
	hidAccept
	hidAcceptContact
	hidAcceptEncoding
	hidAcceptLanguage
	hidAcceptResourcePriority
	hidAlertInfo
	hidAllow
	hidAllowEvents
	hidAnswerMode
	hidAuthenticationInfo
	hidAuthorization
	hidCallID
	hidCallInfo
	hidContact
	hidContentDisposition
	hidContentEncoding
	hidContentLanguage
	hidContentLength
	hidContentType
	hidCSeq
	hidDate
	hidDiversion
	hidErrorInfo
	hidEvent
	hidExpires
	hidFeatureCaps
	hidFlowTimer
	hidFrom
	hidGeolocation
	hidGeolocationError
	hidGeolocationRouting
	hidHistoryInfo
	hidIdentity
	hidIdentityInfo
	hidInReplyTo
	hidInfoPackage
	hidJoin
	hidMaxBreadth
	hidMaxForwards
	hidMIMEVersion
	hidMinExpires
	hidMinSE
	hidOrganization
	hidPAccessNetworkInfo
	hidPAssertedIdentity
	hidPAssociatedURI
	hidPCalledPartyID
	hidPChargingFunctionAddresses
	hidPChargingVector
	hidPDCSBillingInfo
	hidPDCSLAES
	hidPDCSOSPS
	hidPDCSRedirect
	hidPDCSTracePartyID
	hidPEarlyMedia
	hidPPreferredIdentity
	hidPVisitedNetworkID
	hidPath
	hidPriority
	hidPrivAnswerMode
	hidPrivacy
	hidProxyAuthenticate
	hidProxyAuthorization
	hidProxyRequire
	hidRAck
	hidReason
	hidRecordRoute
	hidRecvInfo
	hidReferSub
	hidReferTo
	hidReferredBy
	hidRejectContact
	hidReplaces
	hidReplyTo
	hidRequestDisposition
	hidRequire
	hidResourcePriority
	hidRetryAfter
	hidRoute
	hidRSeq
	hidSecurityClient
	hidSecurityServer
	hidSecurityVerify
	hidServer
	hidServiceRoute
	hidSessionExpires
	hidSessionID
	hidSIPETag
	hidSIPIfMatch
	hidSubject
	hidSubscriptionState
	hidSuppressIfMatch
	hidSupported
	hidTargetDialog
	hidTimestamp
	hidTo
	hidUnsupported
	hidUserAgent
	hidUsertoUser
	hidVia
	hidWarning
	hidWWWAuthenticate
	hidCount
)

// headerName is the full name of each header as RFC 3261 and its successors
// write it. It is never written to.
var headerName = [hidCount]string{
	hidAccept:                     "Accept",
	hidAcceptContact:              "Accept-Contact",
	hidAcceptEncoding:             "Accept-Encoding",
	hidAcceptLanguage:             "Accept-Language",
	hidAcceptResourcePriority:     "Accept-Resource-Priority",
	hidAlertInfo:                  "Alert-Info",
	hidAllow:                      "Allow",
	hidAllowEvents:                "Allow-Events",
	hidAnswerMode:                 "Answer-Mode",
	hidAuthenticationInfo:         "Authentication-Info",
	hidAuthorization:              "Authorization",
	hidCallID:                     "Call-ID",
	hidCallInfo:                   "Call-Info",
	hidContact:                    "Contact",
	hidContentDisposition:         "Content-Disposition",
	hidContentEncoding:            "Content-Encoding",
	hidContentLanguage:            "Content-Language",
	hidContentLength:              "Content-Length",
	hidContentType:                "Content-Type",
	hidCSeq:                       "CSeq",
	hidDate:                       "Date",
	hidDiversion:                  "Diversion",
	hidErrorInfo:                  "Error-Info",
	hidEvent:                      "Event",
	hidExpires:                    "Expires",
	hidFeatureCaps:                "Feature-Caps",
	hidFlowTimer:                  "Flow-Timer",
	hidFrom:                       "From",
	hidGeolocation:                "Geolocation",
	hidGeolocationError:           "Geolocation-Error",
	hidGeolocationRouting:         "Geolocation-Routing",
	hidHistoryInfo:                "History-Info",
	hidIdentity:                   "Identity",
	hidIdentityInfo:               "Identity-Info",
	hidInReplyTo:                  "In-Reply-To",
	hidInfoPackage:                "Info-Package",
	hidJoin:                       "Join",
	hidMaxBreadth:                 "Max-Breadth",
	hidMaxForwards:                "Max-Forwards",
	hidMIMEVersion:                "MIME-Version",
	hidMinExpires:                 "Min-Expires",
	hidMinSE:                      "Min-SE",
	hidOrganization:               "Organization",
	hidPAccessNetworkInfo:         "P-Access-Network-Info",
	hidPAssertedIdentity:          "P-Asserted-Identity",
	hidPAssociatedURI:             "P-Associated-URI",
	hidPCalledPartyID:             "P-Called-Party-ID",
	hidPChargingFunctionAddresses: "P-Charging-Function-Addresses",
	hidPChargingVector:            "P-Charging-Vector",
	hidPDCSBillingInfo:            "P-DCS-Billing-Info",
	hidPDCSLAES:                   "P-DCS-LAES",
	hidPDCSOSPS:                   "P-DCS-OSPS",
	hidPDCSRedirect:               "P-DCS-Redirect",
	hidPDCSTracePartyID:           "P-DCS-Trace-Party-ID",
	hidPEarlyMedia:                "P-Early-Media",
	hidPPreferredIdentity:         "P-Preferred-Identity",
	hidPVisitedNetworkID:          "P-Visited-Network-ID",
	hidPath:                       "Path",
	hidPriority:                   "Priority",
	hidPrivAnswerMode:             "Priv-Answer-Mode",
	hidPrivacy:                    "Privacy",
	hidProxyAuthenticate:          "Proxy-Authenticate",
	hidProxyAuthorization:         "Proxy-Authorization",
	hidProxyRequire:               "Proxy-Require",
	hidRAck:                       "RAck",
	hidReason:                     "Reason",
	hidRecordRoute:                "Record-Route",
	hidRecvInfo:                   "Recv-Info",
	hidReferSub:                   "Refer-Sub",
	hidReferTo:                    "Refer-To",
	hidReferredBy:                 "Referred-By",
	hidRejectContact:              "Reject-Contact",
	hidReplaces:                   "Replaces",
	hidReplyTo:                    "Reply-To",
	hidRequestDisposition:         "Request-Disposition",
	hidRequire:                    "Require",
	hidResourcePriority:           "Resource-Priority",
	hidRetryAfter:                 "Retry-After",
	hidRoute:                      "Route",
	hidRSeq:                       "RSeq",
	hidSecurityClient:             "Security-Client",
	hidSecurityServer:             "Security-Server",
	hidSecurityVerify:             "Security-Verify",
	hidServer:                     "Server",
	hidServiceRoute:               "Service-Route",
	hidSessionExpires:             "Session-Expires",
	hidSessionID:                  "Session-ID",
	hidSIPETag:                    "SIP-ETag",
	hidSIPIfMatch:                 "SIP-If-Match",
	hidSubject:                    "Subject",
	hidSubscriptionState:          "Subscription-State",
	hidSuppressIfMatch:            "Suppress-If-Match",
	hidSupported:                  "Supported",
	hidTargetDialog:               "Target-Dialog",
	hidTimestamp:                  "Timestamp",
	hidTo:                         "To",
	hidUnsupported:                "Unsupported",
	hidUserAgent:                  "User-Agent",
	hidUsertoUser:                 "User-to-User",
	hidVia:                        "Via",
	hidWarning:                    "Warning",
	hidWWWAuthenticate:            "WWW-Authenticate",
}
