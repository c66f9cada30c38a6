package trace

import "strings"

// mask stands where a secret stood.
const mask = "[redacted]"

// Redact returns the text of a message without what must not be kept: the proof
// of a password in Authorization, Proxy-Authorization and Authentication-Info,
// passwords in URIs, and in SDP the keys of media and the password of ICE. The
// rest is as it was; text without secrets is returned as it is.
//
// Every sink of this package that shows text goes by it, save [Pcap], whose
// point is the very bytes.
func Redact(text string) string {
	if !suspicious(text) {
		return text
	}
	var b strings.Builder
	b.Grow(len(text) + 64)
	for len(text) > 0 {
		n := lineLength(text)
		redactLine(&b, text[:n])
		text = text[n:]
	}
	return b.String()
}

// suspicious is a quick look for what could need masking.
func suspicious(text string) bool {
	if strings.IndexByte(text, '@') >= 0 {
		return true
	}
	for i := 0; i < len(text); i += lineLength(text[i:]) {
		if secretOf(text[i:]) != nil {
			return true
		}
	}
	return false
}

// lineLength is the length of the first line of text with its folds (RFC 3261
// §7.3.1) and its end.
func lineLength(text string) int {
	for n := 0; ; {
		i := strings.IndexByte(text[n:], '\n')
		if i < 0 {
			return len(text)
		}
		n += i + 1
		if n == len(text) || text[n] != ' ' && text[n] != '\t' {
			return n
		}
	}
}

// secretOf tells which rule the line that text begins with falls under; nil: none.
func secretOf(text string) func(b *strings.Builder, line string) {
	if len(text) < 2 {
		return nil
	}
	switch text[0] {
	case 'A', 'a', 'P', 'p':
		if text[1] == '=' {
			return redactSDP
		}
		for _, name := range [...]string{"Authorization", "Proxy-Authorization", "Authentication-Info", "Proxy-Authentication-Info"} {
			if len(text) > len(name) && strings.EqualFold(text[:len(name)], name) && strings.IndexByte(" \t:", text[len(name)]) >= 0 {
				return redactCredentials
			}
		}
	case 'k':
		if text[1] == '=' {
			return redactSDP
		}
	}
	return nil
}

func redactLine(b *strings.Builder, line string) {
	if rule := secretOf(line); rule != nil {
		rule(b, line)
		return
	}
	redactURIs(b, line)
}

// redactSDP masks "a=ice-pwd:", the inline keys of "a=crypto:" (RFC 4568) and
// "k=" lines.
func redactSDP(b *strings.Builder, line string) {
	end := len(strings.TrimRight(line, "\r\n"))
	cut := end
	switch {
	case line[0] == 'k':
		cut = len("k=")
	case strings.HasPrefix(line, "a=ice-pwd:"):
		cut = len("a=ice-pwd:")
	case strings.HasPrefix(line, "a=crypto:"):
		if i := strings.Index(line, "inline:"); i >= 0 {
			cut = i + len("inline:")
		}
	}
	b.WriteString(line[:cut])
	if cut < end {
		b.WriteString(mask)
	}
	b.WriteString(line[end:])
}

// redactCredentials masks what proves a password: the response of Digest, all of
// Basic, Bearer and what else there may be.
func redactCredentials(b *strings.Builder, line string) {
	end := len(strings.TrimRight(line, "\r\n"))
	colon := strings.IndexByte(line[:end], ':')
	if colon < 0 {
		b.WriteString(line)
		return
	}
	value := line[colon+1 : end]
	trimmed := strings.TrimLeft(value, " \t\r\n")
	scheme, _, _ := strings.Cut(trimmed, " ")
	info := strings.HasSuffix(strings.ToLower(strings.TrimRight(line[:colon], " \t")), "-info")
	b.WriteString(line[:colon+1])
	if info || strings.EqualFold(strings.TrimSpace(scheme), "Digest") {
		redactParams(b, value)
	} else {
		b.WriteByte(' ')
		b.WriteString(strings.TrimSpace(scheme))
		b.WriteByte(' ')
		b.WriteString(mask)
	}
	b.WriteString(line[end:])
}

// redactParams masks the values of response and rspauth in a list of parameters.
func redactParams(b *strings.Builder, s string) {
	for len(s) > 0 {
		n := paramLength(s)
		p := s[:n]
		s = s[n:]
		eq := strings.IndexByte(p, '=')
		if eq < 0 {
			b.WriteString(p)
			continue
		}
		name := strings.TrimSpace(p[:eq])
		// The first parameter has the scheme before it.
		if i := strings.LastIndexAny(name, " \t\r\n"); i >= 0 {
			name = name[i+1:]
		}
		if !strings.EqualFold(name, "response") && !strings.EqualFold(name, "rspauth") {
			b.WriteString(p)
			continue
		}
		b.WriteString(p[:eq+1])
		b.WriteString(`"` + mask + `"`)
		if strings.HasSuffix(p, ",") {
			b.WriteByte(',')
		}
	}
}

// paramLength is the length of the first parameter of s with its comma; a comma
// in quotes is none.
func paramLength(s string) int {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			return i + 1
		}
	}
	return len(s)
}

// redactURIs masks the password of each URI with a userinfo.
func redactURIs(b *strings.Builder, line string) {
	for {
		at := strings.IndexByte(line, '@')
		if at < 0 {
			b.WriteString(line)
			return
		}
		if colon := passwordStart(line[:at]); colon >= 0 {
			b.WriteString(line[:colon+1])
			b.WriteString(mask)
		} else {
			b.WriteString(line[:at])
		}
		b.WriteByte('@')
		line = line[at+1:]
	}
}

// passwordStart finds the colon before the password in text that ends with the
// userinfo of a URI; -1 when it has no password.
func passwordStart(text string) int {
	from := strings.LastIndexAny(text, " \t\r\n<>\"") + 1
	user := -1
	for _, scheme := range [...]string{"sip:", "sips:", "://"} {
		if i := lastIndexFold(text[from:], scheme); i >= 0 {
			user = max(user, from+i+len(scheme))
		}
	}
	if user < 0 {
		return -1
	}
	colon := strings.IndexByte(text[user:], ':')
	if colon < 0 {
		return -1
	}
	return user + colon
}

func lastIndexFold(s, sub string) int {
	for i := len(s) - len(sub); i >= 0; i-- {
		if strings.EqualFold(s[i:i+len(sub)], sub) {
			return i
		}
	}
	return -1
}
