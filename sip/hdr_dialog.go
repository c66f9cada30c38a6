package sip

import "errors"

var errTags = errors.New("not one tag of each side")

// Headers that point at a dialog, and those of a transfer.
var (
	Replaces     = NewHeader("Replaces", dialogRefCodec(toFrom))           // RFC 3891 §6.1
	Join         = NewHeader("Join", dialogRefCodec(toFrom))               // RFC 3911 §7.1
	TargetDialog = NewHeader("Target-Dialog", dialogRefCodec(localRemote)) // RFC 4538 §7

	// ReferTo may carry a Replaces for the request to come in its URI; see
	// [URI.Header].
	ReferTo = NewHeader("Refer-To", addrCodec(false)) // RFC 3515 §2.1
	// ReferredBy may carry a cid parameter that names a signed body.
	ReferredBy = NewHeader("Referred-By", addrCodec(false)) // RFC 3892
	// ReferSub is "true" or "false": whether a REFER makes a subscription.
	ReferSub = NewHeader("Refer-Sub", itemCodec[Item](isTokenByte)) // RFC 4488 §4
)

// DialogRef names a dialog of the one who receives it: Local is the receiver's
// own tag, Remote the tag of the receiver's peer. A tag of "0" stands for a
// missing one, as RFC 2543 peers have it (RFC 3891 §3).
type DialogRef struct {
	CallID    string
	Local     string // to-tag in Replaces and Join, local-tag in Target-Dialog
	Remote    string // from-tag in Replaces and Join, remote-tag in Target-Dialog
	EarlyOnly bool   // Replaces: decline with 486 if the dialog is confirmed
	Params    Params // the other parameters
}

// tagNames is how a header calls the two tags.
type tagNames struct{ local, remote string }

const earlyOnly = "early-only"

var (
	toFrom      = tagNames{"to-tag", "from-tag"}
	localRemote = tagNames{"local-tag", "remote-tag"}
)

func dialogRefCodec(names tagNames) Codec[DialogRef] {
	return Codec[DialogRef]{
		Parse:  func(s string) (DialogRef, error) { return parseDialogRef(s, names) },
		Append: func(b []byte, r DialogRef) []byte { return r.append(b, names) },
	}
}

// ParseDialogRef reads the value of a Replaces or Join header, such as the one
// in the URI of a Refer-To.
func ParseDialogRef(s string) (DialogRef, error) { return parseDialogRef(trimLWS(s), toFrom) }

// parseDialogRef holds to RFC 3891 §6.1: "A Replaces header field MUST contain
// exactly one to-tag and exactly one from-tag, as they are required for unique
// dialog matching." RFC 3911 says the same of Join.
func parseDialogRef(s string, names tagNames) (DialogRef, error) {
	i := nextSep(s, ';')
	r := DialogRef{CallID: trimLWS(s[:i])}
	if !isOnly(r.CallID, isCallIDByte) {
		return DialogRef{}, errCallIDText
	}
	if err := checkItemParams(s[i:]); err != nil {
		return DialogRef{}, err
	}
	locals, remotes := 0, 0
	p := Params(s[i:])
	for name, value := range p.All() {
		switch {
		case equalFold(name, names.local):
			r.Local = value
			locals++
		case equalFold(name, names.remote):
			r.Remote = value
			remotes++
		case equalFold(name, earlyOnly):
			r.EarlyOnly = true
		}
	}
	if locals != 1 || remotes != 1 || !isToken(r.Local) || !isToken(r.Remote) {
		return DialogRef{}, errTags
	}
	r.Params = p.Without(names.local).Without(names.remote).Without(earlyOnly)
	return r, nil
}

// Append writes the reference in the form of Replaces and Join.
func (r DialogRef) Append(b []byte) []byte { return r.append(b, toFrom) }

// String returns the reference in the form of Replaces and Join.
func (r DialogRef) String() string { return string(r.Append(nil)) }

func (r DialogRef) append(b []byte, names tagNames) []byte {
	b = appendCallID(b, r.CallID)
	b = appendToken(append(append(append(b, ';'), names.local...), '='), r.Local)
	b = appendToken(append(append(append(b, ';'), names.remote...), '='), r.Remote)
	if r.EarlyOnly {
		b = append(append(b, ';'), earlyOnly...)
	}
	return appendParams(b, r.Params)
}
