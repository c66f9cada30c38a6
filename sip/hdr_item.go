package sip

// Item is the shape of most headers: a value with parameters, as in
//
//	Content-Disposition: session;handling=optional
//
// The types of headers whose parameters have names of their own, such as
// [SubState], have the same two fields.
type Item struct {
	Value  string // decoded when it came in quotes
	Params Params
}

// Is reports whether the value is s, without regard to case, as tokens are
// compared (RFC 3261 §7.3.1).
func (v Item) Is(s string) bool { return equalFold(v.Value, s) }

// Q returns the q parameter, and 1, which is the default, when it is missing or
// out of range.
func (v Item) Q() float32 {
	if s, has := v.Params.Get("q"); has {
		if q, ok := parseQ(s); ok {
			return q
		}
	}
	return 1
}

// With returns v with a parameter set; see [Params.With].
func (v Item) With(name, value string) Item {
	v.Params = v.Params.With(name, value)
	return v
}

// Flag returns v with a parameter set that has no value.
func (v Item) Flag(name string) Item {
	v.Params = v.Params.Flag(name)
	return v
}

// String returns the item as it stands in a header.
func (v Item) String() string { return string(v.Append(nil)) }

// Append writes the item to b. A value that is more than a token, a media type
// or a host is put in quotes.
func (v Item) Append(b []byte) []byte { return appendItem(b, v, isWideByte) }

// itemLike is the set of types that are an Item under another name.
type itemLike interface {
	~struct {
		Value  string
		Params Params
	}
}

// itemCodec reads "value *(;param)". The value is made of the bytes for which
// plain holds, or is a quoted string: some headers allow either, and to accept
// quotes in the others does no harm. On the way out it is quoted when it is
// not plain.
func itemCodec[T itemLike](plain func(byte) bool) Codec[T] {
	return Codec[T]{
		Parse: func(s string) (T, error) {
			v, err := parseItem(s, plain)
			return T(v), err
		},
		Append: func(b []byte, v T) []byte { return appendItem(b, Item(v), plain) },
	}
}

// itemListCodec is itemCodec for comma separated lists.
func itemListCodec[T itemLike](plain func(byte) bool) Codec[T] {
	c := itemCodec[T](plain)
	c.List = true
	return c
}

func parseItem(s string, plain func(byte) bool) (Item, error) {
	i := nextSep(s, ';')
	value, params := trimLWS(s[:i]), s[i:]
	switch {
	case value == "":
		return Item{}, errEmpty
	case value[0] == '"':
		if skipQuoted(value, 0) != len(value) {
			return Item{}, errQuote
		}
		value = unquote(value)
	case !isOnly(value, plain):
		if value = joinSlash(value); !isOnly(value, plain) {
			return Item{}, errToken
		}
	}
	if err := checkItemParams(params); err != nil {
		return Item{}, err
	}
	return Item{Value: value, Params: Params(params)}, nil
}

// joinSlash takes out the white space that the grammar allows around the slash
// of a media type (RFC 3261 §25.1 SLASH).
func joinSlash(s string) string {
	if before, after, ok := cutSlash(s); ok {
		return before + "/" + after
	}
	return s
}

func appendItem(b []byte, v Item, plain func(byte) bool) []byte {
	if isOnly(v.Value, plain) {
		b = append(b, v.Value...)
	} else {
		b = appendQuoted(b, v.Value)
	}
	return appendParams(b, v.Params)
}

// isMediaByte holds for tokens and the slash between them.
func isMediaByte(c byte) bool { return isTokenByte(c) || c == '/' }

// isWideByte holds for media types, hosts with ports, and addresses in them.
func isWideByte(c byte) bool {
	return isMediaByte(c) || c == ':' || c == '[' || c == ']' || c == '@' || c == '='
}
