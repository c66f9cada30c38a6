package flow

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"dum/sip"
	"dum/siptest"
)

// ladder turns packets into lines. What is different in every run, tags,
// branches, Call-IDs and addresses, gets names in the order of appearance. It
// is used from the network's watcher only, one packet at a time.
type ladder struct {
	hosts []*siptest.Host
	show  []string
	names map[string]string // kind + value -> name
	count map[string]int    // kind -> names given
	seen  map[string]bool   // packets that were sent before
}

// line shows a packet.
func (l *ladder) line(p siptest.Packet, fate siptest.Fate) string {
	from, to := p.Src.Name(), "?"
	if p.Dst != nil {
		to = p.Dst.Name()
	}
	var notes []string
	key := p.From.String() + p.To.String() + p.Data
	if fate != siptest.Late && l.seen[key] {
		notes = append(notes, "again")
	}
	l.seen[key] = true
	if fate != siptest.Arrived {
		notes = append(notes, fate.String())
	}
	return strings.TrimRight(fmt.Sprintf("%-14s %s", from+" -> "+to, l.message(p.Message(), notes)), " ")
}

func (l *ladder) message(m *sip.Message, notes []string) string {
	if m == nil {
		return "junk"
	}
	var b strings.Builder
	seq, _ := sip.CSeq.Get(m)
	if m.IsRequest() {
		fmt.Fprintf(&b, "%s %d", m.Method(), seq.Number)
	} else {
		fmt.Fprintf(&b, "%d %s %d", m.Code(), seq.Method, seq.Number)
	}
	if body := m.Body(); !body.IsZero() {
		b.WriteString(" sdp=" + bodyName(body))
	}
	for _, column := range l.show {
		if v := l.column(m, column); v != "" {
			b.WriteString(" " + column + "=" + v)
		}
	}
	if len(notes) > 0 {
		b.WriteString(" (" + strings.Join(notes, ", ") + ")")
	}
	return b.String()
}

// columns are what show knows.
func columns() []string {
	return []string{"call", "branch", "tags", "uri", "route", "contact", "auth", "reason", "via"}
}

func (l *ladder) column(m *sip.Message, name string) string {
	switch name {
	case "call":
		return l.name("call", m.CallID())
	case "branch":
		top, _ := sip.Via.Get(m)
		return l.name("branch", top.Branch())
	case "tags":
		return l.tag(m.FromTag()) + "/" + l.tag(m.ToTag())
	case "uri":
		return l.places(m.RawURI())
	case "route":
		return l.addrs(m, sip.Route) + l.addrs(m, sip.RecordRoute)
	case "contact":
		return l.addrs(m, sip.Contact)
	case "auth":
		return l.auth(m)
	case "reason":
		v, _ := sip.Named("Reason").Get(m)
		_, params, _ := strings.Cut(v, ";")
		cause, _ := sip.Params(";" + params).Get("cause")
		return cause
	case "via":
		var hops []string
		for v := range sip.Via.All(m) {
			hops = append(hops, l.places(v.Host))
		}
		return strings.Join(hops, ",")
	}
	return ""
}

// name gives a value its name of a kind: "branch3".
func (l *ladder) name(kind, value string) string {
	if value == "" {
		return ""
	}
	key := kind + " " + value
	if l.names[key] == "" {
		l.count[kind]++
		l.names[key] = fmt.Sprintf("%s%d", kind, l.count[kind])
	}
	return l.names[key]
}

func (l *ladder) tag(value string) string {
	if value == "" {
		return "-"
	}
	if len(value) < 8 {
		return value // given by the script
	}
	return l.name("tag", value)
}

func (l *ladder) addrs(m *sip.Message, h sip.Header[sip.Addr]) string {
	var all []string
	for a, err := range h.All(m) {
		if err == nil {
			all = append(all, l.places(a.URI.String()))
		}
	}
	return strings.Join(all, ",")
}

// places puts the names of the hosts in place of their addresses.
func (l *ladder) places(s string) string {
	for _, h := range l.hosts {
		s = strings.ReplaceAll(s, h.Addr().String(), h.Name())
	}
	return s
}

// auth shows what a message challenges or answers: the realms, and how often
// the nonce was used.
func (l *ladder) auth(m *sip.Message) string {
	realm := regexp.MustCompile(`realm="([^"]*)"`)
	nc := regexp.MustCompile(`nc=([0-9a-fA-F]+)`)
	nonce := regexp.MustCompile(`nonce="([^"]*)"`)
	var all []string
	for _, name := range []string{"WWW-Authenticate", "Proxy-Authenticate", "Authorization", "Proxy-Authorization"} {
		for v := range sip.Named(name).All(m) {
			text := "?"
			if x := realm.FindStringSubmatch(v); x != nil {
				text = x[1]
			}
			if x := nonce.FindStringSubmatch(v); x != nil {
				text += "/" + l.name("nonce", x[1])
			}
			if x := nc.FindStringSubmatch(v); x != nil {
				text += "/" + strings.TrimLeft(x[1], "0")
			}
			if strings.Contains(v, "stale=true") {
				text += "/stale"
			}
			all = append(all, text)
		}
	}
	return strings.Join(slices.Compact(all), ",")
}

// body is the session description with a name.
func body(name string) sip.Body {
	if name == "" {
		return sip.Body{}
	}
	return sip.Body{Type: "application/sdp", Data: strings.Join([]string{
		"v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=" + name, "c=IN IP4 192.0.2.1", "t=0 0",
		"m=audio 49170 RTP/AVP 0", "a=rtpmap:0 PCMU/8000", "",
	}, "\r\n")}
}

// bodyName is the name of a description.
func bodyName(b sip.Body) string {
	_, rest, ok := strings.Cut(b.Data, "\r\ns=")
	if !ok {
		return "?"
	}
	name, _, _ := strings.Cut(rest, "\r\n")
	return name
}

// saw makes the watcher that writes the ladder.
func (r *run) saw(p siptest.Packet, fate siptest.Fate) {
	at := p.Sent
	if fate == siptest.Late {
		at = time.Now()
	}
	r.mu.Lock()
	text := r.ladder.line(p, fate)
	r.mu.Unlock()
	r.log.add(entry{at: at, way: p.From.String() + " " + p.To.String(), text: text})
}
