package transport

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"dum/sip"
)

// frames runs a framer to the end of src and writes down what it yields.
func frames(src io.Reader, lim sip.Limits) (log []string) {
	f := newFramer(lim, newBuffers(), func(n int) { log = append(log, slices.Repeat([]string{"ping"}, n)...) })
	for {
		msg, err := f.next(src)
		var bad *malformedError
		switch {
		case err == nil:
			log = append(log, string(msg))
			continue
		case errors.As(err, &bad):
			log = append(log, fmt.Sprintf("%d %s %s", bad.code, bad.reason, bad.data))
		case err != io.EOF:
			log = append(log, err.Error())
		}
		return log
	}
}

const (
	options = "OPTIONS sip:a SIP/2.0\r\nl: 4\r\n\r\nbody"
	bye     = "BYE sip:a SIP/2.0\nContent-Length : 0\n\n"
)

func TestFramer(t *testing.T) {
	lim := sip.Limits{MaxHead: 100, MaxMessage: 200}
	long := strings.Repeat("y", 200)
	for name, c := range map[string]struct {
		in   string
		want []string
	}{
		"one":                {options, []string{options}},
		"two":                {options + bye, []string{options, bye}},
		"empty lines":        {"\r\n" + options + "\r\n\n\r" + bye, []string{options, bye}},
		"ping":               {"\r\n\r\n" + options + "\r\n\r\n\r\n\r\n\r\n", []string{"ping", options, "ping", "ping"}},
		"no ping":            {"\n\n\r\r\n\n\r\n" + bye + "\r\n" + bye + "\r\n", []string{bye, bye}},
		"half a head":        {"BYE sip:a SIP/2.0\r\nl: 0\r\n", nil},
		"half a body":        {options[:len(options)-1], nil},
		"no length":          {"BYE sip:a SIP/2.0\r\nTo: b\r\n\r\nxxx", []string{"400 no Content-Length BYE sip:a SIP/2.0\r\nTo: b\r\n\r\n"}},
		"bad length":         {"BYE sip:a SIP/2.0\r\nl: -1\r\n\r\n", nil},
		"two lengths":        {"BYE sip:a SIP/2.0\r\nl: 1\r\nContent-Length: 2\r\n\r\n", nil},
		"message too large":  {"BYE sip:a SIP/2.0\r\nl: 999\r\n\r\n", []string{"513 message too large BYE sip:a SIP/2.0\r\nl: 999\r\n\r\n"}},
		"huge length":        {"BYE sip:a SIP/2.0\r\nl: 99999999999999999999\r\n\r\n", nil},
		"head too large":     {"BYE sip:a SIP/2.0\r\nX: " + long + "\r\n\r\n", []string{"513 head too large " + ("BYE sip:a SIP/2.0\r\nX: " + long)[:100]}},
		"endless head":       {"BYE sip:a SIP/2.0\r\nX: " + long, []string{"513 head too large " + ("BYE sip:a SIP/2.0\r\nX: " + long)[:100]}},
		"noise after a good": {bye + "\x16\x03\x01", nil},
	} {
		t.Run(name, func(t *testing.T) {
			want := frames(strings.NewReader(c.in), lim)
			if c.want != nil && !slices.Equal(want, c.want) {
				t.Fatalf("got %q, want %q", want, c.want)
			}
			// However it arrives, it is the same.
			for name, src := range map[string]io.Reader{
				"byte by byte":  iotest.OneByteReader(strings.NewReader(c.in)),
				"half":          iotest.HalfReader(strings.NewReader(c.in)),
				"data with EOF": iotest.DataErrReader(strings.NewReader(c.in)),
			} {
				if got := frames(src, lim); !slices.Equal(firstBytes(got), firstBytes(want)) {
					t.Errorf("%s: got %q, want %q", name, got, want)
				}
			}
		})
	}
	for in, code := range map[string]string{
		"BYE sip:a SIP/2.0\r\nl: -1\r\n\r\n":                     "400 ",
		"BYE sip:a SIP/2.0\r\nl: 1\r\nContent-Length: 2\r\n\r\n": "400 ",
		"BYE sip:a SIP/2.0\r\nl: 99999999999999999999\r\n\r\n":   "400 ",
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03":           "400 no start line",
		"BYE sip:a SIP/2.0\r\nContent-Length: nine\r\n\r\n":      "400 ",
		"BYE sip:a SIP/2.0\r\nContent-Length: 1, 1\r\n\r\nx":     "400 ",
		"BYE sip:a SIP/2.0\r\nX: Content-Length: 0\r\n\r\n":      "400 no Content-Length",
		"BYE sip:a SIP/2.0\r\nSubject: a\r\n l: 0\r\n\r\n":       "400 no Content-Length",
		" BYE sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n":        "400 no start line",
		"BYE sip:a SIP/2.0\r\nContent-Length: 999999999\n\n":     "513 ",
	} {
		if got := frames(strings.NewReader(in), lim); len(got) != 1 || !strings.HasPrefix(got[0], code) {
			t.Errorf("%q: got %q, want %s", in, got, code)
		}
	}
}

// firstBytes cuts what a malformed message had come to, since that depends on
// the pieces.
func firstBytes(log []string) []string {
	out := slices.Clone(log)
	for i, s := range out {
		if strings.HasPrefix(s, "400 no start line") {
			out[i] = "400 no start line"
		}
	}
	return out
}

// Without limits only the memory counts, and it is taken as the bytes come.
func TestFramerUnlimited(t *testing.T) {
	head := "BYE sip:a SIP/2.0\r\nX: " + strings.Repeat("z", 200_000) + "\r\nl: 3000000\r\n\r\n"
	msg := head + strings.Repeat("b", 3_000_000)
	got := frames(strings.NewReader(msg+bye), sip.Limits{MaxHead: -1, MaxMessage: -1})
	if !slices.Equal(got, []string{msg, bye}) {
		t.Fatalf("%d pieces", len(got))
	}
	f := newFramer(sip.Limits{MaxMessage: -1}, newBuffers(), func(int) {})
	if _, err := f.next(strings.NewReader("BYE sip:a SIP/2.0\r\nl: 1000000000\r\n\r\n" + "abc")); err != io.EOF {
		t.Fatal(err)
	}
	if len(f.buf) > idleBuffer {
		t.Errorf("a promise of a gigabyte took %d bytes", len(f.buf))
	}
}

// The defaults are those of sip.Limits, which its parser keeps.
func TestFramerDefaults(t *testing.T) {
	for _, c := range []struct{ head, body int }{{64 << 10, 0}, {64<<10 + 1, 0}, {100, 1<<20 - 100}, {100, 1<<20 - 99}} {
		head := fmt.Sprintf("BYE sip:a SIP/2.0\r\nl: %d\r\nX: \r\n\r\n", c.body)
		var b strings.Builder
		b.WriteString(head[:len(head)-4])
		for pad := c.head - len(head); pad > 0; {
			n := min(pad, 8000)
			if rest := pad - n; rest > 0 && rest < 10 {
				n -= 10
			}
			b.WriteString(strings.Repeat("p", n))
			if pad -= n; pad >= 10 {
				b.WriteString("\r\nX: ")
				pad -= 5
			}
		}
		msg := b.String() + "\r\n\r\n" + strings.Repeat("b", c.body)
		if len(msg) != c.head+c.body {
			t.Fatalf("made %d bytes, want %d", len(msg), c.head+c.body)
		}
		_, err := sip.Parse(msg, sip.Limits{})
		got := frames(strings.NewReader(msg), sip.Limits{})
		if ok := len(got) == 1 && got[0] == msg; ok != (err == nil) {
			t.Errorf("head %d, body %d: framed %v, parsed %v", c.head, c.body, ok, err)
		}
	}
}

// A quiet connection keeps only its small buffer.
func TestFramerShrinks(t *testing.T) {
	f := newFramer(sip.Limits{}, newBuffers(), func(int) {})
	big := "BYE sip:a SIP/2.0\r\nl: 500000\r\n\r\n" + strings.Repeat("b", 500_000)
	src := strings.NewReader(big + bye)
	if msg, err := f.next(src); err != nil || string(msg) != big {
		t.Fatalf("%d bytes, %v", len(msg), err)
	}
	if msg, err := f.next(src); err != nil || string(msg) != bye {
		t.Fatalf("%q, %v", msg, err)
	}
	if _, err := f.next(src); err != io.EOF || len(f.buf) != idleBuffer || f.lent != nil {
		t.Errorf("%v with a buffer of %d", err, len(f.buf))
	}
}

// A head that comes byte by byte is looked at once, not once per byte.
func TestFramerLooksOnce(t *testing.T) {
	f := newFramer(sip.Limits{}, newBuffers(), func(int) {})
	src := iotest.OneByteReader(strings.NewReader("BYE sip:a SIP/2.0\r\n" + strings.Repeat("X: y\r\n", 1000)))
	if _, err := f.next(src); err != io.EOF {
		t.Fatal(err)
	}
	if f.seen != f.w-f.r {
		t.Errorf("looked at %d of %d bytes", f.seen, f.w-f.r)
	}
}

// chunked yields its text in pieces whose sizes the fuzzer chose.
type chunked struct {
	text  string
	sizes []byte
	next  int
}

func (c *chunked) Read(b []byte) (int, error) {
	if c.text == "" {
		return 0, io.EOF
	}
	n := 1
	if len(c.sizes) > 0 {
		n += int(c.sizes[c.next%len(c.sizes)])
		c.next++
	}
	n = copy(b, c.text[:min(n, len(c.text))])
	c.text = c.text[n:]
	return n, nil
}

// FuzzFraming: arbitrary bytes in arbitrary pieces never panic, and the pieces
// do not matter.
func FuzzFraming(f *testing.F) {
	for _, s := range []string{
		options + bye, "\r\n\r\n" + bye, bye + "\r\n\r\n\r\n" + options,
		"BYE sip:a SIP/2.0\r\nl: 900\r\n\r\n", "BYE sip:a SIP/2.0\r\nX: y\r\n\r\n",
		"a\n\nb", "a:\r\n\r\n", "a\r\n b\r\nl\t:\r\n 1\r\n\r\nz", strings.Repeat("q", 600),
	} {
		f.Add(s, []byte{0})
		f.Add(s, []byte{3, 0, 17})
	}
	f.Fuzz(func(t *testing.T, text string, sizes []byte) {
		lim := sip.Limits{MaxHead: 300, MaxMessage: 500}
		want := firstBytes(frames(strings.NewReader(text), lim))
		got := firstBytes(frames(&chunked{text: text, sizes: sizes}, lim))
		if !slices.Equal(got, want) {
			t.Fatalf("in pieces %q, at once %q", got, want)
		}
		// What was framed parses as one whole message of that length.
		for _, msg := range want {
			if msg == "ping" || strings.HasPrefix(msg, "400 ") || strings.HasPrefix(msg, "513 ") {
				continue
			}
			if n := sip.HeadLength([]byte(msg)); n < 0 {
				t.Fatalf("framed without a head: %q", msg)
			}
		}
	})
}
