package flow

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	const text = `# A comment.
agent alice   # another

alice dial bob offer=a
----
alice -> bob   INVITE 1 sdp=a

bob ring
----
`
	f, err := Parse("x.flow", text)
	if err != nil {
		t.Fatal(err)
	}
	if got := f.String(); got != text {
		t.Errorf("written back:\n%s\nwant\n%s", got, text)
	}
	if len(f.Blocks) != 3 || f.Blocks[1].Line != 4 || f.Blocks[2].Line != 8 || len(f.Blocks[1].Want) != 1 {
		t.Errorf("blocks %+v", f.Blocks)
	}
	for text, want := range map[string]string{
		"a\n----\n----\n":  "x.flow:3: a second ----",
		"ok\n\na b=1 b=2":  `x.flow:3: argument "b=2" is there twice`,
		"a =1":             `x.flow:1: argument "=1"`,
		"# fine\na=1 # no": "x.flow:2: arguments without a command",
	} {
		if _, err := Parse("x.flow", text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: error %v, want %s", text, err, want)
		}
	}
}

// TestCommands: a command that makes no sense is told of, not passed over.
func TestCommands(t *testing.T) {
	for script, want := range map[string]string{
		"agent":                              "needs a name of its own",
		"agent a\nagent a":                   "needs a name of its own",
		"agent a colour=red":                 "knows no colour=",
		"agent a proxy=b":                    `nobody is called "b"`,
		"bob ring":                           `nobody is called "bob"`,
		"agent a\na sing":                    `an agent cannot "sing"`,
		"agent a\na dial b":                  `nobody is called "b"`,
		"agent a\na ring":                    "a has no call within 40s",
		"agent a\na bye":                     "a has no session within 40s",
		"agent a\na bye call=2":              "a has no call 2 within 40s",
		"peer p\np sing":                     `a peer cannot "sing"`,
		"peer p\np answers 200":              "no request to answer",
		"peer p\np acks":                     "no answer to acknowledge",
		"peer p\np cancels":                  "nothing to cancel",
		"peer p\np sends BYE":                "in no dialog",
		"peer p\np repeats":                  "has sent nothing",
		"proxy p\np ring":                    "a proxy takes no commands",
		"host h\nh ring":                     "nobody is at h",
		"show colour":                        `no column "colour"`,
		"sweep dance":                        `no sweep "dance"`,
		"wait long":                          "invalid duration",
		"agent a\nagent b\nnet eat a -> b *": `the network cannot "eat"`,
		"agent a\nagent b\nnet lose a b *":   "nobody is called",
		"agent a\nnet lose a -> b *":         `nobody is called "b"`,
	} {
		f, err := Parse("x.flow", script)
		if err != nil {
			t.Fatal(err)
		}
		if got := playFailing(t, f); !strings.Contains(got, want) {
			t.Errorf("%q: said %q, want %q", script, got, want)
		}
	}
}
