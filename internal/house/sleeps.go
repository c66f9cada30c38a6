package house

import (
	"fmt"
	"go/ast"
)

// Sleeps returns the places in tests where real time is slept away: calls of
// time.Sleep outside a synctest bubble. A sleep is in a bubble when it stands
// in a function literal handed to synctest.Test, or in a function that the
// tests of its package use from such places only.
func (m *Module) Sleeps() []string {
	var bad []string
	for _, p := range m.Packages {
		s := sleepScan{sleeps: map[string][]string{}, uses: map[string][]use{}}
		for _, f := range p.Files {
			if f.IsTest {
				s.file(m, f)
			}
		}
		for _, d := range s.order {
			if !s.bubbled(d, map[string]bool{}) {
				for _, pos := range s.sleeps[d] {
					bad = append(bad, fmt.Sprintf("%s: time.Sleep outside a synctest bubble: wait for the event itself", pos))
				}
			}
		}
	}
	return bad
}

// sleepScan gathers, for the tests of one package, which functions sleep and
// where each function is used. Functions go by their bare name: two methods
// of one name are taken as one, which errs on the strict side.
type sleepScan struct {
	order  []string            // functions that sleep outside a literal bubble
	sleeps map[string][]string // function -> positions
	uses   map[string][]use    // function -> where it is named
}

type use struct {
	in     string // the function it is named in
	bubble bool
}

func (s *sleepScan) file(m *Module, f *File) {
	for _, decl := range f.Syntax.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		s.walk(m, f, fn.Name.Name, fn.Body, false)
	}
}

func (s *sleepScan) walk(m *Module, f *File, fn string, n ast.Node, bubble bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if pkgCall(f.Syntax, n, "testing/synctest", "Test") {
				for _, arg := range n.Args {
					s.walk(m, f, fn, arg, true)
				}
				return false
			}
		case *ast.SelectorExpr:
			if pkgSelector(f.Syntax, n, "time", "Sleep") {
				if !bubble {
					if s.sleeps[fn] == nil {
						s.order = append(s.order, fn)
					}
					s.sleeps[fn] = append(s.sleeps[fn], m.Pos(n))
				}
				return false
			}
		case *ast.Ident:
			s.uses[n.Name] = append(s.uses[n.Name], use{fn, bubble})
		}
		return true
	})
}

// bubbled tells whether fn is reached from bubbles only.
func (s *sleepScan) bubbled(fn string, seen map[string]bool) bool {
	if seen[fn] {
		return true // a cycle adds no new way in
	}
	seen[fn] = true
	found := false
	for _, u := range s.uses[fn] {
		if u.in == fn {
			continue
		}
		found = true
		if !u.bubble && !s.bubbled(u.in, seen) {
			return false
		}
	}
	return found
}
