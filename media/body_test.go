package media_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"dum/media"
	"dum/sip"
)

// multi is a multipart body of parts that are header lines, an empty line and
// a text.
func multi(kind string, parts ...string) sip.Body {
	var b strings.Builder
	for _, p := range parts {
		fmt.Fprintf(&b, "--cut\r\n%s\r\n", p)
	}
	b.WriteString("--cut--\r\n")
	return sip.Body{Type: kind + `;boundary="cut"`, Data: b.String()}
}

func TestMultipart(t *testing.T) {
	description := "Content-Type: application/sdp\r\n\r\n" + offer("m=audio 6000 RTP/AVP 0", "a=sendonly").Data
	const other = "Content-Type: application/pidf+xml\r\nContent-ID: <a@b>\r\n\r\n<presence/>"
	nested := multi("multipart/alternative", "\r\nplain words", description)
	nested.Data = strings.ReplaceAll(nested.Data, "--cut", "--inner")
	nestedPart := "Content-Type: multipart/alternative;boundary=inner\r\n\r\n" + nested.Data
	for _, tt := range []struct {
		name   string
		body   sip.Body
		status int // 0: it is found
	}{
		{"alone", multi("multipart/mixed", description), 0},
		{"beside a location", multi("Multipart/Mixed", other, description), 0},
		{"unknown kind of multipart", multi("multipart/new", description, other), 0},
		{"nested", multi("multipart/mixed", other, nestedPart), 0},
		{"without a type", sip.Body{Data: offer("m=audio 6000 RTP/AVP 0", "a=sendonly").Data}, 0},
		{"none", multi("multipart/mixed", other, "\r\nv=0"), 415},
		{"no boundary", sip.Body{Type: "multipart/mixed", Data: "x"}, 400},
		{"broken", sip.Body{Type: "multipart/mixed;boundary=cut", Data: "--cut\r\nContent-Type application/sdp"}, 400},
		{"not finished", sip.Body{Type: "multipart/mixed;boundary=cut", Data: "--cut\r\n" + description}, 400},
		{"something else", sip.Body{Type: "text/plain; charset=utf-8", Data: "v=0"}, 415},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var s media.Session
			answer, err := s.Answer(tt.body)
			if tt.status != 0 {
				if st, ok := errors.AsType[*sip.Status](err); !ok || st.Code != tt.status {
					t.Errorf("got %v, %v; want status %d", answer, err, tt.status)
				}
				return
			}
			if err != nil || answer.Type != "application/sdp" || !strings.Contains(answer.Data, "a=recvonly") {
				t.Errorf("got %v, %v", answer, err)
			}
		})
	}
}

func TestTooDeep(t *testing.T) {
	body := offer("m=audio 6000 RTP/AVP 0").Data
	kind := "application/sdp"
	for i := range 5 {
		cut := fmt.Sprintf("cut%d", i)
		body = fmt.Sprintf("--%s\r\nContent-Type: %s\r\n\r\n%s\r\n--%s--\r\n", cut, kind, body, cut)
		kind = "multipart/mixed;boundary=" + cut
	}
	if _, err := media.Streams(sip.Body{Type: kind, Data: body}); err == nil || !strings.Contains(err.Error(), "415") {
		t.Errorf("got %v, want 415", err)
	}
}
