package house

import (
	"fmt"
	"go/ast"
	"maps"
	"slices"
	"strings"
)

// A Start is a function that starts goroutines. It has no line number, so that
// an edit above it does not make the table stale.
type Start struct {
	File string // from the module's root
	Func string // "Type.Method", "Function", or "init" for a package-level value
	How  string // "go", "Go(f)", "time.AfterFunc", "context.AfterFunc"; "go ×2" for two of them
}

// Starts returns the functions of non-test code in which goroutines begin,
// sorted: by go statements, or by the calls of the standard library that hide
// one.
func (m *Module) Starts() []Start {
	count := map[Start]int{}
	for _, f := range m.Code() {
		for _, decl := range f.Syntax.Decls {
			where := "init"
			if fn, ok := decl.(*ast.FuncDecl); ok {
				where = funcName(fn)
			}
			for n := range ast.Preorder(decl) {
				if how := starts(f.Syntax, n); how != "" {
					count[Start{f.Name, where, how}]++
				}
			}
		}
	}
	var out []Start
	for s, n := range count {
		if n > 1 {
			s.How = fmt.Sprintf("%s ×%d", s.How, n)
		}
		out = append(out, s)
	}
	slices.SortFunc(out, compareStarts)
	return out
}

// starts tells how a node starts a goroutine; "" when it does not.
func starts(f *ast.File, n ast.Node) string {
	switch n := n.(type) {
	case *ast.GoStmt:
		return "go"
	case *ast.CallExpr:
		switch {
		case pkgCall(f, n, "time", "AfterFunc"):
			return "time.AfterFunc"
		case pkgCall(f, n, "context", "AfterFunc"):
			return "context.AfterFunc"
		case len(n.Args) == 1:
			// A method Go: that of sync.WaitGroup, or one that hands a function on.
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Go" {
				return "Go(f)"
			}
		}
	}
	return ""
}

func funcName(fn *ast.FuncDecl) string {
	if fn.Recv == nil || len(fn.Recv.List) == 0 {
		return fn.Name.Name
	}
	t := fn.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name + "." + fn.Name.Name
		default:
			return fn.Name.Name
		}
	}
}

// A StartTable is the table of docs/concurrency.md that lists every Start,
// between two marker comments. Its columns: file, function, how, what it does,
// when it ends.
type StartTable struct {
	before, after string // the document around the rows
	rows          map[Start][]string
}

const (
	startsBegin = "<!-- go statements: begin -->\n"
	startsEnd   = "<!-- go statements: end -->\n"
	startsHead  = "| file | function | how | what it does | it ends |\n|---|---|---|---|---|\n"
)

// ParseStarts reads the table out of a Markdown document.
func ParseStarts(doc string) (*StartTable, error) {
	before, rest, ok := strings.Cut(doc, startsBegin)
	table, after, ok2 := strings.Cut(rest, startsEnd)
	if !ok || !ok2 {
		return nil, fmt.Errorf("house: no table of go statements between its markers")
	}
	t := &StartTable{before: before, after: after, rows: map[Start][]string{}}
	body, ok := strings.CutPrefix(table, startsHead)
	if !ok {
		return nil, fmt.Errorf("house: the table of go statements must begin with\n%s", startsHead)
	}
	for line := range strings.Lines(body) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 5 {
			return nil, fmt.Errorf("house: want five cells: %s", line)
		}
		for i := range cells {
			cells[i] = strings.Trim(strings.TrimSpace(cells[i]), "`")
		}
		key := Start{cells[0], cells[1], cells[2]}
		if t.rows[key] != nil {
			return nil, fmt.Errorf("house: listed twice: %s", line)
		}
		t.rows[key] = cells[3:]
	}
	return t, nil
}

// Check returns one line for each start that is not in the table, for each row
// without a start, and for each row that does not say what and until when.
func (t *StartTable) Check(starts []Start) []string {
	var bad []string
	for _, s := range starts {
		row, ok := t.rows[s]
		switch {
		case !ok:
			bad = append(bad, fmt.Sprintf("%s: %s starts a goroutine (%s) that the table does not list", s.File, s.Func, s.How))
		case row[0] == "" || row[1] == "":
			bad = append(bad, fmt.Sprintf("%s: %s: the table must say what this goroutine does and when it ends", s.File, s.Func))
		}
	}
	for _, s := range slices.SortedFunc(maps.Keys(t.rows), compareStarts) {
		if !slices.Contains(starts, s) {
			bad = append(bad, fmt.Sprintf("%s: %s starts nothing (%s); drop its row", s.File, s.Func, s.How))
		}
	}
	return bad
}

// Update returns the document with the rows that starts ask for: what is
// listed keeps its words, what is new gets empty cells to be filled in.
func (t *StartTable) Update(starts []Start) string {
	var b strings.Builder
	b.WriteString(t.before + startsBegin + startsHead)
	for _, s := range starts {
		row := t.rows[s]
		if row == nil {
			row = []string{"", ""}
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | `%s` | %s | %s |\n", s.File, s.Func, s.How, row[0], row[1])
	}
	b.WriteString(startsEnd + t.after)
	return b.String()
}

func compareStarts(a, b Start) int {
	return strings.Compare(a.File+"\x00"+a.Func+"\x00"+a.How, b.File+"\x00"+b.Func+"\x00"+b.How)
}
