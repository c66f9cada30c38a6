package sip

import "strings"

// Authentication. One challenge or one set of credentials stands on each line,
// because its parameters are parted by commas themselves. RFC 3261 §7.3.1:
// "since their grammar does not follow the general form […], they MUST NOT be
// combined into a single header field row." A peer that offers several digest
// algorithms (RFC 8760) sends a line for each, the one that it likes best
// first; [Header.All] keeps that order.
var (
	WWWAuthenticate    = NewHeader("WWW-Authenticate", challengeCodec())      // RFC 3261 §20.44, RFC 8760, RFC 8898
	ProxyAuthenticate  = NewHeader("Proxy-Authenticate", challengeCodec())    // RFC 3261 §20.27, RFC 8760, RFC 8898
	Authorization      = NewHeader("Authorization", credentialsCodec())       // RFC 3261 §20.7, RFC 8760, RFC 8898
	ProxyAuthorization = NewHeader("Proxy-Authorization", credentialsCodec()) // RFC 3261 §20.28, RFC 8760, RFC 8898

	// AuthenticationInfo is what a server proves about itself: nextnonce, qop,
	// rspauth, cnonce and nc, all as one value.
	AuthenticationInfo = NewHeader("Authentication-Info", authInfoCodec()) // RFC 3261 §20.6
)

// Challenge is the value of WWW-Authenticate and Proxy-Authenticate.
type Challenge struct {
	Scheme string // "Digest", "Bearer"; "" is written as Digest
	Params AuthParams
}

func challengeCodec() Codec[Challenge] {
	return Codec[Challenge]{Parse: ParseChallenge, Append: appendValue[Challenge]}
}

// ParseChallenge reads one challenge. Schemes that nobody knows are taken.
func ParseChallenge(s string) (Challenge, error) {
	scheme, params, err := cutScheme(s)
	if err != nil {
		return Challenge{}, err
	}
	c := Challenge{Scheme: scheme, Params: AuthParams(params)}
	return c, c.Params.check()
}

// Is reports whether the challenge is of that scheme, without regard to case.
func (c Challenge) Is(scheme string) bool { return equalFold(orDigest(c.Scheme), scheme) }

// Get returns the value of a parameter, "" when it is missing.
func (c Challenge) Get(name string) string {
	v, _ := c.Params.Get(name)
	return v
}

// With returns c with a parameter set; see [AuthParams.With].
func (c Challenge) With(name, value string) Challenge {
	c.Params = c.Params.With(name, value)
	return c
}

// String returns the challenge in the form of RFC 3261 §25.1, whatever form it
// came in.
func (c Challenge) String() string { return string(c.Append(nil)) }

// Append writes the challenge to b.
func (c Challenge) Append(b []byte) []byte {
	return c.Params.append(append(appendToken(b, orDigest(c.Scheme)), ' '), authChallenge)
}

// Credentials is the value of Authorization and Proxy-Authorization: a scheme
// with parameters, or with a token as in "Bearer eyJhbGci…" (RFC 8898).
type Credentials struct {
	Scheme string     // "Digest", "Bearer"; "" is written as Digest
	Token  string     // what follows the scheme when it is no list of parameters
	Params AuthParams // not written when there is a Token
}

func credentialsCodec() Codec[Credentials] {
	return Codec[Credentials]{Parse: ParseCredentials, Append: appendValue[Credentials]}
}

// ParseCredentials reads one set of credentials. Schemes that nobody knows are
// taken.
func ParseCredentials(s string) (Credentials, error) {
	scheme, rest, err := cutScheme(s)
	if err != nil {
		return Credentials{}, err
	}
	if isToken68(rest) {
		return Credentials{Scheme: scheme, Token: rest}, nil
	}
	c := Credentials{Scheme: scheme, Params: AuthParams(rest)}
	return c, c.Params.check()
}

// Is reports whether the credentials are of that scheme, without regard to
// case.
func (c Credentials) Is(scheme string) bool { return equalFold(orDigest(c.Scheme), scheme) }

// Get returns the value of a parameter, "" when it is missing.
func (c Credentials) Get(name string) string {
	v, _ := c.Params.Get(name)
	return v
}

// With returns c with a parameter set; see [AuthParams.With].
func (c Credentials) With(name, value string) Credentials {
	c.Params = c.Params.With(name, value)
	return c
}

// String returns the credentials in the form of RFC 3261 §25.1, whatever form
// they came in. A bearer token in it is a secret: keep it out of logs.
func (c Credentials) String() string { return string(c.Append(nil)) }

// Append writes the credentials to b.
func (c Credentials) Append(b []byte) []byte {
	b = append(appendToken(b, orDigest(c.Scheme)), ' ')
	if c.Token != "" {
		return appendOnly(b, c.Token, isToken68Byte)
	}
	return c.Params.append(b, authCredentials)
}

// orDigest fills in the scheme that almost everybody means.
func orDigest(scheme string) string {
	if scheme == "" {
		return "Digest"
	}
	return scheme
}

// cutScheme splits off the scheme that a value begins with.
func cutScheme(s string) (scheme, rest string, err error) {
	if scheme, rest = cutWord(s); !isToken(scheme) {
		return "", "", errToken
	}
	return scheme, rest, nil
}

// isToken68 tells "abc==", which is b64token (RFC 6750 §2.1), from "name=value".
func isToken68(s string) bool {
	end := len(s)
	for end > 0 && s[end-1] == '=' {
		end--
	}
	for i := 0; i < end; i++ {
		if s[i] == '=' || !isToken68Byte(s[i]) {
			return false
		}
	}
	return end > 0
}

// isToken68Byte: 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"=".
func isToken68Byte(c byte) bool {
	return c == '-' || c == '.' || c == '_' || c == '~' || c == '+' || c == '/' || c == '=' ||
		isDigit(c) || lower(c)-'a' < 26
}

func authInfoCodec() Codec[AuthParams] {
	return Codec[AuthParams]{
		Parse: func(s string) (AuthParams, error) {
			if strings.Trim(s, ", \t") == "" {
				return "", errEmpty
			}
			return AuthParams(s), AuthParams(s).check()
		},
		Append: func(b []byte, p AuthParams) []byte { return p.append(b, authCredentials) },
	}
}
