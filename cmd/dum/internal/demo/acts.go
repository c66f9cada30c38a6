package demo

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"dum"
	"dum/invite"
	"dum/media"
	"dum/sip"
	"dum/trace"
)

// A stage is where the acts are played: the two people, and what goes over the
// wire at each of them.
type stage struct {
	*teller
	alice, bob *wire
	ladder     *trace.Ladder
	agent      *dum.UserAgent
	door       *bob
}

// settle waits until both sides have seen these messages, told from Alice's
// point of view, and nothing else since the last time.
func (s *stage) settle(ctx context.Context, messages ...string) error {
	if err := s.alice.expect(ctx, messages...); err != nil {
		return fmt.Errorf("at Alice: %w", err)
	}
	if err := s.bob.expect(ctx, mirror(messages)...); err != nil {
		return fmt.Errorf("at Bob: %w", err)
	}
	return s.ladder.Flush()
}

// A dialling is a call of Alice's while it is set up.
type dialling struct {
	side    media.Session
	offer   sip.Body
	attempt *invite.Attempt
	heard   func() (invite.Progress, bool)
	stop    func()
	bob     *ringing
}

// dial has Alice call Bob and waits until he hears of it.
func (s *stage) dial(ctx context.Context, target string) (*dialling, error) {
	d := &dialling{}
	d.offer = d.side.Offer(media.Sendrecv)
	var err error
	if d.attempt, err = s.agent.StartInvite(target, invite.Options{Offer: d.offer}); err != nil {
		return nil, err
	}
	d.heard, d.stop = iter.Pull(d.attempt.Progress(ctx))
	if d.bob, err = receive(ctx, s.door.calls); err != nil {
		d.stop()
		return nil, fmt.Errorf("the call did not reach Bob: %w", err)
	}
	if d.bob.caller != "alice" || d.bob.Offer() != d.offer {
		d.stop()
		return nil, fmt.Errorf("the call reached Bob from %q, with an offer that is not Alice's", d.bob.caller)
	}
	return d, s.settle(ctx, "> INVITE", "< 401 INVITE", "> ACK", "> INVITE")
}

// progress checks what Alice hears while the call is set up.
func (d *dialling) progress(code int, body sip.Body) error {
	p, ok := d.heard()
	if !ok || p.Code != code || p.Body != body {
		return fmt.Errorf("what Alice heard was %d with body %q, not %d with %q", p.Code, p.Body.Data, code, body.Data)
	}
	return nil
}

// call is a call from the first ring to the last word.
func (s *stage) call(ctx context.Context, target string) error {
	var (
		d       *dialling
		bobSide media.Session
		answer  sip.Body
		alice   *invite.Session
		bob     *answered
	)
	defer func() {
		if d != nil {
			d.stop()
		}
	}()
	return s.play(
		step{"Alice invites Bob", `
			INVITE asks for a call. Its body, the offer, says which media Alice can take
			(SDP). Bob's door wants to know first who is calling: 401, with a challenge.
			Alice proves that she knows the password, without sending it, in a second
			INVITE. The ACK in between closes the refused one: every final answer to an
			INVITE is acknowledged.`,
			func() (err error) {
				if d, err = s.dial(ctx, target); err != nil {
					return err
				}
				s.saw("Bob", "a call from %s, whose password is right", d.bob.caller)
				s.saw("Alice", "nothing yet: the library has answered the challenge for her")
				if !s.brief {
					s.anatomy(s.alice.first)
				}
				return nil
			}},
		step{"Bob's phone rings", `
			180 is a provisional answer: not the end of the matter, only word of how it
			stands. There may be any number of them.`,
			func() error {
				if err := d.bob.Ring(180, sip.Body{}); err != nil {
					return err
				}
				if err := d.progress(180, sip.Body{}); err != nil {
					return err
				}
				if err := s.settle(ctx, "< 180 INVITE"); err != nil {
					return err
				}
				s.saw("Alice", "it rings")
				return nil
			}},
		step{"Alice hears something before Bob picks up", `
			183 carries Bob's answer to the offer ahead of time. From here on there is
			early media: a ringing tone, or a voice that tells how long the queue is.`,
			func() (err error) {
				if answer, err = bobSide.Answer(d.bob.Offer()); err != nil {
					return err
				}
				if err := d.bob.Ring(183, answer); err != nil {
					return err
				}
				if err := d.progress(183, answer); err != nil {
					return err
				}
				if err := s.settle(ctx, "< 183 INVITE"); err != nil {
					return err
				}
				streams, err := media.Streams(answer)
				s.saw("Alice", "early media: %v", streams)
				return err
			}},
		step{"Bob picks up", `
			200 is the final answer: the call is up. It says the same about media once
			more. Alice's ACK tells Bob that she knows; until it comes he repeats the 200.`,
			func() (err error) {
				if bob, err = d.bob.answer(ctx, &bobSide, answer); err != nil {
					return err
				}
				if alice, err = d.attempt.Wait(ctx); err != nil {
					return err
				}
				if alice.RemoteBody() != answer {
					return errors.New("what Alice and Bob agreed on is not the same")
				}
				if err := s.settle(ctx, "< 200 INVITE", "> ACK"); err != nil {
					return err
				}
				s.saw("Alice", "the call is up")
				s.saw("Bob", "the call is up, and Alice knows")
				return nil
			}},
		step{"Alice puts Bob on hold", `
			An INVITE within a call (a re-INVITE) changes what was agreed. Alice offers
			"sendonly", I send and do not listen, and Bob answers "recvonly".`,
			func() error { return s.change(ctx, d, alice, bob, media.Sendonly) }},
		step{"and takes him back", `
			The same again, with "sendrecv" on both sides.`,
			func() error { return s.change(ctx, d, alice, bob, media.Sendrecv) }},
		step{"Alice hangs up", `
			BYE ends the call, and either side may send it. Whoever gets it confirms.`,
			func() error {
				if err := alice.Bye(ctx); err != nil {
					return err
				}
				why, err := receive(ctx, bob.ended)
				if h, ok := errors.AsType[*invite.Hangup](why); !ok || !h.Peer {
					return errors.Join(err, fmt.Errorf("what ended Bob's call was %v, not Alice", why))
				}
				if err := s.settle(ctx, "> BYE", "< 200 BYE"); err != nil {
					return err
				}
				s.saw("Bob", "Alice has hung up")
				return nil
			}},
	)
}

// change is a re-INVITE of Alice's.
func (s *stage) change(ctx context.Context, d *dialling, alice *invite.Session, bob *answered, to media.Direction) error {
	reply, err := alice.Offer(ctx, d.side.Offer(to))
	if err != nil {
		return err
	}
	asked, err := receive(ctx, bob.offers)
	if err != nil {
		return err
	}
	got, err := direction(reply)
	if err != nil || asked != to || got != to.Reverse() {
		return errors.Join(err, fmt.Errorf("asked for %s, Bob answered %s", asked, got))
	}
	if err := s.settle(ctx, "> INVITE", "< 200 INVITE", "> ACK"); err != nil {
		return err
	}
	s.saw("Bob", "an offer with %s", asked)
	s.saw("Alice", "an answer with %s", got)
	return nil
}

// cancel is a call that Alice gives up before it is answered.
func (s *stage) cancel(ctx context.Context, target string) error {
	var d *dialling
	defer func() {
		if d != nil {
			d.stop()
		}
	}()
	return s.play(
		step{"Alice calls again", `
			A call of its own, with a Call-ID of its own, so Bob's door asks again.`,
			func() (err error) {
				if d, err = s.dial(ctx, target); err != nil {
					return err
				}
				if err := d.bob.Ring(180, sip.Body{}); err != nil {
					return err
				}
				if err := d.progress(180, sip.Body{}); err != nil {
					return err
				}
				if err := s.settle(ctx, "< 180 INVITE"); err != nil {
					return err
				}
				s.saw("Alice", "it rings")
				return nil
			}},
		step{"and changes her mind", `
			BYE is for calls that are up. One that still rings is taken back with CANCEL.
			It gets its own 200, and the INVITE, which must have a final answer whatever
			happens, gets 487: terminated.`,
			func() error {
				d.attempt.Cancel()
				_, err := d.attempt.Wait(ctx)
				if st, ok := errors.AsType[*sip.Status](err); !ok || st.Code != 487 {
					return fmt.Errorf("what ended Alice's call was %v, not 487", err)
				}
				if _, err := receive(ctx, d.bob.ctx.Done()); err != nil {
					return err
				}
				if why := context.Cause(d.bob.ctx); !errors.Is(why, invite.ErrCanceled) {
					return fmt.Errorf("what stopped Bob's phone was %v", why)
				}
				if err := s.settle(ctx, "> CANCEL", "< 200 CANCEL", "< 487 INVITE", "> ACK"); err != nil {
					return err
				}
				s.saw("Bob", "the phone stops ringing")
				s.saw("Alice", "her call has ended with 487")
				return nil
			}},
	)
}
