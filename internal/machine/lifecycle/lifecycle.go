// Package lifecycle is the life of a call from INVITE to the end of BYE: RFC
// 3261 §9, §13 and §15. It knows what may be said when, who wins each race
// between CANCEL, final response, ACK and BYE, and how a 2xx is repeated until
// its ACK comes. What is in the messages is not its business: offers and
// answers have a machine of their own.
//
// A call begins as a [Client] at the caller and as a [Server] at the callee.
// A 2xx ends both and begins a [Session], one for each fork that answers.
// [Repeat] times the repetitions of a 2xx.
//
// The machines are plain values. They hold no clock: the time comes with the
// input, and Deadline tells when Expire wants to be called.
package lifecycle

import "strings"

// A State is how far a call has come. Both ends go through the same states.
type State uint8

// The states of a call, in the order in which they come.
const (
	Proceeding State = iota // the INVITE is under way, nothing but 100 was said
	Early                   // a provisional response above 100 was said
	Accepted                // a 2xx was said, its ACK was not
	Confirmed               // the ACK was said
	Ending                  // our BYE waits for its answer
	Ended                   // over
)

// String is the name of the state.
func (s State) String() string {
	switch s {
	case Proceeding:
		return "Proceeding"
	case Early:
		return "Early"
	case Accepted:
		return "Accepted"
	case Confirmed:
		return "Confirmed"
	case Ending:
		return "Ending"
	case Ended:
		return "Ended"
	}
	return "?"
}

// An Action is a set of things to do after an input, in the order of the
// constants. The zero Action is to do nothing.
type Action uint16

// What an input asks for.
const (
	Report     Action = 1 << iota // tell the user of the provisional response
	Keep                          // this 2xx makes the call
	Release                       // nobody wants this 2xx: ACK it, then BYE
	Fail                          // tell the user that the call failed
	SendCancel                    // cancel the INVITE
	SendRing                      // send the provisional response
	Send2xx                       // send the 2xx
	SendFinal                     // answer the INVITE: with 487, 480 or as the user says
	SendAck                       // acknowledge the 2xx
	AnswerBye                     // answer the peer's BYE with 200
	Up                            // the ACK has come
	SendBye                       // send BYE
	Over                          // tell the user that it is over
	Refuse                        // too late or too early: tell the user so
)

var actionNames = [...]string{
	"Report", "Keep", "Release", "Fail", "SendCancel", "SendRing", "Send2xx", "SendFinal",
	"SendAck", "AnswerBye", "Up", "SendBye", "Over", "Refuse",
}

// Has tells whether any of b is asked for.
func (a Action) Has(b Action) bool { return a&b != 0 }

// String lists the actions in their order; "-" for none.
func (a Action) String() string {
	var b strings.Builder
	for i, name := range actionNames {
		if a&(1<<i) == 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(" ")
		}
		b.WriteString(name)
	}
	if b.Len() == 0 {
		return "-"
	}
	return b.String()
}
