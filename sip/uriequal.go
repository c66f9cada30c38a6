package sip

// Equal compares two URIs by the rules of their scheme.
func (u URI) Equal(v URI) bool { return u == v }
