package sip

import "strconv"

// Field is one header field as text: a name and a value.
type Field struct {
	Name  string
	Value string
}

// Status is a final answer as an error, in both directions: a handler returns
// it to answer a request, and a request that was refused returns it.
type Status struct {
	Code     int      // 100 to 699
	Reason   string   // "" means [ReasonPhrase] of Code
	Headers  []Field  // further headers for the response
	Response *Message // the response that was received; nil when it is our own
}

// NewStatus returns a status. An empty reason means the standard phrase.
func NewStatus(code int, reason string) *Status {
	return &Status{Code: code, Reason: reason}
}

// With returns a copy of s with one more header for the response.
func (s *Status) With(name, value string) *Status {
	t := *s
	t.Headers = append(s.Headers[:len(s.Headers):len(s.Headers)], Field{Name: name, Value: value})
	return &t
}

// StatusOf returns the status of a response.
func StatusOf(response *Message) *Status {
	return &Status{Code: response.Code(), Reason: response.Reason(), Response: response}
}

// Answer returns the response to a request that says this status: what
// [NewResponse] makes and the headers of the status.
func (s *Status) Answer(request *Message) *Message {
	m := NewResponse(request, s.Code, s.Reason)
	for _, f := range s.Headers {
		Named(f.Name).Add(m, f.Value)
	}
	return m
}

// Error returns the code and the reason phrase: "486 Busy Here".
func (s *Status) Error() string {
	reason := s.Reason
	if reason == "" {
		reason = ReasonPhrase(s.Code)
	}
	return strconv.Itoa(s.Code) + " " + reason
}
