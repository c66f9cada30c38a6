package trace

import (
	"net/netip"
	"strings"

	"dum/sip"
)

// summary is what the sinks show of a message.
type summary struct {
	start  string // the start line without the version, redacted
	method sip.Method
	callID string
	cseq   string
	branch string
	body   string // the body's type, "" without a body
	ok     bool   // it could be read
}

// summarize reads a message that was sent or dropped.
func summarize(raw []byte) summary {
	m, _ := sip.Parse(string(raw), sip.Limits{})
	if m == nil {
		return summary{}
	}
	return summaryOf(m)
}

func summaryOf(m *sip.Message) summary {
	s := summary{method: m.Method(), callID: m.CallID(), ok: true}
	if m.IsRequest() {
		s.start = Redact(string(m.Method()) + " " + m.RawURI())
	} else {
		s.start = strings.TrimSpace(decimal(m.Code()) + " " + m.Reason())
	}
	if seq, err := sip.CSeq.Get(m); err == nil {
		s.cseq = seq.String()
	}
	if via, err := sip.Via.Get(m); err == nil {
		s.branch = via.Branch()
	}
	if b := m.Body(); !b.IsZero() {
		s.body, _, _ = strings.Cut(b.Type, ";")
		s.body = strings.ToLower(strings.TrimSpace(s.body))
	}
	return s
}

func decimal(n int) string {
	return string([]byte{byte('0' + n/100%10), byte('0' + n/10%10), byte('0' + n%10)})
}

// ends are the addresses of a path as they are shown. A socket that is bound to
// every address sends to a loopback address from just that.
func (p Path) ends() (local, remote netip.AddrPort) {
	local, remote = p.Local, p.Remote
	ip := local.Addr()
	if remote.IsValid() && (!ip.IsValid() || ip.IsUnspecified()) {
		switch {
		case remote.Addr().IsLoopback():
			ip = remote.Addr()
		case remote.Addr().Is4():
			ip = netip.IPv4Unspecified()
		default:
			ip = netip.IPv6Unspecified()
		}
		local = netip.AddrPortFrom(ip, local.Port())
	}
	return local, remote
}

// pathOf is the path of an event that has one.
func pathOf(ev Event) (Path, bool) {
	switch ev := ev.(type) {
	case MessageIn:
		return ev.Path, true
	case MessageOut:
		return ev.Path, true
	case MessageDropped:
		return ev.Path, true
	case FlowOpened:
		return ev.Path, true
	case FlowClosed:
		return ev.Path, true
	case Refused:
		return ev.Path, true
	}
	return Path{}, false
}
