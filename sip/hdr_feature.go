package sip

import (
	"iter"
	"strconv"
	"strings"
)

// Callee capabilities and caller preferences. The values of these headers are
// "*" with feature parameters; see [Params.Feature].
var (
	AcceptContact = NewHeader("Accept-Contact", itemListCodec[Item](isTokenByte)) // RFC 3841 §9.2
	RejectContact = NewHeader("Reject-Contact", itemListCodec[Item](isTokenByte)) // RFC 3841 §9.2
	FeatureCaps   = NewHeader("Feature-Caps", itemListCodec[Item](isTokenByte))   // RFC 6809

	// RequestDisposition lists directives for proxies: "no-fork", "queue" …
	RequestDisposition = NewHeader("Request-Disposition", tokenCodec[string](true)) // RFC 3841 §9.1
)

// Feature is the value of a feature parameter (RFC 3840 §9) without its
// quotes: "" or "TRUE" for a boolean, "<text>" for a string, "#=5" for a
// number, "INVITE,BYE" or "!audio" for a list of tokens.
type Feature string

// Feature returns a feature parameter of a Contact, Accept-Contact or
// Feature-Caps value, such as "audio", "methods" or "+sip.instance". The tag is
// given as it is written, with its plus sign where it has one.
func (p Params) Feature(tag string) (f Feature, ok bool) {
	v, ok := p.Get(tag)
	return Feature(v), ok
}

// Features yields all feature parameters among p: those that begin with a plus
// sign and the base tags of RFC 3840 §9.
func (p Params) Features() iter.Seq2[string, Feature] {
	return func(yield func(string, Feature) bool) {
		for name, v := range p.All() {
			if isFeatureTag(name) && !yield(name, Feature(v)) {
				return
			}
		}
	}
}

// WithFeature returns p with a feature parameter set. RFC 3840 §9 has all
// values in quotes; a true boolean is written without a value.
func (p Params) WithFeature(tag string, f Feature) Params {
	if f == "" {
		return p.Flag(tag)
	}
	return p.WithQuoted(tag, string(f))
}

// isFeatureTag: feature-param = enc-feature-tag, base-tags and other-tags
// (RFC 3840 §9).
func isFeatureTag(name string) bool {
	if strings.HasPrefix(name, "+") {
		return true
	}
	switch toLower(name) {
	case "audio", "automata", "class", "duplex", "data", "control", "mobility",
		"description", "events", "priority", "methods", "schemes", "application",
		"video", "language", "type", "isfocus", "actor", "text", "extensions":
		return true
	}
	return false
}

// Bool reports whether the feature is a boolean and true.
func (f Feature) Bool() bool { return f == "" || equalFold(string(f), "TRUE") }

// Text returns the text of a feature that is a string; ok is false for others.
func (f Feature) Text() (s string, ok bool) {
	s = string(f)
	if len(s) < 2 || s[0] != '<' || s[len(s)-1] != '>' {
		return "", false
	}
	return s[1 : len(s)-1], true
}

// Tokens yields the elements of a feature that is a list. An element that is
// excluded begins with "!".
func (f Feature) Tokens() iter.Seq[string] {
	return func(yield func(string) bool) {
		for v := range strings.SplitSeq(string(f), ",") {
			if v = trimLWS(v); v != "" && !yield(v) {
				return
			}
		}
	}
}

// Has reports whether the feature takes token, without regard to case: the
// list has it, or has only exclusions and it is none of them.
func (f Feature) Has(token string) bool {
	excluding := false
	for v := range f.Tokens() {
		if equalFold(v, token) {
			return true
		}
		not, is := strings.CutPrefix(v, "!")
		if is && equalFold(not, token) {
			return false
		}
		excluding = excluding || is
	}
	return excluding && !f.includes()
}

// includes reports whether some element is not an exclusion.
func (f Feature) includes() bool {
	for v := range f.Tokens() {
		if v[0] != '!' {
			return true
		}
	}
	return false
}

// Number reports whether the feature is numeric and takes n: "#=5", "#>=5",
// "#<=5" or "#1:5" (RFC 3840 §9).
func (f Feature) Number(n float64) bool {
	s, ok := strings.CutPrefix(string(f), "#")
	if !ok {
		return false
	}
	if lo, hi, ok := strings.Cut(s, ":"); ok {
		a, err := strconv.ParseFloat(lo, 64)
		b, err2 := strconv.ParseFloat(hi, 64)
		return err == nil && err2 == nil && a <= n && n <= b
	}
	num := strings.TrimLeft(s, "<>=")
	v, err := strconv.ParseFloat(num, 64)
	if err != nil {
		return false
	}
	switch s[:len(s)-len(num)] {
	case "=":
		return n == v
	case ">=":
		return n >= v
	case "<=":
		return n <= v
	}
	return false
}
