package sip

// The headers of RFC 3261 beyond those of routing and matching. A list that may
// be empty, such as "Supported:", is written by Named(name).Set(m, "").

// What a user agent can do.
var (
	Accept         = NewHeader("Accept", itemListCodec[Item](isMediaByte))          // RFC 3261 §20.1
	AcceptEncoding = NewHeader("Accept-Encoding", itemListCodec[Item](isTokenByte)) // RFC 3261 §20.2
	AcceptLanguage = NewHeader("Accept-Language", itemListCodec[Item](isTokenByte)) // RFC 3261 §20.3
	Allow          = NewHeader("Allow", methodCodec())                              // RFC 3261 §20.5
	Supported      = NewHeader("Supported", tokenCodec[string](true))               // RFC 3261 §20.37
	Require        = NewHeader("Require", tokenCodec[string](true))                 // RFC 3261 §20.32
	ProxyRequire   = NewHeader("Proxy-Require", tokenCodec[string](true))           // RFC 3261 §20.29
	Unsupported    = NewHeader("Unsupported", tokenCodec[string](true))             // RFC 3261 §20.40
)

// What the body is, beside Content-Type and Content-Length.
var (
	// ContentDisposition is session, render, icon, alert or another; its
	// handling parameter says optional or required.
	ContentDisposition = NewHeader("Content-Disposition", itemCodec[Item](isTokenByte)) // RFC 3261 §20.11
	ContentEncoding    = NewHeader("Content-Encoding", tokenCodec[string](true))        // RFC 3261 §20.12
	ContentLanguage    = NewHeader("Content-Language", tokenCodec[string](true))        // RFC 3261 §20.13
	MIMEVersion        = NewHeader("MIME-Version", tokenCodec[string](false))           // RFC 3261 §20.24
)

// Texts for people. They may be empty and may hold any UTF-8.
var (
	Organization = NewHeader("Organization", rawCodec()) // RFC 3261 §20.25
	Server       = NewHeader("Server", rawCodec())       // RFC 3261 §20.35
	Subject      = NewHeader("Subject", rawCodec())      // RFC 3261 §20.36
	UserAgent    = NewHeader("User-Agent", rawCodec())   // RFC 3261 §20.41
)

// Addresses and pointers. The URI may have any scheme, often http.
var (
	AlertInfo = NewHeader("Alert-Info", addrCodec(true)) // RFC 3261 §20.4
	CallInfo  = NewHeader("Call-Info", addrCodec(true))  // RFC 3261 §20.9
	ErrorInfo = NewHeader("Error-Info", addrCodec(true)) // RFC 3261 §20.18
	InReplyTo = NewHeader("In-Reply-To", callIDCodec())  // RFC 3261 §20.21
	ReplyTo   = NewHeader("Reply-To", addrCodec(false))  // RFC 3261 §20.31
)

// Time, urgency and mishaps.
var (
	// Expires is in whole seconds, between 0 and 2^32-1; a greater number reads
	// as the greatest.
	Expires    = NewHeader("Expires", secondsCodec())             // RFC 3261 §20.19
	MinExpires = NewHeader("Min-Expires", secondsCodec())         // RFC 3261 §20.23
	Date       = NewHeader("Date", dateCodec())                   // RFC 3261 §20.17
	Priority   = NewHeader("Priority", tokenCodec[string](false)) // RFC 3261 §20.26
	RetryAfter = NewHeader("Retry-After", retryCodec())           // RFC 3261 §20.33
	Timestamp  = NewHeader("Timestamp", stampCodec())             // RFC 3261 §20.38
	Warning    = NewHeader("Warning", warnCodec())                // RFC 3261 §20.43
)

// HasToken reports whether a list of tokens, such as Supported, Require or
// Allow-Events, holds token. Tokens are compared without regard to case. A bad
// element does not hide the good ones.
func HasToken(m *Message, h Header[string], token string) bool {
	for v, err := range h.All(m) {
		if err == nil && equalFold(v, token) {
			return true
		}
	}
	return false
}

// Allows reports whether the Allow header of m lists the method. Methods are
// case-sensitive (RFC 3261 §7.1). RFC 3261 §20.5: "The absence of an Allow
// header field MUST NOT be interpreted to mean that the UA sending the message
// supports no methods": ask [Header.Has] to tell the two apart.
func Allows(m *Message, method Method) bool {
	for v, err := range Allow.All(m) {
		if err == nil && v == method {
			return true
		}
	}
	return false
}
