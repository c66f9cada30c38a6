package trace

import (
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"
)

// LadderOptions are the settings of [NewLadder]; the zero value is good.
type LadderOptions struct {
	// Width is how many columns of text a line may take. Default 100, at least 60.
	Width int
	// Names are what endpoints are called instead of by their addresses. Several
	// addresses may have one name; they share a lifeline. See also [Ladder.As].
	Names map[netip.AddrPort]string
	// Mermaid makes the output a sequence diagram for Mermaid, which many
	// Markdown viewers draw, instead of text.
	Mermaid bool
}

// A Ladder draws messages as arrows between the lifelines of their endpoints:
// one line each, with the time since the first event in seconds, the start line,
// the method that a response answers, "+sdp" or the like for a body, and "↻" for
// a retransmission. What was dropped, refused or lost stands beside it as a note.
// Where both ends of a message record into one ladder it is drawn once.
//
// It shows start lines only, with passwords masked. It is safe for concurrent
// use. What it draws goes out within a tenth of a second, or with Flush.
type Ladder struct {
	writer
	drawing drawing
	names   map[netip.AddrPort]string // given, and of listening points
	learned map[netip.AddrPort]string // of our ends of connections, while they last
	rising  map[netip.AddrPort]string // by remote: our end of a connection that comes up
	mirror  mirror
	start   time.Time
	clock   uint64      // counts events, to find the lifeline that was used least lately
	ends    []*lifeline // in the order of their columns
	limit   int         // of lifelines
	drawn   int         // lifelines so far
}

// lifeline is one endpoint.
type lifeline struct {
	key    string // the name, else the address
	title  string
	addr   string // below the title when that is a name
	id     int    // never given twice
	column int
	used   uint64
}

// drawing turns what a ladder knows into text.
type drawing interface {
	// lifelines tells what there is from now on.
	lifelines(b []byte, all []*lifeline) []byte
	arrow(b []byte, at time.Duration, from, to *lifeline, label string, response bool) []byte
	// over is nil for what concerns no endpoint.
	note(b []byte, at time.Duration, over *lifeline, text string) []byte
}

// NewLadder returns a ladder that draws to w. Close it when done.
func NewLadder(w io.Writer, opt LadderOptions) *Ladder {
	l := &Ladder{
		names:   make(map[netip.AddrPort]string),
		learned: make(map[netip.AddrPort]string),
		rising:  make(map[netip.AddrPort]string),
		mirror:  newMirror(),
	}
	for addr, name := range opt.Names {
		l.names[plain(addr)] = name
	}
	if opt.Mermaid {
		l.drawing, l.limit = new(mermaid), 1000
	} else {
		d := newTextLadder(opt.Width)
		l.drawing, l.limit = d, d.room()
	}
	l.writer.start(w)
	return l
}

func plain(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// As returns the same ladder as a sink for one of several in a process: whatever
// is local to an event recorded there shows under name.
func (l *Ladder) As(name string) Sink { return ladderEnd{l, name} }

type ladderEnd struct {
	l    *Ladder
	name string
}

func (e ladderEnd) Record(at time.Time, ev Event) { e.l.record(at, ev, e.name) }

// Record draws the event, if it is one that a ladder shows.
func (l *Ladder) Record(at time.Time, ev Event) { l.record(at, ev, "") }

func (l *Ladder) record(at time.Time, ev Event, name string) {
	// What is costly goes before the lock.
	var s summary
	switch ev := ev.(type) {
	case MessageIn:
		s = summaryOf(ev.Msg)
	case MessageOut:
		s = summarize(ev.Raw)
	case MessageDropped:
		s = summarize(ev.Raw)
	case FlowOpened, FlowClosed, Refused, SetEnded, Panic:
	default:
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	p, ok := pathOf(ev)
	if ok && name != "" && p.Local.IsValid() {
		l.learn(p, name)
	}
	if l.start.IsZero() {
		l.start = at
	}
	l.draw(at.Sub(l.start), ev, p, s)
}

// learn takes down whose an address is.
func (l *Ladder) learn(p Path, name string) {
	if !p.Remote.IsValid() {
		l.names[p.Local] = name
	} else if l.names[p.Local] == "" {
		l.learned[p.Local] = name
	}
}

func (l *Ladder) draw(at time.Duration, ev Event, p Path, s summary) {
	switch ev := ev.(type) {
	case MessageIn:
		l.message(at, p, s, false, false)
	case MessageOut:
		l.message(at, p, s, true, ev.Again)
	case MessageDropped:
		if !s.ok || !l.mirror.knows(l.mirror.key(p.Network, s)) {
			if !s.ok {
				s.start = fmt.Sprintf("%d bytes of junk", len(ev.Raw))
			}
			l.message(at, p, s, false, false)
		}
		l.note(at, p, "✗ dropped: "+ev.Reason)
	case FlowClosed:
		// Of the end of a listening point nobody has to hear.
		if p.Remote.IsValid() && ev.Err != nil && ev.Err != io.EOF {
			l.note(at, p, "✗ "+p.Network+" connection lost: "+ev.Err.Error())
		}
		delete(l.learned, p.Local)
		delete(l.rising, p.Remote)
	case Refused:
		l.note(at, p, fmt.Sprintf("✗ refused: %d %s", ev.Code, ev.Reason))
	case SetEnded:
		if ev.Err != nil {
			l.note(at, p, "✗ ended: "+ev.Err.Error())
		}
	case Panic:
		l.note(at, p, fmt.Sprintf("✗ panic: %v", ev.Value))
	}
}

func (l *Ladder) message(at time.Duration, p Path, s summary, sent, again bool) {
	if s.ok {
		echo, seen := l.mirror.look(l.mirror.key(p.Network, s), sent)
		if echo {
			return
		}
		again = again || seen
	}
	local, remote := p.ends()
	here, there := l.lifelines(local, remote)
	from, to := there, here
	if sent {
		from, to = here, there
	}
	l.write(l.drawing.arrow(nil, at, from, to, label(p.Network, s, again), s.response()))
}

// response tells a status line.
func (s summary) response() bool {
	return s.ok && s.start != "" && '0' <= s.start[0] && s.start[0] <= '9'
}

// label is what stands on the arrow.
func label(network string, s summary, again bool) string {
	var b strings.Builder
	if again {
		b.WriteString("↻ ")
	}
	b.WriteString(clean(s.start))
	if s.response() && s.method != "" {
		b.WriteString(" (" + string(s.method) + ")")
	}
	if s.body != "" {
		kind := strings.TrimPrefix(s.body, "application/")
		b.WriteString(" +" + clean(kind))
	}
	if network != "UDP" && network != "" {
		b.WriteString(" [" + network + "]")
	}
	return b.String()
}

// clean keeps what a peer sent from moving the cursor.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == '\u2028' || r == '\u2029' {
			return '·'
		}
		return r
	}, s)
}

func (l *Ladder) note(at time.Duration, p Path, text string) {
	var over *lifeline
	if p.Local.IsValid() && p.Remote.IsValid() {
		over, _ = l.lifelines(p.ends())
	}
	l.write(l.drawing.note(nil, at, over, clean(Redact(text))))
}

// lifelines finds the two ends of a path, adding what is new.
func (l *Ladder) lifelines(local, remote netip.AddrPort) (here, there *lifeline) {
	drawn := l.drawn
	l.clock++
	here = l.lifeline(l.localKey(local, remote), local)
	there = l.lifeline(l.key(remote), remote)
	if l.drawn != drawn {
		l.write(l.drawing.lifelines(nil, l.ends))
	}
	return here, there
}

func (l *Ladder) key(addr netip.AddrPort) string {
	for _, names := range [...]map[netip.AddrPort]string{l.names, l.learned} {
		if name := names[addr]; name != "" {
			return name
		}
	}
	// A socket bound to every address has a name for all of them.
	for _, ip := range [...]netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()} {
		if name := l.names[netip.AddrPortFrom(ip, addr.Port())]; name != "" {
			return name
		}
	}
	return addr.String()
}

// localKey sees to it that a connection is one lifeline before it is up, when
// its port is not known, and after.
func (l *Ladder) localKey(local, remote netip.AddrPort) string {
	key := l.key(local)
	if key != local.String() {
		return key
	}
	if local.Port() == 0 {
		key = local.Addr().String() + " to " + remote.String()
		l.rising[remote] = key
		return key
	}
	if was := l.rising[remote]; was != "" {
		delete(l.rising, remote)
		l.learned[local] = was
		for _, e := range l.ends {
			if e.key == was {
				e.title = local.String()
			}
		}
		return was
	}
	return key
}

// lifeline finds or makes one. When there is no room it takes the column of the
// one that was used least lately.
func (l *Ladder) lifeline(key string, addr netip.AddrPort) *lifeline {
	oldest := 0
	for i, e := range l.ends {
		if e.key == key {
			e.used = l.clock
			return e
		}
		if e.used < l.ends[oldest].used {
			oldest = i
		}
	}
	e := &lifeline{key: key, title: key, addr: addr.String(), id: l.drawn, used: l.clock}
	l.drawn++
	switch {
	case key == e.addr:
		e.addr = ""
	case addr.Port() == 0 && l.key(addr) != key: // a connection that comes up
		e.title, e.addr = addr.Addr().String(), ""
	case addr.Port() == 0:
		e.addr = addr.Addr().String()
	}
	if len(l.ends) < l.limit {
		e.column = len(l.ends)
		l.ends = append(l.ends, e)
	} else {
		e.column = oldest
		l.ends[oldest] = e
	}
	return e
}
