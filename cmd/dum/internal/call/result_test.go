package call

import (
	"strings"
	"testing"
	"time"

	"dum/cmd/dum/internal/cli"
)

func TestReport(t *testing.T) {
	busy, silent := map[string]int{"486": 2}, map[string]int{noAnswer: 1}
	for _, tt := range []struct {
		name        string
		failures    map[string]int
		answered    int
		canceled    int
		byPeer      int
		interrupted bool
		exit        int
		text        string
		json        string
	}{
		{
			name: "fine", answered: 2, exit: cli.Done,
			text: "2 calls: 2 answered, 0 failed\nset-up time: p50 1.0 ms, p95 2.0 ms, p99 2.0 ms (min 1.0, max 2.0)\n",
			json: `{"target":"sip:b","calls":2,"answered":2,"failed":0,"failures":{},"canceled":0,"ended_by_peer":0,"setup_ms":{"min":1,"p50":1,"p95":2,"p99":2,"max":2},"elapsed_ms":5000,"interrupted":false}`,
		},
		{
			name: "one", answered: 1, byPeer: 1, exit: cli.Done,
			text: "1 call: 1 answered, 0 failed, 1 hung up by the peer\nset-up time: 1.0 ms\n",
			json: `{"target":"sip:b","calls":1,"answered":1,"failed":0,"failures":{},"canceled":0,"ended_by_peer":1,"setup_ms":{"min":1,"p50":1,"p95":1,"p99":1,"max":1},"elapsed_ms":5000,"interrupted":false}`,
		},
		{
			name: "busy", failures: busy, exit: cli.Failed,
			text: "2 calls: 0 answered, 2 failed\n       2 x about 486\n",
			json: `{"target":"sip:b","calls":2,"answered":0,"failed":2,"failures":{"486":2},"canceled":0,"ended_by_peer":0,"setup_ms":null,"elapsed_ms":5000,"interrupted":false}`,
		},
		{
			name: "silent", failures: silent, exit: cli.NoAnswer,
			text: "1 call: 0 answered, 1 failed\n       1 x about timeout\n",
			json: `{"target":"sip:b","calls":1,"answered":0,"failed":1,"failures":{"timeout":1},"canceled":0,"ended_by_peer":0,"setup_ms":null,"elapsed_ms":5000,"interrupted":false}`,
		},
		{
			name: "both", failures: map[string]int{"486": 1, noAnswer: 1}, exit: cli.Failed,
			text: "2 calls: 0 answered, 2 failed\n       1 x about 486\n       1 x about timeout\n",
			json: `{"target":"sip:b","calls":2,"answered":0,"failed":2,"failures":{"486":1,"timeout":1},"canceled":0,"ended_by_peer":0,"setup_ms":null,"elapsed_ms":5000,"interrupted":false}`,
		},
		{
			name: "interrupted", failures: silent, canceled: 3, interrupted: true, exit: cli.Interrupted,
			text: "4 calls: 0 answered, 1 failed, 3 cancelled\n       1 x about timeout\n",
			json: `{"target":"sip:b","calls":4,"answered":0,"failed":1,"failures":{"timeout":1},"canceled":3,"ended_by_peer":0,"setup_ms":null,"elapsed_ms":5000,"interrupted":true}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newTally()
			c.answered, c.canceled, c.byPeer = tt.answered, tt.canceled, tt.byPeer
			c.placed = tt.answered + tt.canceled
			for key, n := range tt.failures {
				c.placed += n
				for range n {
					c.fail(key, "about "+key)
				}
			}
			for i := range tt.answered {
				c.setup.Add(time.Duration(i+1) * time.Millisecond)
			}
			r := c.report("sip:b", 5*time.Second, tt.interrupted)
			if got := r.exit(); got != tt.exit {
				t.Errorf("exit code %d, want %d", got, tt.exit)
			}
			var text, json strings.Builder
			r.text(&text)
			if text.String() != tt.text {
				t.Errorf("text %q, want %q", text.String(), tt.text)
			}
			if err := r.json(&json); err != nil || strings.TrimSpace(json.String()) != tt.json {
				t.Errorf("JSON %s, %v\nwant %s", json.String(), err, tt.json)
			}
		})
	}
}

func TestLine(t *testing.T) {
	c := newTally()
	c.placed, c.answered, c.up, c.canceled = 10, 5, 2, 1
	c.fail("486", "busy")
	const want = "0s: 10 of 50 calls placed, 3 in set-up, 2 up, 1 failed"
	if got := c.line(50, time.Now()); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
