// Package dum is a Dialog Usage Manager: it turns SIP into calls and requests,
// so that a softphone, a back-to-back user agent or a load generator is a page
// of code.
//
// A [Manager] owns a SIP stack. A [UserAgent] is one identity on it. There are
// three shapes of conversation, and no fourth:
//
//   - You ask: a blocking method with a context that returns the outcome, such
//     as [UserAgent.Invite]. Ending the context takes the request back.
//   - The peer asks: a handler that returns the decision, such as
//     [Config.Invite]. Its error is the final response.
//   - Something happened: an iterator of events that need no reply, such as
//     the Events of a call.
//
// Everything that SIP wants in between, the 100 Trying, the ACK, the
// retransmissions, the answer to a challenge, the BYE for a CANCEL that came
// too late, happens by itself.
//
// There is no state outside of a Manager: two of them in one process never
// meet.
package dum
