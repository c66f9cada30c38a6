package house

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

// ClockReads returns the places where code of the given packages (import paths
// without the module's, a directory with all below it) reads the clock or
// starts a timer. Machines are handed the time.
func (m *Module) ClockReads(dirs ...string) []string {
	clock := []string{"Now", "Since", "Until", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick", "Sleep"}
	var bad []string
	for p, f := range m.Code() {
		rel, _ := m.Rel(p.Path)
		if !slices.ContainsFunc(dirs, func(d string) bool { return within(rel, d) }) {
			continue
		}
		for n := range ast.Preorder(f.Syntax) {
			if sel, ok := n.(*ast.SelectorExpr); ok && pkgSelector(f.Syntax, sel, "time", clock...) {
				bad = append(bad, fmt.Sprintf("%s: time.%s: this package is handed the time", m.Pos(sel), sel.Sel.Name))
			}
		}
	}
	return bad
}

// LongFiles returns the files of more than limit lines.
func (m *Module) LongFiles(limit int) []string {
	var out []string
	for _, p := range m.Packages {
		for _, f := range p.Files {
			if f.Lines > limit {
				out = append(out, fmt.Sprintf("%s: %d lines", f.Name, f.Lines))
			}
		}
	}
	return out
}

// Leftovers returns the comments that promise work instead of saying what is.
func (m *Module) Leftovers() []string {
	var out []string
	for _, p := range m.Packages {
		for _, f := range p.Files {
			for _, group := range f.Syntax.Comments {
				for _, c := range group.List {
					text := strings.TrimLeft(c.Text, "/* \t")
					for _, word := range []string{"TO" + "DO", "FIX" + "ME", "XX" + "X"} {
						if strings.HasPrefix(text, word) {
							out = append(out, fmt.Sprintf("%s: %s", m.Pos(c), text))
						}
					}
				}
			}
		}
	}
	return out
}
