// Package invite makes, takes and changes calls: INVITE, ACK, CANCEL and BYE of
// RFC 3261, with offers and answers as RFC 3264 and RFC 6337 have them.
//
// A call has three phases, and each is a type. An [Attempt] is a call that we
// place and that nobody has answered yet; an [Incoming] is a call of a peer
// that we have not answered yet; both become a [Session].
//
//	attempt := invite.Start(manager, profile, to, invite.Options{Offer: sdp})
//	session, err := attempt.Wait(ctx) // ending ctx cancels the call
//
//	invite.NewServer(manager, func(ctx context.Context, in *invite.Incoming) error {
//		in.Ring(180, sip.Body{})
//		_, err := in.Accept(ctx, answer(in.Offer()), invite.Handler{})
//		return err // a *sip.Status refuses the call with it
//	})
//
// # What happens by itself
//
// The ACK of every 2xx and of every repetition of it, on its own route; the
// repetition of our 2xx until its ACK comes, and BYE when it does not; 487 for
// a cancelled INVITE; ACK and BYE for a 2xx that crosses our CANCEL and for the
// 2xx of a fork that nobody wants; BYE held back until the callee may send it;
// 491 and 500 where two changes of a session meet, and another try of ours
// after a 491; the repetition of a ringing response every minute.
//
// # What is serial with what
//
// The callbacks of one session ([Handler], [Options].Answer) run one at a time,
// in the order of the events, on a goroutine that exists only meanwhile. They
// may block and may call anything. [Handler].Ended is the last. The handler of
// a server runs beside the callbacks of the session that it accepts, so it may
// stay for as long as the call lasts; a callback may run before Accept or Wait
// has returned.
//
// All methods may be called from any goroutine. A method of something that is
// over returns [dialog.ErrEnded].
//
// # What lives how long
//
// A context that is given to a method bounds that method and never the session.
// The context that a callback gets ends when its work is not wanted any more;
// the one of a server's handler ends with the handler at the latest. What
// became of a session is told once: to Handler.Ended, as the cause of
// [Session.Context], and as the last event of [Session.Events].
package invite
