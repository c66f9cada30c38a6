package trace

import (
	"context"
	"log/slog"
	"time"
)

// Slog returns a sink that logs each event as a record whose message is the
// event's name. Messages and transactions are logged at the debug level,
// refusals and drops as warnings, a panic as an error, the rest as information;
// what the logger does not want is not built. Of a message only start line,
// Call-ID and CSeq are shown, passwords masked. A nil logger is slog's default.
func Slog(l *slog.Logger) Sink {
	if l == nil {
		l = slog.Default()
	}
	return slogSink{l.Handler()}
}

type slogSink struct{ h slog.Handler }

func (s slogSink) Record(at time.Time, ev Event) {
	level := levelOf(ev)
	ctx := context.Background()
	if !s.h.Enabled(ctx, level) {
		return
	}
	r := slog.NewRecord(at, level, ev.EventName(), 0)
	r.AddAttrs(attrs(ev)...)
	// A handler that fails has nobody to tell.
	_ = s.h.Handle(ctx, r)
}

func levelOf(ev Event) slog.Level {
	switch ev.(type) {
	case MessageIn, MessageOut, TransactionState:
		return slog.LevelDebug
	case MessageDropped, Refused:
		return slog.LevelWarn
	case Panic:
		return slog.LevelError
	}
	return slog.LevelInfo
}

func attrs(ev Event) (list []slog.Attr) {
	add := func(name, value string) {
		if value != "" {
			list = append(list, slog.String(name, value))
		}
	}
	message := func(s summary) {
		add("start", s.start)
		add("call_id", s.callID)
		add("cseq", s.cseq)
	}
	fail := func(err error) {
		if err != nil {
			list = append(list, slog.Any("error", err))
		}
	}
	if p, ok := pathOf(ev); ok {
		add("network", p.Network)
		if p.Local.IsValid() {
			list = append(list, slog.Any("local", p.Local))
		}
		if p.Remote.IsValid() {
			list = append(list, slog.Any("remote", p.Remote))
		}
	}
	switch ev := ev.(type) {
	case MessageIn:
		message(summaryOf(ev.Msg))
	case MessageOut:
		message(summarize(ev.Raw))
		if ev.Again {
			list = append(list, slog.Bool("again", true))
		}
	case MessageDropped:
		add("reason", ev.Reason)
		message(summarize(ev.Raw))
		list = append(list, slog.Int("bytes", len(ev.Raw)))
	case FlowOpened:
	case FlowClosed:
		fail(ev.Err)
	case TransactionState:
		add("call_id", ev.CallID)
		add("branch", ev.Branch)
		add("method", string(ev.Method))
		add("kind", ev.Kind)
		add("state", ev.State)
	case SetOpened:
		add("call_id", ev.CallID)
		add("local_tag", ev.LocalTag)
	case SetEnded:
		add("call_id", ev.CallID)
		add("local_tag", ev.LocalTag)
		fail(ev.Err)
	case Panic:
		add("call_id", ev.CallID)
		list = append(list, slog.Any("value", ev.Value), slog.String("stack", string(ev.Stack)))
	case Refused:
		add("call_id", ev.CallID)
		list = append(list, slog.Int("code", ev.Code))
		add("reason", ev.Reason)
	default:
		list = append(list, slog.Any("event", ev))
	}
	return list
}
