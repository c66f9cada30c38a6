package trace_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"dum/trace"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// custom is an event from outside the package.
type custom struct{ N int }

func (custom) EventName() string { return "custom" }

// loud is one that JSON cannot show.
type loud struct{ C chan int }

func (loud) EventName() string { return "loud" }

// all is one of each event.
func all(t testing.TB) []trace.Event {
	p := path("UDP", alice, bob)
	secret := text("REGISTER sip:h SIP/2.0", "1 REGISTER", "1", "Authorization: Digest response=\"deadbeef\"\r\nContact: <sip:a:secret@b>\r\n", "")
	return []trace.Event{
		trace.FlowOpened{Path: p},
		trace.MessageIn{Path: p, Msg: parse(t, secret)},
		trace.MessageOut{Path: p, CallID: "abc", Raw: []byte(secret), Again: true},
		trace.MessageDropped{Path: p, Raw: []byte("Proxy-Authorization: Digest response=deadbeef"), Reason: "junk"},
		trace.FlowClosed{Path: p, Err: io.EOF},
		trace.TransactionState{CallID: "abc", Branch: "1", Method: "INVITE", Kind: "client", State: "Calling"},
		trace.SetOpened{CallID: "abc", LocalTag: "t"},
		trace.SetEnded{CallID: "abc", LocalTag: "t", Err: errors.New("gone")},
		trace.Panic{CallID: "abc", Value: "ouch", Stack: []byte("goroutine 1")},
		trace.Refused{Path: p, CallID: "abc", Code: 503, Reason: "busy"},
		custom{7},
		loud{},
	}
}

func TestTracer(t *testing.T) {
	var off *trace.Tracer
	if off.On() || trace.New() != nil {
		t.Error("a tracer without sinks is on")
	}
	off.Record(epoch, custom{})
	var a, b trace.Recorder
	tr := trace.New(&a, &b)
	tr.Record(epoch, custom{1})
	if !tr.On() || len(a.Events()) != 1 || len(b.Events()) != 1 || a.Events()[0] != (trace.Recorded{At: epoch, Event: custom{1}}) {
		t.Errorf("%v, %v", a.Events(), b.Events())
	}
}

func TestRecorder(t *testing.T) {
	var r trace.Recorder
	raw := []byte(text("OPTIONS sip:a SIP/2.0", "1 OPTIONS", "1", "", ""))
	r.Record(epoch, trace.MessageOut{Raw: raw})
	r.Record(epoch, trace.MessageDropped{Raw: raw})
	for _, ev := range all(t) {
		r.Record(epoch, ev)
	}
	clear(raw)
	if outs := trace.Of[trace.MessageOut](&r); len(outs) != 2 || !bytes.HasPrefix(outs[0].Raw, []byte("OPTIONS")) {
		t.Errorf("sent: %+v", outs)
	}
	if drops := trace.Of[trace.MessageDropped](&r); len(drops) != 2 || !bytes.HasPrefix(drops[0].Raw, []byte("OPTIONS")) {
		t.Errorf("dropped: %+v", drops)
	}
	if got := trace.Of[custom](&r); len(got) != 1 || got[0].N != 7 {
		t.Errorf("custom: %v", got)
	}
	r.Reset()
	if n := len(r.Events()); n != 0 {
		t.Errorf("%d events after Reset", n)
	}
}

func TestAwait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r trace.Recorder
		r.Record(epoch, custom{1})
		is := func(n int) func(custom) bool { return func(c custom) bool { return c.N == n } }
		if ev, err := trace.Await(t.Context(), &r, is(1)); err != nil || ev.N != 1 {
			t.Errorf("what came before: %v, %v", ev, err)
		}
		go func() {
			for n := range 5 {
				time.Sleep(time.Second)
				r.Record(time.Now(), loud{})
				r.Record(time.Now(), custom{n})
			}
		}()
		if ev, err := trace.Await(t.Context(), &r, is(4)); err != nil || ev.N != 4 {
			t.Errorf("what comes: %v, %v", ev, err)
		}
		if _, err := trace.Await[loud](t.Context(), &r, nil); err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := trace.Await(ctx, &r, is(9)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("what never comes: %v", err)
		}
	})
}

func TestSlog(t *testing.T) {
	var b bytes.Buffer
	strip := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Time(a.Key, a.Value.Time().UTC())
		}
		return a
	}
	sink := trace.Slog(slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: strip})))
	for i, ev := range all(t) {
		sink.Record(ms(i), ev)
	}
	golden(t, "slog.txt", b.Bytes())
	secretsIn(t, b.String())

	b.Reset()
	quiet := trace.Slog(slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelError})))
	for _, ev := range all(t) {
		quiet.Record(epoch, ev)
	}
	if n := strings.Count(b.String(), "\n"); n != 1 || !strings.Contains(b.String(), "ouch") {
		t.Errorf("at the error level: %s", b.String())
	}
	trace.Slog(nil).Record(epoch, trace.TransactionState{}) // debug: not shown by default
}

func secretsIn(t *testing.T, s string) {
	t.Helper()
	for _, secret := range []string{"secret", "deadbeef"} {
		if strings.Contains(s, secret) {
			t.Errorf("%q is shown", secret)
		}
	}
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	sink := trace.JSON(&b)
	for i, ev := range all(t) {
		sink.Record(ms(i), ev)
	}
	if err := sink.Close(); err != nil {
		t.Fatal(err)
	}
	golden(t, "events.json", b.Bytes())
	secretsIn(t, b.String())
	for line := range strings.Lines(b.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
}

// What was recorded is out within a tenth of a second, by itself.
func TestFlushes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b syncBuffer
		sink := trace.JSON(&b)
		for range 3 {
			sink.Record(epoch, custom{1})
			sink.Record(epoch, custom{2})
			if b.Len() != 0 {
				t.Error("each event is a write of its own")
			}
			time.Sleep(100 * time.Millisecond)
			synctest.Wait()
			if n := strings.Count(b.take(), "\n"); n != 2 {
				t.Errorf("%d events out", n)
			}
		}
		sink.Record(epoch, custom{3})
		if err := sink.Close(); err != nil || b.Len() == 0 {
			t.Errorf("Close: %v with %d bytes out", err, b.Len())
		}
		b.take()
		sink.Record(epoch, custom{4})
		if err := sink.Flush(); err == nil || b.Len() != 0 {
			t.Error("a closed sink writes on")
		}
		if err := sink.Close(); err != nil {
			t.Error(err)
		}
	})
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Len()
}

func (s *syncBuffer) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.b.Reset()
	return s.b.String()
}

// The first error of the writer is what Flush and Close return.
func TestWriteError(t *testing.T) {
	full := errors.New("disk full")
	for _, s := range []interface {
		trace.Sink
		Flush() error
		Close() error
	}{trace.JSON(failing{full}), trace.NewLadder(failing{full}, trace.LadderOptions{}), trace.Pcap(failing{full})} {
		for _, ev := range all(t) {
			s.Record(epoch, ev)
		}
		if err := s.Flush(); !errors.Is(err, full) {
			t.Errorf("%T: Flush: %v", s, err)
		}
		s.Record(epoch, all(t)[1])
		if err := s.Close(); !errors.Is(err, full) {
			t.Errorf("%T: Close: %v", s, err)
		}
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// Every sink takes events from many goroutines at once.
func TestConcurrentUse(t *testing.T) {
	var b syncBuffer
	l, j, p := trace.NewLadder(&b, trace.LadderOptions{}), trace.JSON(&b), trace.Pcap(io.Discard)
	var r trace.Recorder
	tr := trace.New(&r, trace.Slog(slog.New(slog.NewJSONHandler(&b, nil))), l, l.As("alice"), j, p)
	events := all(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				for _, ev := range events {
					tr.Record(time.Now(), ev)
				}
				l.Flush()
			}
		})
	}
	group.Wait()
	for _, c := range []io.Closer{l, j, p} {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if n := len(r.Events()); n != 8*50*len(events) {
		t.Errorf("%d events recorded", n)
	}
}
