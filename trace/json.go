package trace

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"time"
)

// JSONSink writes each event as one line of JSON; see [JSON]. It is safe for
// concurrent use.
type JSONSink struct{ writer }

// JSON returns a sink that writes one JSON object a line to w: "time" and
// "event", and of network, local, remote, call_id, start, cseq, text (the whole
// message, passwords masked), again, branch, method, kind, state, local_tag,
// code, reason, error, value, stack what the event has. An event from outside
// this package stands whole in "data". Close it when done.
func JSON(w io.Writer) *JSONSink {
	s := new(JSONSink)
	s.start(w)
	return s
}

// Record writes the event.
func (s *JSONSink) Record(at time.Time, ev Event) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // addresses stand in angle brackets
	line := jsonLine(at, ev)
	if err := enc.Encode(line); err != nil {
		b.Reset()
		line.Data = fmt.Sprintf("%+v", ev) // a foreign event that JSON cannot show
		if err := enc.Encode(line); err != nil {
			return
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.write(b.Bytes())
}

// jsonEvent is the union of all events; the order is that of the output.
type jsonEvent struct {
	Time     time.Time `json:"time"`
	Event    string    `json:"event"`
	Network  string    `json:"network,omitempty"`
	Local    string    `json:"local,omitempty"`
	Remote   string    `json:"remote,omitempty"`
	CallID   string    `json:"call_id,omitempty"`
	Start    string    `json:"start,omitempty"`
	CSeq     string    `json:"cseq,omitempty"`
	Again    bool      `json:"again,omitempty"`
	Branch   string    `json:"branch,omitempty"`
	Method   string    `json:"method,omitempty"`
	Kind     string    `json:"kind,omitempty"`
	State    string    `json:"state,omitempty"`
	LocalTag string    `json:"local_tag,omitempty"`
	Code     int       `json:"code,omitempty"`
	Reason   string    `json:"reason,omitempty"`
	Error    string    `json:"error,omitempty"`
	Value    string    `json:"value,omitempty"`
	Stack    string    `json:"stack,omitempty"`
	Text     string    `json:"text,omitempty"`
	Data     any       `json:"data,omitempty"`
}

func jsonLine(at time.Time, ev Event) jsonEvent {
	line := jsonEvent{Time: at, Event: ev.EventName()}
	message := func(s summary, text string) {
		line.Start, line.CallID, line.CSeq, line.Text = s.start, s.callID, s.cseq, Redact(text)
	}
	fail := func(err error) {
		if err != nil {
			line.Error = err.Error()
		}
	}
	if p, ok := pathOf(ev); ok {
		line.Network, line.Local, line.Remote = p.Network, show(p.Local), show(p.Remote)
	}
	switch ev := ev.(type) {
	case MessageIn:
		message(summaryOf(ev.Msg), ev.Msg.String())
	case MessageOut:
		message(summarize(ev.Raw), string(ev.Raw))
		line.Again = ev.Again
	case MessageDropped:
		message(summarize(ev.Raw), string(ev.Raw))
		line.Reason = ev.Reason
	case FlowOpened:
	case FlowClosed:
		fail(ev.Err)
	case TransactionState:
		line.CallID, line.Branch, line.Method = ev.CallID, ev.Branch, string(ev.Method)
		line.Kind, line.State = ev.Kind, ev.State
	case SetOpened:
		line.CallID, line.LocalTag = ev.CallID, ev.LocalTag
	case SetEnded:
		line.CallID, line.LocalTag = ev.CallID, ev.LocalTag
		fail(ev.Err)
	case Panic:
		line.CallID, line.Value, line.Stack = ev.CallID, fmt.Sprint(ev.Value), string(ev.Stack)
	case Refused:
		line.CallID, line.Code, line.Reason = ev.CallID, ev.Code, ev.Reason
	default:
		line.Data = ev
	}
	return line
}

func show(a netip.AddrPort) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}
