package request_test

import (
	"context"
	"fmt"
	"log"

	"dum/dialog"
	"dum/request"
	"dum/sip"
)

// A MESSAGE, and its answer.
func Example() {
	ctx := context.Background()
	server, err := dialog.NewManager(dialog.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Shutdown(ctx)
	request.Handle(server, sip.MESSAGE, func(_ context.Context, in *request.Incoming) error {
		fmt.Println("bob reads:", in.Request().Body().Data)
		return in.Respond(request.Reply{})
	})
	addr, err := server.Listen(ctx, "udp://127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}

	client, err := dialog.NewManager(dialog.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Shutdown(ctx)
	if _, err := client.Listen(ctx, "udp://127.0.0.1:0"); err != nil {
		log.Fatal(err)
	}
	bob := sip.URI{Scheme: "sip", User: "bob", Host: "127.0.0.1", Port: addr.Port()}
	resp, err := request.Do(ctx, client, nil, sip.MESSAGE, bob, request.Options{
		Body: sip.Body{Type: "text/plain", Data: "hello"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("alice gets:", resp.Code(), resp.Reason())
	// Output:
	// bob reads: hello
	// alice gets: 200 OK
}
