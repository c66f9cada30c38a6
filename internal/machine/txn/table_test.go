package txn

import (
	"strings"
	"testing"
	"time"

	"dum/internal/machine/machinetest"
)

// machine is what the walk needs of each of the four.
type machine interface {
	Deadline() time.Time
	Expire(now time.Time, t *Timers) Action
}

var epoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// walk describes one machine to the table: how to make it, how to get it into
// a state, and what each input does.
type walk struct {
	name, about string
	states      []string
	inputs      []string
	// fresh makes a machine that has started, in the state.
	fresh func(state string, t *Timers, reliable bool) machine
	feed  func(m machine, input string, now time.Time, t *Timers) Action
	state func(m machine) string
}

func (w walk) tables() []machinetest.Table {
	var out []machinetest.Table
	for _, reliable := range []bool{false, true} {
		name := w.name + ", unreliable transport"
		if reliable {
			name = w.name + ", reliable transport"
		}
		out = append(out, machinetest.Table{
			Name:   name,
			About:  w.about,
			States: w.states,
			Inputs: append([]string{"(entered)"}, w.inputs...),
			Step: func(state, input string) machinetest.Cell {
				timers := Timers{}.Resolved()
				m := w.fresh(state, &timers, reliable)
				if w.state(m) != state { // states that this transport never rests in
					return machinetest.Cell{Not: true}
				}
				now, armed := epoch, m.Deadline()
				var acts []string
				switch {
				case input == "(entered)":
					armed = time.Time{}
				case strings.HasPrefix(input, "timer"):
					at := m.Deadline()
					if limit := limitOf(m); strings.Contains(input, "(limit)") {
						at = limit
					} else if at.Equal(limit) {
						at = time.Time{}
					}
					if at.IsZero() {
						return machinetest.Cell{Not: true}
					}
					now = at
					acts = append(acts, str(m.Expire(now, &timers)))
				default:
					acts = append(acts, str(w.feed(m, input, now, &timers)))
				}
				if d := m.Deadline(); !d.IsZero() && !d.Equal(armed) {
					acts = append(acts, "⏱ "+d.Sub(now).String())
				}
				return machinetest.Cell{Next: w.state(m), Actions: strings.Join(drop(acts), ", ")}
			},
		})
	}
	return out
}

func str(a Action) string { return a.String() }

func drop(ss []string) (out []string) {
	for _, s := range ss {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

func limitOf(m machine) time.Time {
	switch m := m.(type) {
	case *ClientInvite:
		return m.limit
	case *ClientRequest:
		return m.limit
	case *ServerInvite:
		return m.limit
	case *ServerRequest:
		return m.limit
	}
	panic("no such machine")
}

func TestTable(t *testing.T) {
	var all []machinetest.Table
	all = append(all, walk{
		name: "Client INVITE", about: "RFC 3261 §17.1.1, RFC 6026 §7.2. ⏱ is the time until the\nnext timer, where an input sets it.",
		states: []string{"Calling", "Proceeding", "Completed", "Accepted", "Terminated"},
		inputs: []string{"1xx", "2xx", "3xx-6xx", "timer A", "timer B, D or M (limit)", "transport error", "abandon"},
		fresh: func(state string, t *Timers, reliable bool) machine {
			m := new(ClientInvite)
			m.Start(epoch, t, reliable)
			switch state {
			case "Proceeding":
				m.Recv(epoch, t, 180)
			case "Completed":
				m.Recv(epoch, t, 486)
			case "Accepted":
				m.Recv(epoch, t, 200)
			case "Terminated":
				m.Abandon()
			}
			return m
		},
		feed: func(m machine, input string, now time.Time, t *Timers) Action {
			c := m.(*ClientInvite)
			switch input {
			case "1xx":
				return c.Recv(now, t, 180)
			case "2xx":
				return c.Recv(now, t, 200)
			case "3xx-6xx":
				return c.Recv(now, t, 486)
			case "transport error":
				return c.Fail()
			}
			return c.Abandon()
		},
		state: func(m machine) string { return m.(*ClientInvite).State().String() },
	}.tables()...)
	all = append(all, walk{
		name: "Client non-INVITE", about: "RFC 3261 §17.1.2.",
		states: []string{"Trying", "Proceeding", "Completed", "Terminated"},
		inputs: []string{"1xx", "2xx-6xx", "timer E", "timer F or K (limit)", "transport error"},
		fresh: func(state string, t *Timers, reliable bool) machine {
			m := new(ClientRequest)
			m.Start(epoch, t, reliable)
			switch state {
			case "Proceeding":
				m.Recv(epoch, t, 100)
			case "Completed":
				m.Recv(epoch, t, 200)
			case "Terminated":
				m.Fail()
			}
			return m
		},
		feed: func(m machine, input string, now time.Time, t *Timers) Action {
			c := m.(*ClientRequest)
			switch input {
			case "1xx":
				return c.Recv(now, t, 100)
			case "2xx-6xx":
				return c.Recv(now, t, 200)
			}
			return c.Fail()
		},
		state: func(m machine) string { return m.(*ClientRequest).State().String() },
	}.tables()...)
	all = append(all, walk{
		name: "Server INVITE", about: "RFC 3261 §17.2.1, RFC 6026 §7.1.",
		states: []string{"Proceeding", "Completed", "Confirmed", "Accepted", "Terminated"},
		inputs: []string{"INVITE again", "ACK", "1xx from TU", "2xx from TU", "3xx-6xx from TU", "timer: 100 due, or G", "timer H, I or L (limit)"},
		fresh: func(state string, t *Timers, reliable bool) machine {
			m := new(ServerInvite)
			m.Start(epoch, t, reliable)
			switch state {
			case "Completed":
				m.Respond(epoch, t, 486)
			case "Confirmed":
				m.Respond(epoch, t, 486)
				m.RecvAck(epoch, t)
			case "Accepted":
				m.Respond(epoch, t, 200)
			case "Terminated":
				m.Respond(epoch, t, 486)
				m.Expire(epoch.Add(t.Long()), t)
			}
			return m
		},
		feed: func(m machine, input string, now time.Time, t *Timers) Action {
			s := m.(*ServerInvite)
			switch input {
			case "INVITE again":
				return s.Again()
			case "ACK":
				return s.RecvAck(now, t)
			case "1xx from TU":
				return s.Respond(now, t, 180)
			case "2xx from TU":
				return s.Respond(now, t, 200)
			}
			return s.Respond(now, t, 486)
		},
		state: func(m machine) string { return m.(*ServerInvite).State().String() },
	}.tables()...)
	all = append(all, walk{
		name: "Server non-INVITE", about: "RFC 3261 §17.2.2, RFC 4320 §4.",
		states: []string{"Trying", "Proceeding", "Completed", "Terminated"},
		inputs: []string{"request again", "100 from TU", "101-199 from TU", "408 from TU", "other final from TU", "timer: 100 due", "timer J, or the client gave up (limit)"},
		fresh: func(state string, t *Timers, reliable bool) machine {
			m := new(ServerRequest)
			m.Start(epoch, t, reliable)
			switch state {
			case "Proceeding":
				m.Expire(epoch.Add(t.toT2()), t)
			case "Completed":
				m.Respond(epoch, t, 200)
			case "Terminated":
				m.Expire(epoch.Add(t.Long()), t)
			}
			return m
		},
		feed: func(m machine, input string, now time.Time, t *Timers) Action {
			s := m.(*ServerRequest)
			switch input {
			case "request again":
				return s.Again()
			case "100 from TU":
				return s.Respond(now, t, 100)
			case "101-199 from TU":
				return s.Respond(now, t, 183)
			case "408 from TU":
				return s.Respond(now, t, 408)
			}
			return s.Respond(now, t, 200)
		},
		state: func(m machine) string { return m.(*ServerRequest).State().String() },
	}.tables()...)
	machinetest.Golden(t, "TABLE.md", all...)
}
