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
			return err // an error is the response: 488 when no stream fits
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	bob, offer := "bob@"+m.Addrs()[0].Addr.String(), new(media.Session).Offer(media.Sendrecv)
	call, err := m.UserAgent(nil).Invite(context.Background(), bob, invite.Options{Offer: offer})
	if err != nil {
		log.Fatal(err) // a *sip.Status if Bob refused
	}
	fmt.Println("answered with", call.RemoteBody().Type)
	fmt.Println("hung up:", call.Bye(context.Background()) == nil)
	// Output:
	// answered with application/sdp
	// hung up: true
}
