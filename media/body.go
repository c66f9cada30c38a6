package media

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"dum/sip"
)

// contentType is the only kind of body that this package reads and writes; it
// is read as a part of a multipart body too.
const contentType = "application/sdp"

// maxDepth is how deep multipart bodies may nest.
const maxDepth = 3

var errNoDescription = errors.New("no session description in the body")

// unwrap returns the text of the session description in a body. A body without
// a type counts as one: nothing else is sent so.
//
// RFC 5621 §4 wants user agents to take multipart bodies: a description comes
// in one when something stands beside it, such as the caller's location or the
// signalling of a telephone network. Of several the first is taken.
func unwrap(body sip.Body) (string, error) {
	if isDescription(body.Type) {
		return body.Data, nil
	}
	return find(body.Type, strings.NewReader(body.Data), maxDepth)
}

func isDescription(kind string) bool {
	bare, _, _ := strings.Cut(kind, ";")
	bare = strings.TrimSpace(bare)
	return bare == "" || strings.EqualFold(bare, contentType)
}

// find looks for a description among the parts of a multipart body.
func find(kind string, r io.Reader, depth int) (string, error) {
	bare, params, err := mime.ParseMediaType(kind)
	if !strings.HasPrefix(bare, "multipart/") || depth == 0 {
		return "", errNoDescription
	}
	if err != nil || params["boundary"] == "" {
		return "", malformed(errors.New("multipart body without a boundary"))
	}
	parts := multipart.NewReader(r, params["boundary"])
	for {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return "", errNoDescription
		}
		if err != nil {
			return "", malformed(err)
		}
		// RFC 2046 §5.1: a part without a type is text.
		inner := p.Header.Get("Content-Type")
		if inner != "" && isDescription(inner) {
			b, err := io.ReadAll(p)
			if err != nil {
				return "", malformed(err)
			}
			return string(b), nil
		}
		if text, err := find(inner, p, depth-1); !errors.Is(err, errNoDescription) {
			return text, err
		}
	}
}
