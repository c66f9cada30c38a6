package cli

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"dum/sip"
	"dum/trace"
)

func TestText(t *testing.T) {
	const request = "OPTIONS sip:b@192.0.2.2 SIP/2.0\r\nAuthorization: Digest username=\"a\", response=\"c0ffee\"\r\nX: \x1b[2J\r\nContent-Length: 0\r\n\r\n"
	msg, err := sip.Parse(request, sip.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	path := trace.Path{Network: "UDP", Local: netip.MustParseAddrPort("192.0.2.1:5060"), Remote: netip.MustParseAddrPort("192.0.2.2:5060")}
	for _, tt := range []struct {
		ev   trace.Event
		want string
	}{
		{trace.MessageIn{Path: path, Msg: msg}, "UDP 192.0.2.1:5060 <- 192.0.2.2:5060 \n    OPTIONS sip:b@192.0.2.2 SIP/2.0\n"},
		{trace.MessageOut{Path: path, Raw: []byte(request)}, "UDP 192.0.2.1:5060 -> 192.0.2.2:5060 \n    OPTIONS"},
		{trace.MessageOut{Path: path, Raw: []byte(request), Again: true}, "-> 192.0.2.2:5060 (again)\n"},
		{trace.MessageDropped{Path: path, Raw: []byte("junk\r\n"), Reason: "no SIP"}, "<- 192.0.2.2:5060 dropped: no SIP\n    junk\n\n"},
		{trace.MessageDropped{Path: path, Raw: []byte(request), Reason: "stray"}, "dropped: stray\n"},
		{trace.Refused{Path: path, CallID: "x", Code: 503, Reason: "Overload"}, "refused: 503 Overload, Call-ID x\n"},
		{trace.FlowClosed{Path: path, Err: errors.New("reset")}, "-- 192.0.2.2:5060 closed: reset\n"},
		{trace.FlowClosed{Path: path}, ""},
		{trace.Panic{CallID: "x", Value: "ouch", Stack: []byte("main()")}, "panic, Call-ID x: ouch\nmain()\n"},
		{trace.SetOpened{}, ""},
	} {
		var b strings.Builder
		newText(&b).Record(time.Unix(0, 0), tt.ev)
		got := b.String()
		if !strings.Contains(got, tt.want) || (tt.want == "") != (got == "") {
			t.Errorf("%s: %q, want %q", tt.ev.EventName(), got, tt.want)
		}
		if strings.Contains(got, "c0ffee") || strings.Contains(got, "\x1b") {
			t.Errorf("%s shows a secret, or moves the cursor: %q", tt.ev.EventName(), got)
		}
	}
}
