// Package house holds the rules of the house as code that tests run: which
// package may import which, which goroutines there are, how long a file may
// get. The tables themselves stand in the root package's tests, where a reader
// looks for them.
//
// It reads source text only; it builds and runs nothing.
package house

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A Module is the parsed source of one Go module.
type Module struct {
	Path     string // the module path, "dum"
	Root     string // the directory of go.mod
	Fset     *token.FileSet
	Packages []*Package // by import path
}

// A Package is one directory of Go files, tests of every kind included.
type Package struct {
	Path  string // import path
	Files []*File
}

// A File is one parsed Go file. Build constraints are not looked at: a rule
// holds on every platform.
type File struct {
	Name   string // path from the module's root, with slashes
	Lines  int
	IsTest bool
	Syntax *ast.File
}

// Imports returns the import paths of f in the order of the source.
func (f *File) Imports() []string {
	var out []string
	for _, spec := range f.Syntax.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			out = append(out, p)
		}
	}
	return out
}

// Rel returns the import path of p without the module's: "" for the root
// package, "internal/mailbox" for that one.
func (m *Module) Rel(importPath string) (rel string, inside bool) {
	if importPath == m.Path {
		return "", true
	}
	return strings.CutPrefix(importPath, m.Path+"/")
}

// Pos shows where a node is, for people: "sip/uri.go:12".
func (m *Module) Pos(n ast.Node) string {
	p := m.Fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", p.Filename, p.Line)
}

// Load parses every Go file below root. Directories that the go command
// ignores are ignored here: testdata, vendor, and names that begin with a dot
// or an underscore.
func Load(root string) (*Module, error) {
	m := &Module{Root: root, Fset: token.NewFileSet()}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(mod)) {
		if p, ok := strings.CutPrefix(line, "module "); ok {
			m.Path = strings.TrimSpace(p)
		}
	}
	if m.Path == "" {
		return nil, fmt.Errorf("house: %s/go.mod names no module", root)
	}
	byDir := map[string]*Package{}
	err = fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		hidden := strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")
		if d.IsDir() {
			if name != "." && (hidden || base == "testdata" || base == "vendor") {
				return fs.SkipDir
			}
			return nil
		}
		if hidden || !strings.HasSuffix(base, ".go") {
			return nil
		}
		f, err := m.parse(name)
		if err != nil {
			return err
		}
		dir := path.Dir(name)
		if byDir[dir] == nil {
			byDir[dir] = &Package{Path: path.Join(m.Path, dir)}
			m.Packages = append(m.Packages, byDir[dir])
		}
		byDir[dir].Files = append(byDir[dir].Files, f)
		return nil
	})
	slices.SortFunc(m.Packages, func(a, b *Package) int { return strings.Compare(a.Path, b.Path) })
	return m, err
}

// parse reads one file; its positions carry the name from the module's root.
func (m *Module) parse(name string) (*File, error) {
	src, err := os.ReadFile(filepath.Join(m.Root, filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	syntax, err := parser.ParseFile(m.Fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	return &File{
		Name:   name,
		Lines:  strings.Count(string(src), "\n"),
		IsTest: strings.HasSuffix(name, "_test.go"),
		Syntax: syntax,
	}, nil
}

// Code yields the non-test files of the module.
func (m *Module) Code() func(yield func(*Package, *File) bool) {
	return m.files(false)
}

// Tests yields the test files of the module.
func (m *Module) Tests() func(yield func(*Package, *File) bool) {
	return m.files(true)
}

func (m *Module) files(tests bool) func(yield func(*Package, *File) bool) {
	return func(yield func(*Package, *File) bool) {
		for _, p := range m.Packages {
			for _, f := range p.Files {
				if f.IsTest == tests && !yield(p, f) {
					return
				}
			}
		}
	}
}

// pkgCall tells whether call is pkg.name(…) for an imported package of the
// given import path, whatever name the file gave it.
func pkgCall(f *ast.File, call *ast.CallExpr, importPath string, names ...string) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	return ok && pkgSelector(f, sel, importPath, names...)
}

// pkgSelector is pkgCall for a bare selector, as when a function is passed on.
func pkgSelector(f *ast.File, sel *ast.SelectorExpr, importPath string, names ...string) bool {
	id, ok := sel.X.(*ast.Ident)
	return ok && id.Name == localName(f, importPath) && slices.Contains(names, sel.Sel.Name)
}

// localName is the name under which f imports a package; "" when it does not.
func localName(f *ast.File, importPath string) string {
	for _, spec := range f.Imports {
		if p, _ := strconv.Unquote(spec.Path.Value); p == importPath {
			if spec.Name != nil {
				return spec.Name.Name
			}
			return packageName(importPath)
		}
	}
	return ""
}

// packageName guesses a package's name from its path: the last element that is
// no major version.
func packageName(importPath string) string {
	base := path.Base(importPath)
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" {
		return path.Base(path.Dir(importPath))
	}
	return base
}
