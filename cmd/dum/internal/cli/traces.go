package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"dum/trace"
)

// Traces is the flag --trace: what to show of the messages, and where.
type Traces struct{ specs []string }

// Flags registers the flag.
func (t *Traces) Flags(fs *pflag.FlagSet) {
	fs.StringArrayVar(&t.specs, "trace", nil,
		"show messages on stderr as `KIND` ladder, text or json, or write them with pcap=FILE for Wireshark; repeatable")
}

// Open opens the sinks of the flag behind one tracer, nil when there are none.
// done writes out what is held back and closes the files; call it always,
// after the manager has been closed. It tells if a trace is not complete.
func (t *Traces) Open(env *Env) (tracer *trace.Tracer, done func(), err error) {
	sinks, done, err := t.Sinks(env)
	return trace.New(sinks...), done, err
}

// Sinks opens the sinks of the flag; see [Traces.Open].
func (t *Traces) Sinks(env *Env) (sinks []trace.Sink, done func(), err error) {
	var closers []io.Closer
	done = func() {
		var errs []error
		for _, c := range closers {
			errs = append(errs, c.Close())
		}
		if err := errors.Join(errs...); err != nil {
			fmt.Fprintf(env.Err, "trace: %v\n", err)
		}
	}
	for _, spec := range t.specs {
		sink, more, err := open(env, spec)
		if err != nil {
			done()
			return nil, nil, err
		}
		sinks, closers = append(sinks, sink), append(closers, more...)
	}
	return sinks, done, nil
}

// open makes one sink and says what has to be closed, in this order.
func open(env *Env, spec string) (trace.Sink, []io.Closer, error) {
	kind, name, _ := strings.Cut(spec, "=")
	switch {
	case kind == "ladder" && name == "":
		s := trace.NewLadder(env.Err, trace.LadderOptions{})
		return s, []io.Closer{s}, nil
	case kind == "text" && name == "":
		s := newText(env.Err)
		return s, nil, nil
	case kind == "json" && name == "":
		s := trace.JSON(env.Err)
		return s, []io.Closer{s}, nil
	case kind == "pcap" && name != "":
		f, err := os.Create(name)
		if err != nil {
			return nil, nil, Usagef("--trace pcap: %w", err)
		}
		s := trace.Pcap(f)
		return s, []io.Closer{s, f}, nil
	case kind == "pcap":
		return nil, nil, Usagef("--trace pcap needs a file: --trace pcap=calls.pcap")
	}
	return nil, nil, Usagef("--trace %q: must be ladder, text, json or pcap=FILE", spec)
}
