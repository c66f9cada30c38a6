package sip_test

import (
	"errors"
	"fmt"
	"time"

	"dum/sip"
)

// Every header has a type, and unknown parameters stay where they are.
func ExampleHeader_typed() {
	m := sip.NewRequest(sip.NOTIFY, sip.URI{Scheme: "sip", User: "bob", Host: "biloxi.example.com"})
	sip.Event.Set(m, sip.EventType{Value: "presence"}.WithID("7"))
	sip.SubscriptionState.Set(m, sip.SubState{Value: sip.SubActive}.WithExpires(time.Hour))
	sip.Supported.Set(m, "100rel", "timer")

	state, err := sip.SubscriptionState.Get(m)
	left, ok := state.Expires()
	fmt.Println(state.Is("active"), left, ok, err)
	fmt.Println(sip.HasToken(m, sip.Supported, "timer"))

	_, err = sip.SessionExpires.Get(m)
	fmt.Println(errors.Is(err, sip.ErrMissing))
	// Output:
	// true 1h0m0s true <nil>
	// true
	// true
}

// An attended transfer: the dialog to replace travels in the URI of Refer-To.
func ExampleURI_WithHeader() {
	carol := sip.URI{Scheme: "sip", User: "carol", Host: "chicago.example.com"}
	call := sip.DialogRef{CallID: "7@chicago", Local: "c1", Remote: "b2"}
	fmt.Println(sip.Addr{URI: carol.WithHeader("Replaces", call.String())})
	// Output: <sip:carol@chicago.example.com?Replaces=7%40chicago%3Bto-tag%3Dc1%3Bfrom-tag%3Db2>
}

// A server that offers two digest algorithms sends two lines (RFC 8760).
func ExampleChallenge() {
	m := sip.NewResponse(sip.NewRequest(sip.REGISTER, sip.URI{Scheme: "sip", Host: "example.com"}), 401, "")
	base := sip.Challenge{Scheme: "Digest"}.With("realm", "example.com").With("nonce", "f84f").With("qop", "auth")
	for _, algorithm := range []string{"SHA-256", "MD5"} {
		sip.WWWAuthenticate.Add(m, base.With("algorithm", algorithm))
	}
	for c, err := range sip.WWWAuthenticate.All(m) {
		fmt.Println(c, err)
	}
	// Output:
	// Digest realm="example.com", nonce="f84f", qop="auth", algorithm=SHA-256 <nil>
	// Digest realm="example.com", nonce="f84f", qop="auth", algorithm=MD5 <nil>
}
