package dum_test

import (
	"context"
	"fmt"
	"log"

	"dum"
	"dum/invite"
	"dum/media"
)

// One manager takes calls and places them; here it calls itself.
func Example() {
	m, err := dum.New(dum.Config{
		Listen: []string{"udp://127.0.0.1:0"},
		Invite: func(ctx context.Context, in *invite.Incoming) error {
			answer, err := new(media.Session).Answer(in.Offer())
			if err == nil {
				_, err = in.Accept(ctx, answer, invite.Handler{})
			}
			return err // the response, if it is an error: 488 when no stream fits
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()

	ctx, bob := context.Background(), "bob@"+m.Addrs()[0].Addr.String()
	call, err := m.UserAgent(nil).Invite(ctx, bob, invite.Options{Offer: new(media.Session).Offer(media.Sendrecv)})
	if err != nil {
		log.Fatal(err) // a *sip.Status if Bob refused
	}
	fmt.Println("answered with", call.RemoteBody().Type)
	fmt.Println("hung up:", call.Bye(ctx) == nil)
	// Output:
	// answered with application/sdp
	// hung up: true
}
