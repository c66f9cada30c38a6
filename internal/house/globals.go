package house

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// Globals returns the package-level variables of non-test code that can change
// after start: those without a value, those whose value holds state (a mutex,
// an atomic, a channel, something made), and those that code writes to.
// Errors, header descriptors and tables that nobody writes to are fine.
func (m *Module) Globals() []string {
	var bad []string
	for _, p := range m.Packages {
		bad = append(bad, m.globals(p)...)
	}
	return bad
}

func (m *Module) globals(p *Package) []string {
	var files []*ast.File
	for _, f := range p.Files {
		if !f.IsTest {
			files = append(files, f.Syntax)
		}
	}
	if len(files) == 0 {
		return nil
	}
	g := globalScan{m: m, info: &types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}, found: map[token.Pos]string{}}
	// Only names within the package have to be resolved, so imports are empty
	// stubs and the errors that this brings are of no interest.
	conf := types.Config{Importer: stubs{}, Error: func(error) {}}
	g.pkg, _ = conf.Check(p.Path, m.Fset, files, g.info)
	for _, f := range files {
		g.declarations(f)
		g.writes(f)
	}
	var bad []string
	for _, pos := range slices.Sorted(maps.Keys(g.found)) {
		at := m.Fset.Position(pos)
		bad = append(bad, fmt.Sprintf("%s:%d: %s", at.Filename, at.Line, g.found[pos]))
	}
	return bad
}

// stubs imports every package as an empty one.
type stubs struct{}

func (stubs) Import(path string) (*types.Package, error) {
	p := types.NewPackage(path, packageName(path))
	p.MarkComplete()
	return p, nil
}

type globalScan struct {
	m     *Module
	pkg   *types.Package
	info  *types.Info
	found map[token.Pos]string
}

func (g *globalScan) report(n ast.Node, format string, args ...any) {
	g.found[n.Pos()] = fmt.Sprintf(format, args...)
}

// declarations looks at what the variables of f are.
func (g *globalScan) declarations(f *ast.File) {
	for _, decl := range f.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.VAR {
			continue
		}
		for _, s := range gen.Specs {
			spec := s.(*ast.ValueSpec)
			if embedded(gen, spec) {
				continue
			}
			for i, name := range spec.Names {
				if name.Name == "_" {
					continue
				}
				var value ast.Expr
				if i < len(spec.Values) {
					value = spec.Values[i]
				}
				if why := stateful(f, name.Name, spec.Type, value); why != "" {
					g.report(name, "package-level %s %s", name.Name, why)
				}
			}
		}
	}
}

// stateful says why a variable may hold state; "" when it looks constant.
func stateful(f *ast.File, name string, typ, value ast.Expr) string {
	if value == nil {
		return "has no value yet, so somebody must write it"
	}
	if u, ok := value.(*ast.UnaryExpr); ok && u.Op == token.AND && !strings.HasPrefix(strings.ToLower(name), "err") {
		return "is a pointer to something that can change"
	}
	why := ""
	look := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false // what a function makes when called is its own
		case *ast.ChanType:
			why = "holds a channel"
		case *ast.SelectorExpr:
			if id, ok := n.X.(*ast.Ident); ok {
				for _, pkg := range []string{"sync", "sync/atomic"} {
					if id.Name == localName(f, pkg) {
						why = "holds " + id.Name + "." + n.Sel.Name
					}
				}
			}
		case *ast.CallExpr:
			if id, ok := n.Fun.(*ast.Ident); ok && (id.Name == "make" || id.Name == "new") {
				why = "is made to be filled"
			}
		}
		return true
	}
	ast.Inspect(value, look)
	if typ != nil {
		ast.Inspect(typ, look)
	}
	if why == "" && ast.IsExported(name) {
		if lit, ok := value.(*ast.CompositeLit); ok {
			switch t := lit.Type.(type) {
			case *ast.MapType:
				why = "is an exported map: anybody can write to it"
			case *ast.ArrayType:
				if t.Len == nil {
					why = "is an exported slice: anybody can write to it"
				}
			}
		}
	}
	return why
}

// embedded tells a variable that the compiler fills from a file.
func embedded(gen *ast.GenDecl, spec *ast.ValueSpec) bool {
	for _, doc := range []*ast.CommentGroup{gen.Doc, spec.Doc} {
		if doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") }) {
			return true
		}
	}
	return false
}

// writes looks for code in f that writes to a variable of this package or of
// another one of the module.
func (g *globalScan) writes(f *ast.File) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, lhs := range n.Lhs {
					g.written(lhs)
				}
			}
		case *ast.IncDecStmt:
			g.written(n.X)
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				g.written(n.Key)
				g.written(n.Value)
			}
		case *ast.UnaryExpr:
			// The address of an element is how tables are read without a copy.
			if _, element := n.X.(*ast.IndexExpr); n.Op == token.AND && !element {
				g.written(n.X)
			}
		case *ast.CallExpr:
			if id, ok := n.Fun.(*ast.Ident); ok && len(n.Args) > 0 && slices.Contains([]string{"delete", "clear", "copy"}, id.Name) {
				g.written(n.Args[0])
			}
		}
		return true
	})
}

// written reports e when it leads to a package-level variable.
func (g *globalScan) written(e ast.Expr) {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			if v, ok := g.info.Uses[x].(*types.Var); ok && g.pkg != nil && v.Parent() == g.pkg.Scope() {
				g.report(x, "%s is package-level and written to here", x.Name)
			}
			return
		case *ast.SelectorExpr:
			if id, ok := x.X.(*ast.Ident); ok {
				if p, ok := g.info.Uses[id].(*types.PkgName); ok {
					if _, inside := g.m.Rel(p.Imported().Path()); inside {
						g.report(x, "%s.%s belongs to another package and is written to here", id.Name, x.Sel.Name)
					}
					return
				}
			}
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		default:
			return
		}
	}
}
