package sip

import (
	"errors"
	"strings"
)

var errVia = errors.New("malformed Via")

// Hop is one value of a Via header: one station of the path that a request
// took (RFC 3261 §20.42).
type Hop struct {
	Version   string // "SIP/2.0"; "" is written as that
	Transport string // as written: "UDP", "TCP", "TLS", "WS"; names are compared without regard to case
	Host      string // sent-by; an IPv6 address keeps its brackets
	Port      uint16 // sent-by; 0 means none was given
	Params    Params
}

// ParseHop reads one Via value. White space around the slashes and the colon
// is legal (RFC 4475 §3.1.1.1 wsinv).
func ParseHop(s string) (Hop, error) {
	var h Hop
	rest, ok := strings.CutPrefix(s, sipVersion+"/")
	if ok {
		h.Version = sipVersion
	} else if h.Version, rest, ok = cutProtocol(s); !ok {
		return Hop{}, errVia
	}
	rest = trimLWS(rest)
	end := 0
	for end < len(rest) && isTokenByte(rest[end]) {
		end++
	}
	if end == 0 || end == len(rest) || !isLWS(rest[end]) {
		return Hop{}, errVia
	}
	h.Transport, rest = rest[:end], trimLWS(rest[end:])
	sentBy := rest
	if semi := strings.IndexByte(rest, ';'); semi >= 0 {
		sentBy = trimLWS(rest[:semi])
		if err := checkParams(rest[semi:]); err != nil {
			return Hop{}, err
		}
		h.Params = Params(rest[semi:])
	}
	var err error
	h.Host, h.Port, err = parseSentBy(sentBy)
	if err != nil {
		return Hop{}, err
	}
	return h, nil
}

// cutProtocol reads "SIP / 2.0 /", white space and other names included.
func cutProtocol(s string) (version, rest string, ok bool) {
	name, rest, _ := strings.Cut(s, "/")
	number, rest, ok := strings.Cut(rest, "/")
	name, number = trimLWS(name), trimLWS(number)
	if !ok || !isToken(name) || !isToken(number) {
		return "", "", false
	}
	if equalFold(name, "SIP") && number == "2.0" {
		return sipVersion, rest, true
	}
	return name + "/" + number, rest, true
}

// parseSentBy is parseHostPort with white space around the colon.
func parseSentBy(s string) (string, uint16, error) {
	host, port, err := parseHostPort(s)
	if err == nil {
		return host, port, nil
	}
	colon := strings.LastIndexByte(s, ':')
	if colon < 0 {
		return "", 0, err
	}
	host, bare, err := parseHostPort(trimLWS(s[:colon]))
	if err != nil || bare != 0 {
		return "", 0, errHost
	}
	port, err = parsePort(trimLWS(s[colon+1:]))
	return host, port, err
}

// String returns the hop as it stands in a Via header.
func (h Hop) String() string { return string(h.Append(make([]byte, 0, 96))) }

// Append writes the hop to b.
func (h Hop) Append(b []byte) []byte {
	version := h.Version
	if version == "" {
		version = "SIP/2.0"
	}
	b = appendClean(b, version)
	b = append(b, '/')
	b = appendToken(b, h.Transport)
	b = append(b, ' ')
	b = appendHost(b, h.Host)
	if h.Port != 0 {
		b = append(b, ':')
		b = appendUint(b, uint64(h.Port))
	}
	return appendParams(b, h.Params)
}

// Branch returns the branch parameter, "" when there is none.
func (h Hop) Branch() string {
	v, _ := h.Params.Get("branch")
	return v
}

// BranchCookie is what every branch of RFC 3261 begins with (§8.1.1.7). A
// branch without it comes from an RFC 2543 peer.
const BranchCookie = "z9hG4bK"

// HasCookie reports whether the branch is unique as RFC 3261 §8.1.1.7 says.
// The cookie is compared without regard to case, as all parameter values are.
func (h Hop) HasCookie() bool {
	b := h.Branch()
	// RFC 4475 §3.4.1 badbranch: the cookie alone names no transaction.
	return len(b) > len(BranchCookie) && equalFold(b[:len(BranchCookie)], BranchCookie)
}

// Received returns the address in the received parameter, without the brackets
// that some put around IPv6 (RFC 5118 §4.5), "" when there is none.
func (h Hop) Received() string {
	v, _ := h.Params.Get("received")
	return strings.TrimSuffix(strings.TrimPrefix(v, "["), "]")
}

// RPort returns the rport parameter (RFC 3581): has tells that it is there, ok
// that it has a valid value as well.
func (h Hop) RPort() (port uint16, ok, has bool) {
	v, has := h.Params.Get("rport")
	port, err := parsePort(v)
	return port, has && err == nil && port != 0, has
}
