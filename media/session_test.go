package media_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"dum/media"
	"dum/sip"
)

func body(lines ...string) sip.Body {
	return sip.Body{Type: "application/sdp", Data: strings.Join(lines, "\r\n") + "\r\n"}
}

// offer is an offer with the given media lines.
func offer(lines ...string) sip.Body {
	return body(append([]string{"v=0", "o=- 7 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0"}, lines...)...)
}

func TestAnswer(t *testing.T) {
	tests := []struct {
		name   string
		offer  sip.Body
		want   string // the answer from its t= line on
		status int    // or the refusal
		warn   string
	}{
		{
			name:  "audio",
			offer: offer("m=audio 6000 RTP/AVP 0", "a=rtpmap:0 PCMU/8000"),
			want:  "t=0 0|m=audio 9 RTP/AVP 0|a=rtpmap:0 PCMU/8000|a=sendrecv|",
		},
		{
			name:  "static types need no rtpmap, the offer's order stands",
			offer: offer("m=audio 6000 RTP/AVP 18 8 3 0"),
			want:  "t=0 0|m=audio 9 RTP/AVP 8 0|a=rtpmap:8 PCMA/8000|a=rtpmap:0 PCMU/8000|a=sendrecv|",
		},
		{
			name:  "dynamic number, any case, one channel",
			offer: offer("m=audio 6000 RTP/AVP 96 97", "a=rtpmap:96 opus/48000/2", "a=rtpmap:97 pcmu/8000/1"),
			want:  "t=0 0|m=audio 9 RTP/AVP 97|a=rtpmap:97 PCMU/8000|a=sendrecv|",
		},
		{
			name:  "telephone-event",
			offer: offer("m=audio 6000 RTP/AVP 0 101", "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-16"),
			want:  "t=0 0|m=audio 9 RTP/AVP 0 101|a=rtpmap:0 PCMU/8000|a=rtpmap:101 telephone-event/8000|a=fmtp:101 0-15|a=sendrecv|",
		},
		{
			name:   "telephone-event alone is no call",
			offer:  offer("m=audio 6000 RTP/AVP 101", "a=rtpmap:101 telephone-event/8000"),
			status: 488, warn: "305",
		},
		{
			name:  "audio and video",
			offer: offer("m=audio 6000 RTP/AVP 0", "m=video 6002 RTP/AVP 31 34", "a=rtpmap:31 H261/90000"),
			want:  "t=0 0|m=audio 9 RTP/AVP 0|a=rtpmap:0 PCMU/8000|a=sendrecv|m=video 0 RTP/AVP 31 34|",
		},
		{
			name:  "video first",
			offer: offer("m=video 6002 RTP/AVP 31", "m=audio 6000 RTP/AVP 0", "a=sendonly"),
			want:  "t=0 0|m=video 0 RTP/AVP 31|m=audio 9 RTP/AVP 0|a=rtpmap:0 PCMU/8000|a=recvonly|",
		},
		{
			name:  "fax and encrypted audio beside audio",
			offer: offer("m=image 6004 udptl t38", "a=T38FaxVersion:0", "m=audio 6000 RTP/SAVP 0", "a=crypto:1 x", "m=audio 6000 RTP/AVP 0"),
			want:  "t=0 0|m=image 0 udptl t38|m=audio 0 RTP/SAVP 0|m=audio 9 RTP/AVP 0|a=rtpmap:0 PCMU/8000|a=sendrecv|",
		},
		{
			name:  "one audio stream is enough",
			offer: offer("m=audio 6000 RTP/AVP 0", "m=audio 6002 RTP/AVP 8"),
			want:  "t=0 0|m=audio 9 RTP/AVP 0|a=rtpmap:0 PCMU/8000|a=sendrecv|m=audio 0 RTP/AVP 8|",
		},
		{
			name:  "a stream offered as refused stays refused",
			offer: offer("m=audio 0 RTP/AVP 0"),
			want:  "t=0 0|m=audio 0 RTP/AVP 0|",
		},
		{
			name:  "no streams offered, none answered",
			offer: offer(),
			want:  "t=0 0|",
		},
		{
			name:  "session-level direction",
			offer: offer("a=inactive", "m=audio 6000 RTP/AVP 0"),
			want:  "t=0 0|m=audio 9 RTP/AVP 0|a=rtpmap:0 PCMU/8000|a=inactive|",
		},
		{
			name:  "the stream's own direction wins",
			offer: offer("a=inactive", "m=audio 6000 RTP/AVP 0", "a=recvonly"),
			want:  "t=0 0|m=audio 9 RTP/AVP 0|a=rtpmap:0 PCMU/8000|a=sendonly|",
		},
		{
			name:  "hold of old",
			offer: offer("m=audio 6000 RTP/AVP 0", "c=IN IP4 0.0.0.0"),
			want:  "t=0 0|m=audio 9 RTP/AVP 0|a=rtpmap:0 PCMU/8000|a=recvonly|",
		},
		{
			name:  "the time is the offer's",
			offer: body("v=0", "o=- 7 1 IN IP4 192.0.2.1", "s=-", "t=3034423619 3042462419", "r=604800 3600 0 90000", "m=audio 6000 RTP/AVP 0"),
			want:  "t=3034423619 3042462419|r=604800 3600 0 90000|m=audio 9 RTP/AVP 0|a=rtpmap:0 PCMU/8000|a=sendrecv|",
		},
		{
			name:  "bare line ends and a lost last one",
			offer: sip.Body{Type: "Application/SDP; charset=utf-8", Data: "v=0\no=- 7 1 IN IP4 192.0.2.1\ns=-\nt=0 0\nm=audio 6000 RTP/AVP 0\na=sendonly"},
			want:  "t=0 0|m=audio 9 RTP/AVP 0|a=rtpmap:0 PCMU/8000|a=recvonly|",
		},
		{name: "codecs we lack", offer: offer("m=audio 6000 RTP/AVP 18 4"), status: 488, warn: "305"},
		{name: "a number we know under another name", offer: offer("m=audio 6000 RTP/AVP 0", "a=rtpmap:0 foo/8000"), status: 488, warn: "305"},
		{name: "encrypted only", offer: offer("m=audio 6000 RTP/SAVP 0"), status: 488, warn: "302"},
		{name: "video only", offer: offer("m=video 6000 RTP/AVP 31"), status: 488, warn: "304"},
		{name: "not SDP at all", offer: sip.Body{Type: "text/plain", Data: "hello"}, status: 415},
		{name: "an empty body", offer: sip.Body{Type: "application/sdp"}, status: 400, warn: "399"},
		{name: "junk", offer: body("hello"), status: 400, warn: "399"},
		{name: "a bad line in the session", offer: body("v=0", "o=-", "s=-"), status: 400, warn: "399"},
		{name: "a short m= line", offer: offer("m=video 1"), status: 400, warn: "399"},
		{name: "a port out of range", offer: offer("m=audio 65536 RTP/AVP 0"), status: 400, warn: "399"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := media.Session{Addr: netip.MustParseAddr("192.0.2.9")}
			got, err := s.Answer(tt.offer)
			if tt.status != 0 {
				st, ok := errors.AsType[*sip.Status](err)
				if !ok || st.Code != tt.status {
					t.Fatalf("got %v, %v; want status %d", got, err, tt.status)
				}
				if tt.warn != "" && !warns(st, tt.warn) {
					t.Errorf("headers %v, want a warning %s", st.Headers, tt.warn)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.Type != "application/sdp" {
				t.Errorf("type %q", got.Type)
			}
			text := strings.ReplaceAll(got.Data, "\r\n", "|")
			if i := strings.Index(text, "t="); i < 0 || text[i:] != tt.want {
				t.Errorf("got  %s\nwant …%s", text, tt.want)
			}
			if !strings.Contains(text, "|c=IN IP4 192.0.2.9|") {
				t.Errorf("no connection address of ours in %s", text)
			}
		})
	}
}

func warns(st *sip.Status, code string) bool {
	for _, h := range st.Headers {
		if h.Name == "Warning" && strings.HasPrefix(h.Value, code+" ") {
			return true
		}
	}
	return false
}

func TestOffer(t *testing.T) {
	s := media.Session{Addr: netip.MustParseAddr("2001:db8::1"), Port: 4000}
	first := s.Offer(media.Sendrecv)
	if !strings.Contains(first.Data, "c=IN IP6 2001:db8::1\r\n") {
		t.Errorf("no connection address in %q", first.Data)
	}
	const want = "t=0 0|m=audio 4000 RTP/AVP 0 8 101|a=rtpmap:0 PCMU/8000|a=rtpmap:8 PCMA/8000|" +
		"a=rtpmap:101 telephone-event/8000|a=fmtp:101 0-15|a=sendrecv|"
	if got := strings.ReplaceAll(first.Data, "\r\n", "|"); !strings.HasSuffix(got, want) {
		t.Errorf("got %s, want …%s", got, want)
	}
	if other := (&media.Session{}).Offer(media.Sendrecv); strings.Fields(other.Data)[2] == strings.Fields(first.Data)[2] {
		t.Error("two sessions share one id")
	}
}

// The origin of a later description is that of the first; its version goes up
// by one when something changed, and only then.
func TestVersion(t *testing.T) {
	var s media.Session
	version := func(b sip.Body) (id, version string) {
		t.Helper()
		f := strings.Fields(b.Data) // v=0 o=- id version …
		return f[2], f[3]
	}
	id, v := version(s.Offer(media.Sendrecv))
	if v != "1" {
		t.Fatalf("first version %s", v)
	}
	for _, step := range []struct {
		say  func() sip.Body
		want string
	}{
		{func() sip.Body { return s.Offer(media.Sendrecv) }, "1"},
		{func() sip.Body { return s.Offer(media.Sendonly) }, "2"},
		{func() sip.Body { return s.Offer(media.Sendonly) }, "2"},
		{func() sip.Body { return s.Offer(media.Sendrecv) }, "3"},
		{func() sip.Body {
			b, err := s.Answer(offer("m=audio 6000 RTP/AVP 0", "m=video 1 RTP/AVP 31"))
			if err != nil {
				t.Fatal(err)
			}
			return b
		}, "4"},
	} {
		if gotID, got := version(step.say()); gotID != id || got != step.want {
			t.Errorf("origin %s %s, want %s %s", gotID, got, id, step.want)
		}
	}
	// What was agreed on is what is offered from then on.
	got := strings.ReplaceAll(s.Offer(media.Inactive).Data, "\r\n", "|")
	const want = "|m=audio 9 RTP/AVP 0|a=rtpmap:0 PCMU/8000|a=inactive|m=video 0 RTP/AVP 31|"
	if !strings.HasSuffix(got, want) {
		t.Errorf("got %s, want …%s", got, want)
	}
}

func BenchmarkAnswer(b *testing.B) {
	o := offer("m=audio 6000 RTP/AVP 0", "a=rtpmap:0 PCMU/8000")
	addr := netip.MustParseAddr("192.0.2.9")
	b.ReportAllocs()
	for b.Loop() {
		s := media.Session{Addr: addr}
		if _, err := s.Answer(o); err != nil {
			b.Fatal(err)
		}
	}
}
