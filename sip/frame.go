package sip

import "bytes"

// HeadLength returns the length of the head of the message that b begins with:
// the index just after its empty line, or -1 when that has not come yet. Lines
// may end in CRLF or in a bare LF. It is what a stream transport needs to cut
// messages out of a byte stream (RFC 3261 §18.3); see [ScanContentLength].
//
// Leading empty lines are the caller's to skip (RFC 3261 §7.5).
func HeadLength(b []byte) int {
	for i := 0; ; {
		n := bytes.IndexByte(b[i:], '\n')
		if n < 0 {
			return -1
		}
		i += n + 1
		switch {
		case i < len(b) && b[i] == '\n':
			return i + 1
		case i+1 < len(b) && b[i] == '\r' && b[i+1] == '\n':
			return i + 2
		}
	}
}

// ScanContentLength looks for the Content-Length of a head, which begins with
// its start line, by its full or its compact name. The error is a [*HeaderError] when it
// is no number, or when it is there twice with different numbers: a stream that
// says that cannot be cut into messages any more.
func ScanContentLength(head []byte) (n int, found bool, err error) {
	head = head[bytes.IndexByte(head, '\n')+1:]
	for len(head) > 0 {
		name, value, rest := cutHeader(head)
		head = rest
		if !isContentLength(name) {
			continue
		}
		v, perr := parseLength(string(bytes.Trim(value, " \t\r\n")))
		if perr != nil {
			return 0, true, &HeaderError{Name: ContentLength.Name(), Value: string(value), Err: perr}
		}
		if found && v != n {
			return 0, true, &HeaderError{Name: ContentLength.Name(), Value: string(value), Err: errConflict}
		}
		n, found = v, true
	}
	return n, found, nil
}

// cutHeader cuts one header line with its folds off b.
func cutHeader(b []byte) (name, value, rest []byte) {
	end := 0
	for {
		n := bytes.IndexByte(b[end:], '\n')
		if n < 0 {
			end = len(b)
			break
		}
		end += n + 1
		if end == len(b) || b[end] != ' ' && b[end] != '\t' {
			break
		}
	}
	rest = b[end:]
	colon := bytes.IndexByte(b[:end], ':')
	if colon < 0 {
		return nil, nil, rest
	}
	return bytes.TrimRight(b[:colon], " \t"), b[colon+1 : end], rest
}

func isContentLength(name []byte) bool {
	switch len(name) {
	case 1:
		return lower(name[0]) == 'l'
	case len("Content-Length"):
		return bytes.EqualFold(name, []byte("content-length"))
	}
	return false
}
