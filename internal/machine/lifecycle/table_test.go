package lifecycle

import (
	"testing"
	"time"

	"dum/internal/machine/machinetest"
)

const (
	t1 = 500 * time.Millisecond
	t2 = 4 * time.Second
)

var start = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// The variants of a state that differ in what they do next are rows of their
// own.
func clientIn(state string) *Client {
	c := new(Client)
	switch state {
	case "Proceeding":
		c.RecvTrying(start, time.Minute)
	case "Early":
		c.RecvProvisional(start, time.Minute)
	case "Proceeding, cancelled":
		c.Cancel()
	case "Early, cancelled":
		c.RecvProvisional(start, time.Minute)
		c.Cancel()
	case "Accepted":
		c.Recv2xx()
	case "Ended":
		c.RecvFailure()
	}
	return c
}

func clientName(c *Client) string {
	if c.canceled && c.state < Accepted {
		return c.state.String() + ", cancelled"
	}
	return c.state.String()
}

func serverIn(state string) *Server {
	s := new(Server)
	s.Limit(start.Add(time.Hour))
	switch state {
	case "Early":
		s.Ring(start, time.Minute)
	case "Accepted":
		s.Accept()
	case "Ended":
		s.Reject()
	}
	return s
}

func sessionIn(callee bool, state string) *Session {
	s := &Session{callee: callee}
	switch state {
	case "Accepted, hung up":
		s.Bye()
	case "Confirmed":
		s.Acked()
	case "Ending":
		s.Acked()
		s.Bye()
	case "Ended":
		s.Acked()
		s.RecvBye()
	}
	return s
}

func sessionName(s *Session) string {
	if s.hangup && s.State() == Accepted {
		return "Accepted, hung up"
	}
	return s.State().String()
}

func cell(next string, a Action) machinetest.Cell {
	c := machinetest.Cell{Next: next}
	if a != 0 {
		c.Actions = a.String()
	}
	return c
}

func session(callee bool, name, about string, states ...string) machinetest.Table {
	ack := "ACK goes out"
	if callee {
		ack = "ACK"
	}
	inputs := []string{ack, "user: Bye", "BYE", "answer to BYE", "no ACK in 64*T1", "set dies"}
	return machinetest.Table{
		Name: name, About: about, States: states, Inputs: inputs,
		Step: func(state, input string) machinetest.Cell {
			s := sessionIn(callee, state)
			var a Action
			switch input {
			case ack:
				a = s.Acked()
			case "user: Bye":
				a = s.Bye()
			case "BYE":
				a = s.RecvBye()
			case "answer to BYE":
				a = s.ByeDone()
			case "no ACK in 64*T1":
				a = s.NoAck()
			case "set dies":
				a = s.Kill()
			}
			return cell(sessionName(s), a)
		},
	}
}

func TestTable(t *testing.T) {
	machinetest.Golden(t, "TABLE.md",
		machinetest.Table{
			Name:   "Client",
			About:  "An INVITE of ours until it is answered: RFC 3261 §9.1, §13.2.",
			States: []string{"Proceeding", "Proceeding, cancelled", "Early", "Early, cancelled", "Accepted", "Ended"},
			Inputs: []string{"100", "1xx", "2xx of a dialog", "≥300 or failure", "user: Cancel", "stale"},
			Step: func(state, input string) machinetest.Cell {
				c := clientIn(state)
				var a Action
				switch input {
				case "100":
					a = c.RecvTrying(start, time.Minute)
				case "1xx":
					a = c.RecvProvisional(start, time.Minute)
				case "2xx of a dialog":
					a = c.Recv2xx()
				case "≥300 or failure":
					a = c.RecvFailure()
				case "user: Cancel":
					a = c.Cancel()
				case "stale":
					a = c.Expire(start.Add(time.Minute))
				}
				return cell(clientName(c), a)
			},
		},
		machinetest.Table{
			Name:   "Server",
			About:  "An INVITE of the peer until it is answered: RFC 3261 §9.2, §13.3.",
			States: []string{"Proceeding", "Early", "Accepted", "Ended"},
			Inputs: []string{"user: Ring", "user: Accept", "user: Reject", "CANCEL", "BYE", "a minute of ringing", "expired"},
			Step: func(state, input string) machinetest.Cell {
				s := serverIn(state)
				var a Action
				switch input {
				case "user: Ring":
					a = s.Ring(start, time.Minute)
				case "user: Accept":
					a = s.Accept()
				case "user: Reject":
					a = s.Reject()
				case "CANCEL":
					a = s.RecvCancel()
				case "BYE":
					a = s.RecvBye()
				case "a minute of ringing":
					a = s.Expire(start.Add(time.Minute))
				case "expired":
					a = s.Expire(start.Add(time.Hour))
				}
				return cell(s.State().String(), a)
			},
		},
		session(false, "Session of the caller", "RFC 3261 §13.2.2.4, §15.",
			"Accepted", "Confirmed", "Ending", "Ended"),
		session(true, "Session of the callee", "RFC 3261 §13.3.1.4, §15.",
			"Accepted", "Accepted, hung up", "Confirmed", "Ending", "Ended"),
	)
}

// Every row of the table must be the state that it says.
func TestRows(t *testing.T) {
	for _, state := range []string{"Proceeding", "Proceeding, cancelled", "Early", "Early, cancelled", "Accepted", "Ended"} {
		if got := clientName(clientIn(state)); got != state {
			t.Errorf("client %q is %q", state, got)
		}
	}
	for _, state := range []string{"Proceeding", "Early", "Accepted", "Ended"} {
		if got := serverIn(state).State().String(); got != state {
			t.Errorf("server %q is %q", state, got)
		}
	}
	for _, state := range []string{"Accepted", "Accepted, hung up", "Confirmed", "Ending", "Ended"} {
		if got := sessionName(sessionIn(true, state)); got != state {
			t.Errorf("callee %q is %q", state, got)
		}
	}
}
