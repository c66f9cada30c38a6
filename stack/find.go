package stack

import "iter"

// Find returns the TU of the strand that a key is bound to; nil when there is
// none. The strand may end at any time after: enter a turn of it to be sure.
func (s *Stack) Find(k Key) TU {
	b, _ := s.sets.get(k)
	return b.tu
}

// Users yields the TU of every bound strand, holding no lock meanwhile; one
// that comes or goes during the walk may be missed or met.
func (s *Stack) Users() iter.Seq[TU] {
	return func(yield func(TU) bool) {
		for _, b := range s.sets.all() {
			if !yield(b.tu) {
				return
			}
		}
	}
}
