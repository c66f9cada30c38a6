package modify

import (
	"testing"
	"time"

	"dum/internal/machine/machinetest"
)

var start = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

var rows = []string{
	"Idle", "Sent", "Received", "Received, ACK due", "Received, ACK with answer due",
	"Received, ours waits", "GlareWait",
}

func in(row string) *Machine {
	m := new(Machine)
	switch row {
	case "Sent":
		m.Send()
	case "Received":
		m.Recv()
	case "Received, ACK due":
		m.Recv()
		m.Answered(true, false)
	case "Received, ACK with answer due":
		m.Recv()
		m.Answered(true, true)
	case "Received, ours waits":
		m.Send()
		m.Glare(start, true, 0)
		m.Recv()
	case "GlareWait":
		m.Send()
		m.Glare(start, true, 0)
	}
	return m
}

func name(m *Machine) string {
	switch {
	case m.state == Received && m.glare:
		return "Received, ours waits"
	case m.state == Received && m.acks && m.offer:
		return "Received, ACK with answer due"
	case m.state == Received && m.acks:
		return "Received, ACK due"
	}
	return m.state.String()
}

func TestTable(t *testing.T) {
	machinetest.Golden(t, "TABLE.md", machinetest.Table{
		Name:   "Changes of a session",
		About:  "RFC 3261 §14, RFC 5407 §3.1.4 and §3.1.5.",
		States: rows,
		Inputs: []string{
			"user: re-INVITE", "re-INVITE", "we answer 2xx", "we answer 2xx with offer", "we answer ≥300", "ACK, or never",
			"491", "ours is over", "time",
		},
		Step: func(state, input string) machinetest.Cell {
			m := in(state)
			did := ""
			switch input {
			case "user: re-INVITE":
				did = m.Send().String()
			case "re-INVITE":
				did = m.Recv().String()
			case "we answer 2xx":
				m.Answered(true, false)
			case "we answer 2xx with offer":
				m.Answered(true, true)
			case "we answer ≥300":
				m.Answered(false, false)
			case "ACK, or never":
				m.Acked()
			case "491":
				m.Glare(start, true, 0)
			case "ours is over":
				m.Done()
			case "time":
				if m.Expire(start.Add(4 * time.Second)) {
					did = "Take"
				}
			}
			return machinetest.Cell{Next: name(m), Actions: did}
		},
	})
}

func TestRows(t *testing.T) {
	for _, row := range rows {
		if got := name(in(row)); got != row {
			t.Errorf("%q is %q", row, got)
		}
	}
}

// RFC 3261 §14.1: 2.1 to 4 s for the owner of the Call-ID, 0 to 2 s for the
// other, in units of 10 ms.
func TestGlareTimes(t *testing.T) {
	for _, c := range []struct {
		owner    bool
		min, max time.Duration
	}{
		{true, 2100 * time.Millisecond, 4 * time.Second},
		{false, 0, 2 * time.Second},
	} {
		lowest, highest := time.Hour, time.Duration(0)
		for random := range uint32(1000) {
			var m Machine
			m.Send()
			m.Glare(start, c.owner, random)
			wait := m.Deadline().Sub(start)
			lowest, highest = min(lowest, wait), max(highest, wait)
			if wait%(10*time.Millisecond) != 0 {
				t.Fatalf("%v is no multiple of 10 ms", wait)
			}
			if m.Expire(start.Add(wait - 1)) {
				t.Fatalf("expired before %v", wait)
			}
			if !m.Expire(start.Add(wait)) || m.State() != Sent {
				t.Fatalf("nothing at %v", wait)
			}
		}
		if lowest != c.min || highest != c.max {
			t.Errorf("owner=%v: %v to %v, want %v to %v", c.owner, lowest, highest, c.min, c.max)
		}
	}
}

// The peer's change comes first when ours waits out a glare, and ours follows.
func TestGlareThenTheirs(t *testing.T) {
	m := in("GlareWait")
	if v := m.Recv(); v != Take {
		t.Fatalf("got %v", v)
	}
	if !m.Deadline().IsZero() {
		t.Error("ours would go out while theirs is open")
	}
	m.Answered(true, false)
	m.Acked()
	if m.State() != GlareWait {
		t.Fatalf("ours is forgotten: %v", m.State())
	}
	if !m.Expire(start.Add(4 * time.Second)) {
		t.Error("ours is not tried again")
	}

	m = in("Received, ours waits")
	m.Done() // the user gave up meanwhile
	m.Answered(false, false)
	if m.State() != Idle {
		t.Errorf("got %v", m.State())
	}
}
