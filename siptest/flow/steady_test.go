package flow

import "testing"

// TestSteady: the flow of a script is swept like any other: what the script
// says, and what it is told, may be lost.
func TestSteady(t *testing.T) {
	f, err := Parse("x.flow", `
agent alice
peer bob
alice dial bob offer=a
bob expect INVITE
bob answers 180 tag=one

bob answers 200 tag=one sdp=b
bob expect ACK

bob sends MESSAGE
bob expect 405

alice bye
bob expect BYE
bob answers 200
`)
	if err != nil {
		t.Fatal(err)
	}
	good := play(t, f, nil, nil)
	if len(good.left) > 0 || good.datagrams != 8 {
		t.Fatalf("%d datagrams, left %v", good.datagrams, good.left)
	}
	sweep(t, f, good)
}
