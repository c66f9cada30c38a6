package media_test

import (
	"fmt"
	"testing"

	"dum/media"
	"dum/sip"
)

func TestStreams(t *testing.T) {
	got, err := media.Streams(offer(
		"m=audio 6000 RTP/AVP 0 18 101", "a=rtpmap:101 telephone-event/8000", "a=sendonly",
		"m=video 0 RTP/AVP 31", "m=image 6004 udptl t38"))
	if err != nil {
		t.Fatal(err)
	}
	const want = "[audio sendonly PCMU/8000,18,telephone-event/8000 192.0.2.1:6000 video refused image sendrecv t38]"
	if s := fmt.Sprint(got); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
	if _, err := media.Streams(sip.Body{}); err == nil {
		t.Error("an empty body is no description")
	}
}

func TestDirection(t *testing.T) {
	for d, want := range map[media.Direction]media.Direction{
		media.Sendrecv: media.Sendrecv, media.Sendonly: media.Recvonly,
		media.Recvonly: media.Sendonly, media.Inactive: media.Inactive,
	} {
		if got := d.Reverse(); got != want {
			t.Errorf("%s reversed is %s, want %s", d, got, want)
		}
	}
}

func FuzzStreams(f *testing.F) {
	f.Add("v=0\r\no=- 7 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 6000 RTP/AVP 0\r\n")
	f.Add("v=0\nm=image 1 udptl t38\nm=audio 0 RTP/AVP 0")
	f.Fuzz(func(t *testing.T, text string) {
		b := sip.Body{Type: "application/sdp", Data: text}
		streams, err := media.Streams(b)
		var s media.Session
		answer, refused := s.Answer(b)
		if (err != nil) && refused == nil {
			t.Fatalf("answered what cannot be read: %q", answer.Data)
		}
		if refused != nil {
			return
		}
		back, err := media.Streams(answer)
		if err != nil || len(back) != len(streams) {
			t.Fatalf("answer %q to %q: %v", answer.Data, text, err)
		}
	})
}
