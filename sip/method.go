package sip

// Method is the name of a SIP method. Methods are case-sensitive
// (RFC 3261 §7.1): "invite" is not [INVITE], but a method of its own.
type Method string

// The methods that user agents use.
const (
	INVITE    Method = "INVITE"    // RFC 3261 §13
	ACK       Method = "ACK"       // RFC 3261 §13
	BYE       Method = "BYE"       // RFC 3261 §15
	CANCEL    Method = "CANCEL"    // RFC 3261 §9
	OPTIONS   Method = "OPTIONS"   // RFC 3261 §11
	REGISTER  Method = "REGISTER"  // RFC 3261 §10
	PRACK     Method = "PRACK"     // RFC 3262
	UPDATE    Method = "UPDATE"    // RFC 3311
	INFO      Method = "INFO"      // RFC 6086
	SUBSCRIBE Method = "SUBSCRIBE" // RFC 6665
	NOTIFY    Method = "NOTIFY"    // RFC 6665
	REFER     Method = "REFER"     // RFC 3515
	MESSAGE   Method = "MESSAGE"   // RFC 3428
	PUBLISH   Method = "PUBLISH"   // RFC 3903
)

// String returns the method as text.
func (m Method) String() string { return string(m) }

// Known reports whether m is one of the methods that this package names.
func (m Method) Known() bool {
	_, ok := knownMethod(string(m))
	return ok
}

// knownMethod returns the constant for s, so that a Method that outlives its
// message does not hold the whole message in memory.
func knownMethod(s string) (Method, bool) {
	switch s {
	case "INVITE":
		return INVITE, true
	case "ACK":
		return ACK, true
	case "BYE":
		return BYE, true
	case "CANCEL":
		return CANCEL, true
	case "OPTIONS":
		return OPTIONS, true
	case "REGISTER":
		return REGISTER, true
	case "PRACK":
		return PRACK, true
	case "UPDATE":
		return UPDATE, true
	case "INFO":
		return INFO, true
	case "SUBSCRIBE":
		return SUBSCRIBE, true
	case "NOTIFY":
		return NOTIFY, true
	case "REFER":
		return REFER, true
	case "MESSAGE":
		return MESSAGE, true
	case "PUBLISH":
		return PUBLISH, true
	}
	return Method(s), false
}

// internMethod is knownMethod for callers that take any method.
func internMethod(s string) Method {
	m, _ := knownMethod(s)
	return m
}
