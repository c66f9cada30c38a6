package invite_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"dum/dialog"
	"dum/invite"
	"dum/sip"
)

// manager returns a manager that listens on the loopback, and its URI.
func manager(h func(context.Context, *invite.Incoming) error) (*dialog.Manager, sip.URI) {
	m, err := dialog.NewManager(dialog.Config{})
	if err != nil {
		log.Fatal(err)
	}
	invite.NewServer(m, h)
	addr, err := m.Listen(context.Background(), "udp://127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	return m, sip.URI{Scheme: "sip", User: "bob", Host: "127.0.0.1", Port: addr.Port()}
}

// A call: rung, answered, changed, hung up.
func Example() {
	ctx := context.Background()
	answerer, bob := manager(func(ctx context.Context, in *invite.Incoming) error {
		in.Ring(180, sip.Body{})
		_, err := in.Accept(ctx, sip.Body{Type: "application/sdp", Data: "v=0 from bob"}, invite.Handler{
			Offer: func(_ context.Context, _ *invite.Session, offer sip.Body) (sip.Body, error) {
				return sip.Body{Type: offer.Type, Data: "yes to " + offer.Data}, nil
			},
		})
		return err
	})
	defer answerer.Shutdown(ctx)
	caller, _ := manager(nil)
	defer caller.Shutdown(ctx)

	attempt := invite.Start(caller, nil, bob, invite.Options{
		Offer: sip.Body{Type: "application/sdp", Data: "v=0 from alice"},
	})
	for p := range attempt.Progress(ctx) {
		fmt.Println(p.Code, p.Reason)
	}
	session, err := attempt.Wait(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("bob says:", session.RemoteBody().Data)

	answer, err := session.Offer(ctx, sip.Body{Type: "application/sdp", Data: "hold"})
	fmt.Println("bob says:", answer.Data, err)

	fmt.Println("bye:", session.Bye(ctx))
	fmt.Println(session.Ended())
	// Output:
	// 180 Ringing
	// 200 OK
	// bob says: v=0 from bob
	// bob says: yes to hold <nil>
	// bye: <nil>
	// invite: hung up
}

// A refusal is an error on both sides: the handler returns it, the caller gets
// it.
func ExampleAttempt_Wait() {
	ctx := context.Background()
	answerer, bob := manager(func(context.Context, *invite.Incoming) error {
		return sip.NewStatus(486, "Busy Here")
	})
	defer answerer.Shutdown(ctx)
	caller, _ := manager(nil)
	defer caller.Shutdown(ctx)

	_, err := invite.Start(caller, nil, bob, invite.Options{}).Wait(ctx)
	if st, ok := errors.AsType[*sip.Status](err); ok {
		fmt.Println(st.Code, err)
	}
	// Output: 486 486 Busy Here
}
