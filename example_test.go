package dum_test

import (
	"context"
	"fmt"
	"log"

	"dum"
	"dum/invite"
	"dum/media"
	"dum/sip"
)

// Bob answers every call; Alice calls him and hangs up.
func Example() {
	bob, err := dum.New(dum.Config{
		Listen: []string{"udp://127.0.0.1:0"},
		Invite: func(ctx context.Context, in *invite.Incoming) error {
			in.Ring(180, sip.Body{})
			answer, err := new(media.Session).Answer(in.Offer())
			if err != nil {
				return err // a *sip.Status: 488 if nothing in the offer fits
			}
			_, err = in.Accept(ctx, answer, invite.Handler{})
			return err
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer bob.Close()

	alice, err := dum.New(dum.Config{Listen: []string{"udp://127.0.0.1:0"}})
	if err != nil {
		log.Fatal(err)
	}
	defer alice.Close()

	ctx := context.Background()
	call, err := alice.UserAgent(nil).Invite(ctx, "bob@"+bob.Addrs()[0].Addr.String(),
		invite.Options{Offer: new(media.Session).Offer(media.Sendrecv)})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("talking about", call.RemoteBody().Type)
	fmt.Println("hung up:", call.Bye(ctx) == nil)
	// Output:
	// talking about application/sdp
	// hung up: true
}
