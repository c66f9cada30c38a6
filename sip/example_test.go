package sip_test

import (
	"errors"
	"fmt"
	"strings"

	"dum/sip"
)

// Read what is needed of a message, change what must be changed, and send the
// rest as it came.
func Example() {
	m, err := sip.Parse("INVITE sip:bob@biloxi.example.com SIP/2.0\r\n"+
		"v: SIP/2.0/UDP pc33.atlanta.example.com;branch=z9hG4bK776asdhds\r\n"+
		"Max-Forwards: 70\r\n"+
		"t:  Bob  <sip:bob@biloxi.example.com>\r\n"+
		"f: Alice <sip:alice@atlanta.example.com>;tag=1928301774\r\n"+
		"i: a84b4c76e66710\r\n"+
		"CSeq: 314159 INVITE\r\n"+
		"l: 0\r\n\r\n", sip.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if st := m.Check(); st != nil {
		fmt.Println("would be answered with", st)
		return
	}
	hop, _ := sip.Via.Get(m)
	from, _ := sip.From.Get(m)
	fmt.Println(hop.Branch(), from.Display, from.URI.User, m.CallID())

	sip.MaxForwards.Set(m, 69)
	fmt.Println(strings.ReplaceAll(m.String(), "\r\n", "\n"))
	// Output:
	// z9hG4bK776asdhds Alice alice a84b4c76e66710
	// INVITE sip:bob@biloxi.example.com SIP/2.0
	// v: SIP/2.0/UDP pc33.atlanta.example.com;branch=z9hG4bK776asdhds
	// Max-Forwards: 69
	// t:  Bob  <sip:bob@biloxi.example.com>
	// f: Alice <sip:alice@atlanta.example.com>;tag=1928301774
	// i: a84b4c76e66710
	// CSeq: 314159 INVITE
	// l: 0
}

// A response takes over what RFC 3261 §8.2.6 says, line by line as it came.
func ExampleNewResponse() {
	req, _ := sip.Parse("OPTIONS sip:bob@biloxi.example.com SIP/2.0\r\n"+
		"Via: SIP/2.0/UDP pc33.atlanta.example.com;branch=z9hG4bK776asdhds\r\n"+
		"Max-Forwards: 70\r\n"+
		"To: <sip:bob@biloxi.example.com>\r\n"+
		"From: Alice <sip:alice@atlanta.example.com>;tag=1928301774\r\n"+
		"Call-ID: a84b4c76e66710\r\n"+
		"CSeq: 63104 OPTIONS\r\n\r\n", sip.Limits{})
	resp := sip.NewResponse(req, 200, "")
	resp.SetToTag("314159")
	resp.SetBody(sip.Body{Type: "text/plain", Data: "hello\n"})
	fmt.Println(strings.ReplaceAll(resp.String(), "\r\n", "\n"))
	// Output:
	// SIP/2.0 200 OK
	// Via: SIP/2.0/UDP pc33.atlanta.example.com;branch=z9hG4bK776asdhds
	// To: <sip:bob@biloxi.example.com>;tag=314159
	// From: Alice <sip:alice@atlanta.example.com>;tag=1928301774
	// Call-ID: a84b4c76e66710
	// CSeq: 63104 OPTIONS
	// Content-Type: text/plain
	// Content-Length: 6
	//
	// hello
}

// A header that this package does not know is read and written through a
// descriptor like all others.
func ExampleNewHeader() {
	type priority struct{ Level, Reason string }
	callPriority := sip.NewHeader("X-Call-Priority", sip.Codec[priority]{
		Parse: func(s string) (priority, error) {
			if s == "" {
				return priority{}, errors.New("no level")
			}
			return priority{Level: s}, nil
		},
		Append: func(b []byte, p priority) []byte { return append(b, p.Level...) },
		List:   true,
	})
	m := sip.NewRequest(sip.MESSAGE, sip.URI{Scheme: "sip", User: "bob", Host: "biloxi.example.com"})
	callPriority.Set(m, priority{Level: "high"}, priority{Level: "urgent"})
	for p, err := range callPriority.All(m) {
		fmt.Println(p.Level, err)
	}
	_, err := sip.Route.Get(m)
	fmt.Println(errors.Is(err, sip.ErrMissing))
	// Output:
	// high <nil>
	// urgent <nil>
	// true
}

func ExampleURI_Equal() {
	a, _ := sip.ParseURI("sip:%61lice@atlanta.example.com;transport=TCP")
	b, _ := sip.ParseURI("sip:alice@AtlanTa.example.com;Transport=tcp")
	c, _ := sip.ParseURI("sip:alice@atlanta.example.com:5060;transport=tcp")
	fmt.Println(a == b, a.Equal(b), a.Equal(c))
	// Output: false true false
}
