package invite

import "dum/dialog"

// AtRest tells whether nothing is under way in a session, so that it costs
// nothing but its own size.
func AtRest(s *Session) (rest bool) {
	inTurn(s.set, func(*dialog.Turn) { rest = s.work == nil })
	return rest
}
