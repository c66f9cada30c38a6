package sip

import (
	"iter"
	"strings"
)

// Who it is, and who may know.
var (
	Privacy            = NewHeader("Privacy", Codec[PrivacySet]{Parse: parsePrivacy, Append: appendValue[PrivacySet]})           // RFC 3323 §4.2
	PAssertedIdentity  = NewHeader("P-Asserted-Identity", addrCodec(true))                                                       // RFC 3325 §9.1
	PPreferredIdentity = NewHeader("P-Preferred-Identity", addrCodec(true))                                                      // RFC 3325 §9.2
	Identity           = NewHeader("Identity", Codec[SignedIdentity]{Parse: parseIdentity, Append: appendValue[SignedIdentity]}) // RFC 8224 §4
	IdentityInfo       = NewHeader("Identity-Info", addrCodec(false))                                                            // RFC 4474 §9, obsolete
)

// PrivacySet is the value of a Privacy header: "id;critical".
type PrivacySet string

func parsePrivacy(s string) (PrivacySet, error) {
	n := 0
	for v := range PrivacySet(s).All() {
		if n++; !isToken(v) {
			return "", errToken
		}
	}
	if n == 0 {
		return "", errEmpty
	}
	return PrivacySet(s), nil
}

// All yields the kinds of privacy asked for. Commas, which some peers write
// for semicolons, part them as well.
func (p PrivacySet) All() iter.Seq[string] {
	return func(yield func(string) bool) {
		for v := range strings.FieldsFuncSeq(string(p), func(r rune) bool { return r == ';' || r == ',' }) {
			if v = trimLWS(v); v != "" && !yield(v) {
				return
			}
		}
	}
}

// Has reports whether a kind of privacy, such as "id", "header", "session",
// "user", "none" or "critical", is asked for, without regard to case.
func (p PrivacySet) Has(kind string) bool {
	for v := range p.All() {
		if equalFold(v, kind) {
			return true
		}
	}
	return false
}

// Append writes the value to b, without what is no token.
func (p PrivacySet) Append(b []byte) []byte {
	n := len(b)
	for v := range p.All() {
		if !isToken(v) {
			continue
		}
		if len(b) > n {
			b = append(b, ';')
		}
		b = append(b, v...)
	}
	return b
}

// SignedIdentity is the value of an Identity header. Several may stand in one
// request, each on its own line.
type SignedIdentity struct {
	Value  string // the PASSporT, in full or compact form
	Params Params
}

// NewIdentity returns an identity whose PASSporT was signed with the key that
// info points at; ppt may be empty.
func NewIdentity(passport string, info URI, alg, ppt string) SignedIdentity {
	b := info.Append([]byte(";info=<"))
	p := Params(append(b, '>'))
	if alg != "" {
		p = p.With("alg", alg)
	}
	if ppt != "" {
		p = p.With("ppt", ppt)
	}
	return SignedIdentity{Value: passport, Params: p}
}

// Info returns the URI of the certificate, "" when there is none.
func (v SignedIdentity) Info() string {
	s, _ := v.Params.Get("info")
	return cutBrackets(s)
}

// Alg returns the signing algorithm, such as "ES256"; "" when not given.
func (v SignedIdentity) Alg() string {
	s, _ := v.Params.Get("alg")
	return s
}

// PPT returns the type of the PASSporT, such as "shaken"; "" when not given.
func (v SignedIdentity) PPT() string {
	s, _ := v.Params.Get("ppt")
	return s
}

// parseIdentity takes base64 in both alphabets, and the dots between the parts
// (RFC 8224 §4), which are the characters of a bearer token.
func parseIdentity(s string) (SignedIdentity, error) {
	v, err := parseItem(s, isToken68Byte)
	if err == nil && !isOnly(v.Value, isToken68Byte) {
		err = errToken
	}
	return SignedIdentity(v), err
}

// String returns the value as it stands in the header.
func (v SignedIdentity) String() string { return string(v.Append(nil)) }

// Append writes the value to b. Characters that no PASSporT may hold are
// dropped.
func (v SignedIdentity) Append(b []byte) []byte {
	return appendParams(appendOnly(b, v.Value, isToken68Byte), v.Params)
}

// cutBrackets removes the angle brackets around s.
func cutBrackets(s string) string {
	return strings.TrimSuffix(strings.TrimPrefix(s, "<"), ">")
}
