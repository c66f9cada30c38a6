package lifecycle

import "time"

// A Client is an INVITE of ours until it is answered. The zero value is one
// that goes out now. It never gets beyond Accepted or Ended: there it stays to
// tell what becomes of the 2xx of further forks.
type Client struct {
	state    State
	canceled bool      // the user does not want the call any more
	stale    time.Time // when it has rung for too long
}

// State is how far the call has come.
func (c *Client) State() State { return c.state }

// Canceled tells whether the call was given up before it was answered.
func (c *Client) Canceled() bool { return c.canceled }

// Deadline is when Expire wants to be called; zero for never.
func (c *Client) Deadline() time.Time { return c.stale }

// RecvTrying is a 100: the INVITE has arrived somewhere, and no timer of the
// transaction guards it any more. A call that stays silent for the time given
// is stale; zero waits for ever.
func (c *Client) RecvTrying(now time.Time, stale time.Duration) Action {
	switch c.state {
	case Proceeding, Early:
		c.guard(now, stale)
	case Accepted, Confirmed, Ending, Ended:
	}
	return 0
}

// RecvProvisional is a 1xx above 100. Each one starts the time anew, for that
// is what a callee repeats it for (RFC 3261 §13.3.1.1).
func (c *Client) RecvProvisional(now time.Time, stale time.Duration) Action {
	switch c.state {
	case Proceeding, Early:
		c.state = Early
		c.guard(now, stale)
		if c.canceled {
			return 0
		}
		return Report
	case Accepted, Confirmed, Ending, Ended:
	}
	return 0
}

func (c *Client) guard(now time.Time, stale time.Duration) {
	if c.canceled || stale <= 0 {
		c.stale = time.Time{}
		return
	}
	c.stale = now.Add(stale)
}

// Recv2xx is the first 2xx of a dialog; its repetitions are for who keeps the
// ACK.
//
// RFC 3261 §9: "CANCEL has no effect on a request to which a UAS has already
// given a final response." So a 2xx that crosses it, and the 2xx of a further
// fork, make sessions that nobody wants.
//
// RFC 3261 §13.2.2.4: "If, after acknowledging any 2xx response to an INVITE,
// the UAC does not want to continue with that dialog, then the UAC MUST
// terminate the dialog by sending a BYE request".
func (c *Client) Recv2xx() Action {
	switch c.state {
	case Proceeding, Early:
		c.state, c.stale = Accepted, time.Time{}
		if c.canceled {
			return Release | Fail
		}
		return Keep
	case Accepted, Confirmed, Ending, Ended:
	}
	return Release
}

// RecvFailure is a final response of 300 and above, or a local failure.
func (c *Client) RecvFailure() Action {
	switch c.state {
	case Proceeding, Early:
		c.state, c.stale = Ended, time.Time{}
		return Fail
	case Accepted, Confirmed, Ending, Ended:
	}
	return 0
}

// Cancel gives the call up before it is answered. Afterwards it is too late.
func (c *Client) Cancel() Action {
	switch c.state {
	case Proceeding, Early:
		if c.canceled {
			return 0
		}
		c.canceled, c.stale = true, time.Time{}
		return SendCancel
	case Accepted, Confirmed, Ending, Ended:
	}
	return Refuse
}

// Expire is the time. A call that rings for too long is given up.
func (c *Client) Expire(now time.Time) Action {
	switch c.state {
	case Proceeding, Early:
		if c.stale.IsZero() || now.Before(c.stale) {
			return 0
		}
		return c.Cancel()
	case Accepted, Confirmed, Ending, Ended:
	}
	return 0
}
