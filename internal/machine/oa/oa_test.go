package oa

import (
	"testing"

	"dum/internal/machine/machinetest"
)

var rows = []string{"Idle", "Idle, done", "LocalOffer", "RemoteOffer"}

func in(row string) *Machine {
	switch row {
	case "Idle, done":
		return &Machine{done: true}
	case "LocalOffer":
		return &Machine{state: LocalOffer}
	case "RemoteOffer":
		return &Machine{state: RemoteOffer}
	}
	return new(Machine)
}

func name(m *Machine) string {
	if m.state == Idle && m.done {
		return "Idle, done"
	}
	return m.state.String()
}

func table(title, about string, step func(*Machine, Carrier, bool) Meaning) machinetest.Table {
	carriers := []Carrier{Invite, Provisional, Success, Ack}
	tb := machinetest.Table{Name: title, About: about, States: rows}
	for _, c := range carriers {
		tb.Inputs = append(tb.Inputs, c.String()+" with body", c.String()+" without")
	}
	tb.Step = func(state, input string) machinetest.Cell {
		m := in(state)
		for _, c := range carriers {
			for _, body := range []bool{true, false} {
				label := c.String() + " without"
				if body {
					label = c.String() + " with body"
				}
				if label == input {
					meaning := step(m, c, body)
					cell := machinetest.Cell{Next: name(m), Actions: meaning.String()}
					if meaning == Nothing {
						cell.Actions = ""
					}
					return cell
				}
			}
		}
		return machinetest.Cell{Not: true}
	}
	return tb
}

func TestTable(t *testing.T) {
	machinetest.Golden(t, "TABLE.md",
		table("We send", "RFC 3261 §13.2.1, RFC 3264 §4, RFC 6337 §2.2.", (*Machine).Send),
		table("We receive", "RFC 3261 §13.2.1, RFC 3264 §4, RFC 6337 §2.2.", (*Machine).Recv),
	)
}

type step struct {
	send bool
	c    Carrier
	body bool
	want Meaning
}

func run(t *testing.T, name string, steps ...step) {
	t.Run(name, func(t *testing.T) {
		var m Machine
		for i, s := range steps {
			var got Meaning
			if s.send {
				got = m.Send(s.c, s.body)
			} else {
				got = m.Recv(s.c, s.body)
			}
			if got != s.want {
				t.Fatalf("step %d, %v: got %v, want %v", i, s.c, got, s.want)
			}
		}
		if m.State() != Idle {
			t.Errorf("ends in %v", m.State())
		}
	})
}

// The ways of RFC 6337 table 1 that need no PRACK or UPDATE, whole exchanges at
// a time.
func TestExchanges(t *testing.T) {
	const out, in, body, bare = true, false, true, false
	run(t, "offer in INVITE, answer in 2xx, body repeated",
		step{out, Invite, body, Offer}, step{in, Provisional, bare, Nothing},
		step{in, Success, body, Answer}, step{in, Success, body, Ignored}, step{out, Ack, bare, Nothing})
	run(t, "early answer in 183 counts, later bodies do not",
		step{out, Invite, body, Offer}, step{in, Provisional, body, Answer},
		step{in, Provisional, body, Ignored}, step{in, Success, body, Ignored}, step{out, Ack, bare, Nothing})
	run(t, "early answer, bare 2xx",
		step{out, Invite, body, Offer}, step{in, Provisional, body, Answer}, step{in, Success, bare, Nothing})
	run(t, "late offer",
		step{out, Invite, bare, Nothing}, step{in, Provisional, body, Preview},
		step{in, Success, body, Offer}, step{in, Success, body, Ignored}, step{out, Ack, body, Answer})
	run(t, "callee answers, early and in 2xx",
		step{in, Invite, body, Offer}, step{out, Provisional, body, Preview}, step{out, Provisional, bare, Nothing},
		step{out, Success, bare, Missing}, step{out, Success, body, Answer}, step{in, Ack, body, Ignored})
	run(t, "callee offers late",
		step{in, Invite, bare, Nothing}, step{out, Provisional, body, Illegal},
		step{out, Success, body, Offer}, step{in, Ack, body, Answer}, step{in, Ack, bare, Nothing})
	run(t, "re-INVITE after an exchange starts a new one",
		step{out, Invite, body, Offer}, step{in, Success, body, Answer},
		step{in, Invite, body, Offer}, step{out, Success, body, Answer})
	run(t, "glare",
		step{out, Invite, body, Offer}, step{in, Invite, body, Illegal}, step{in, Success, body, Answer})
}

func TestAbort(t *testing.T) {
	var m Machine
	m.Send(Invite, true)
	m.Abort()
	if got := m.Send(Invite, true); got != Offer {
		t.Errorf("no new offer after a rejected one: %v", got)
	}
	if m.Done() {
		t.Error("done without an answer")
	}
	m.Recv(Success, true)
	if !m.Done() {
		t.Error("not done after the answer")
	}
}

// A copy goes its own way: each fork has its own answer.
func TestForks(t *testing.T) {
	var invite Machine
	invite.Send(Invite, true)
	a, b := invite, invite
	if got := a.Recv(Provisional, true); got != Answer {
		t.Errorf("first fork: %v", got)
	}
	if got := b.Recv(Success, true); got != Answer {
		t.Errorf("second fork: %v", got)
	}
}
