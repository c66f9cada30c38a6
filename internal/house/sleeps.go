package house

import (
	"fmt"
	"go/ast"
	"maps"
)

// Sleeps returns the places in tests where real time is slept away: calls of
// time.Sleep outside a synctest bubble. A sleep is in a bubble when it stands
//
//   - in a function literal that is handed to synctest.Test, or to a function
//     that runs what it is handed in a bubble only;
//   - in a function, or a literal with a name, that the tests of its package
//     use from such places only.
//
// Functions go by their bare names: two methods of one name are taken as one,
// which errs on the strict side.
func (m *Module) Sleeps() []string {
	// Runners of a kit are known to every package.
	kits := map[string]bool{}
	for _, f := range m.Code() {
		if localName(f.Syntax, "testing/synctest") != "" {
			maps.Copy(kits, runners([]*File{f}, kits))
		}
	}
	var bad []string
	for _, p := range m.Packages {
		var tests []*File
		for _, f := range p.Files {
			if f.IsTest {
				tests = append(tests, f)
			}
		}
		s := scanSleeps(m, tests, runners(tests, kits))
		for _, fn := range s.order {
			if !s.bubbled(fn, map[string]bool{}) {
				for _, pos := range s.sleeps[fn] {
					bad = append(bad, fmt.Sprintf("%s: time.Sleep outside a synctest bubble: wait for the event itself", pos))
				}
			}
		}
	}
	return bad
}

// runners finds the functions that use the functions they are handed in a
// bubble only. Each that is found may make others of those that call it.
func runners(files []*File, known map[string]bool) map[string]bool {
	found := maps.Clone(known)
	for before := -1; before != len(found); {
		before = len(found)
		s := scanSleeps(nil, files, found)
		for _, f := range files {
			for _, decl := range f.Syntax.Decls {
				fn, ok := decl.(*ast.FuncDecl)
				if ok && s.runs(fn) {
					found[fn.Name.Name] = true
				}
			}
		}
	}
	return found
}

// runs tells whether fn takes functions and uses each of them, in a bubble.
func (s *sleepScan) runs(fn *ast.FuncDecl) bool {
	takes := false
	for _, field := range fn.Type.Params.List {
		if _, ok := field.Type.(*ast.FuncType); !ok {
			continue
		}
		for _, name := range field.Names {
			used := false
			for _, u := range s.uses[name.Name] {
				if u.root == fn.Name.Name {
					if !u.bubble {
						return false
					}
					used = true
				}
			}
			takes = takes || used
		}
	}
	return takes
}

// sleepScan holds, for some files, which functions sleep and where each
// function is used.
type sleepScan struct {
	m       *Module // for positions; may be nil
	runners map[string]bool
	order   []string            // functions that sleep outside a literal bubble
	sleeps  map[string][]string // function -> positions
	uses    map[string][]use    // name -> where it is used
}

type use struct {
	in     string // the function or named literal it is used in
	root   string // the declared function around that
	bubble bool
}

// where is the place of a walk.
type where struct {
	file *ast.File
	use
}

func scanSleeps(m *Module, files []*File, runners map[string]bool) *sleepScan {
	s := &sleepScan{m: m, runners: runners, sleeps: map[string][]string{}, uses: map[string][]use{}}
	for _, f := range files {
		for _, decl := range f.Syntax.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Body != nil {
				s.walk(fn.Body, where{f.Syntax, use{fn.Name.Name, fn.Name.Name, false}})
			}
		}
	}
	return s
}

func (s *sleepScan) walk(n ast.Node, at where) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if s.isRunner(n, at.file) {
				s.walk(n.Fun, at)
				at.bubble = true
				for _, arg := range n.Args {
					s.walk(arg, at)
				}
				return false
			}
		case *ast.AssignStmt:
			// body := func() {…} is a function of that name.
			if id, lit := named(n); lit != nil {
				s.walkLiteral(id, lit, at)
				return false
			}
		case *ast.KeyValueExpr:
			// So is the field of a table's row.
			id, ok := n.Key.(*ast.Ident)
			lit, ok2 := n.Value.(*ast.FuncLit)
			if ok && ok2 {
				s.walkLiteral(id, lit, at)
				return false
			}
		case *ast.SelectorExpr:
			if pkgSelector(at.file, n, "time", "Sleep") {
				s.sleep(n, at)
				return false
			}
		case *ast.Ident:
			s.uses[n.Name] = append(s.uses[n.Name], at.use)
		}
		return true
	})
}

// walkLiteral walks a literal as a function of its own: whether it runs in a
// bubble depends on where its name is used.
func (s *sleepScan) walkLiteral(id *ast.Ident, lit *ast.FuncLit, at where) {
	if !at.bubble {
		at.in = id.Name
	}
	s.walk(lit.Body, at)
}

func (s *sleepScan) sleep(n ast.Node, at where) {
	if at.bubble {
		return
	}
	if s.sleeps[at.in] == nil {
		s.order = append(s.order, at.in)
	}
	pos := ""
	if s.m != nil {
		pos = s.m.Pos(n)
	}
	s.sleeps[at.in] = append(s.sleeps[at.in], pos)
}

// isRunner tells a call that runs its arguments in a bubble.
func (s *sleepScan) isRunner(call *ast.CallExpr, f *ast.File) bool {
	if pkgCall(f, call, "testing/synctest", "Test") {
		return true
	}
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		return s.runners[fun.Name]
	case *ast.SelectorExpr:
		return s.runners[fun.Sel.Name]
	}
	return false
}

// named tells the statement that gives one function literal a name.
func named(n *ast.AssignStmt) (*ast.Ident, *ast.FuncLit) {
	if len(n.Lhs) != 1 || len(n.Rhs) != 1 {
		return nil, nil
	}
	id, ok := n.Lhs[0].(*ast.Ident)
	lit, ok2 := n.Rhs[0].(*ast.FuncLit)
	if !ok || !ok2 {
		return nil, nil
	}
	return id, lit
}

// bubbled tells whether fn is used, and in bubbles only.
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
