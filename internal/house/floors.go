package house

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Floor is one row of the table of packages.
type Floor struct {
	// Package is the import path without the module's; "" is the root package.
	// A last element "*" stands for every package of that directory.
	Package string
	// Level is the floor; an import must lead to a lower one. A fraction orders
	// the parts of one floor's package among themselves.
	Level float64
	// Kit marks a package for tests: no code of a floor may import it, tests
	// and other kits may.
	Kit bool
	// Foreign lists what may be imported from outside the module and the
	// standard library: import paths, each with all that is below it.
	Foreign []string
	// Banned lists packages of the standard library that code must not import;
	// tests may. "net" is that package alone, "net/..." all below it as well.
	Banned []string
}

// Imports is who imports what: import path to import paths, of code only.
type Imports map[string][]string

// Imports collects the imports of the non-test files of m, each package with
// an entry of its own. Packages that consist of tests alone have an empty one.
func (m *Module) Imports() Imports {
	out := Imports{}
	for _, p := range m.Packages {
		out[p.Path] = nil
	}
	for p, f := range m.Code() {
		out[p.Path] = append(out[p.Path], f.Imports()...)
	}
	for p := range out {
		slices.Sort(out[p])
		out[p] = slices.Compact(out[p])
	}
	return out
}

// CheckFloors holds the imports of a module against the table and returns one
// line for each arrow that the table forbids, and for each package that it
// does not know.
func CheckFloors(module string, table []Floor, imports Imports) []string {
	m := &Module{Path: module}
	var bad []string
	for _, from := range slices.Sorted(maps.Keys(imports)) {
		rel, _ := m.Rel(from)
		row := find(table, rel)
		if row == nil {
			bad = append(bad, fmt.Sprintf("%s is on no floor: every package needs a row, chosen before its code is written", from))
			continue
		}
		for _, to := range imports[from] {
			if why := forbidden(m, table, row, to); why != "" {
				bad = append(bad, fmt.Sprintf("%s (floor %v) imports %s: %s; move the code, never the table", from, row.Level, to, why))
			}
		}
	}
	return bad
}

// forbidden says why row must not import a package; "" when it may.
func forbidden(m *Module, table []Floor, row *Floor, to string) string {
	if rel, inside := m.Rel(to); inside {
		target := find(table, rel)
		switch {
		case target == nil:
			return "it is on no floor"
		case row.owns(rel):
			return ""
		case target.Kit && row.Kit:
			return ""
		case target.Kit:
			return "it is for tests only"
		case target.Level >= row.Level:
			return fmt.Sprintf("it is on floor %v, and imports point strictly downwards", target.Level)
		}
		return ""
	}
	if isStandard(to) {
		if slices.ContainsFunc(row.Banned, func(p string) bool { return banned(to, p) }) {
			return "this package must do without it"
		}
		return ""
	}
	if !slices.ContainsFunc(row.Foreign, func(p string) bool { return within(to, p) }) {
		return "this library is not among those the floor may use"
	}
	return ""
}

// owns tells the packages in the internal directory of row's own package: a
// part of it, cut off for reading, that nothing else can import.
func (row *Floor) owns(rel string) bool {
	return row.Package != "" && strings.HasPrefix(rel, row.Package+"/internal/")
}

// find returns the row of a package: the exact one, else a pattern's.
func find(table []Floor, rel string) *Floor {
	var pattern *Floor
	for i := range table {
		row := &table[i]
		if row.Package == rel {
			return row
		}
		if dir, ok := strings.CutSuffix(row.Package, "*"); ok {
			if last, ok := strings.CutPrefix(rel, dir); ok && last != "" && !strings.Contains(last, "/") {
				pattern = row
			}
		}
	}
	return pattern
}

// isStandard tells a package of the standard library: its first path element
// has no dot, as the go command demands of all others.
func isStandard(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".")
}

// within tells whether importPath is dir or below it.
func within(importPath, dir string) bool {
	return importPath == dir || strings.HasPrefix(importPath, dir+"/")
}

// banned tells whether importPath is what an entry of Floor.Banned means.
func banned(importPath, entry string) bool {
	if dir, ok := strings.CutSuffix(entry, "/..."); ok {
		return within(importPath, dir)
	}
	return importPath == entry
}
