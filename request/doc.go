// Package request sends and answers requests outside of dialogs, of any method:
// OPTIONS, MESSAGE, INFO of the old kind, or one of your own.
//
//	resp, err := request.Do(ctx, manager, profile, sip.OPTIONS, to, request.Options{})
//
//	request.Handle(manager, sip.MESSAGE, func(ctx context.Context, in *request.Incoming) error {
//		show(in.Request().Body().Data)
//		return in.Respond(request.Reply{})
//	})
//
// A request that nobody handles is answered with 405 by the dialog layer, one
// that its handler forgets with 500. Handlers of different requests run at the
// same time, each on a goroutine that exists only while it runs.
package request
