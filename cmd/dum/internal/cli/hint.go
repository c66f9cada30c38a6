package cli

import (
	"fmt"

	"dum/sip"
)

// Hint is what a person could do about a refusal; "" when nothing comes to
// mind.
func (i *Identity) Hint(st *sip.Status) string {
	if st.Response == nil {
		return ""
	}
	var h sip.Header[sip.Challenge]
	switch st.Code {
	case 401:
		h = sip.WWWAuthenticate
	case 407:
		h = sip.ProxyAuthenticate
	default:
		return ""
	}
	challenge, err := h.Get(st.Response)
	if err != nil {
		return ""
	}
	realm := challenge.Get("realm")
	switch {
	case i.User == "":
		return fmt.Sprintf("the peer asks who we are (realm %q): try --user and --password", realm)
	case i.Realm != "" && i.Realm != realm:
		return fmt.Sprintf("the peer names realm %q, --realm says %q", realm, i.Realm)
	}
	return fmt.Sprintf("the password was not accepted, or realm %q is not one that our host may ask for: see --realm", realm)
}

// Local tells whether a status was made up on our side, because nobody
// answered or nobody could be reached.
func Local(st *sip.Status) bool { return st.Response == nil }
