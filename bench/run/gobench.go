package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// goBenchmarks runs the Go benchmarks of every package that has some and
// prints them in one table.
func (p *plan) goBenchmarks(ctx context.Context) error {
	list, err := exec.CommandContext(ctx, "go", "list", "-f", "{{.ImportPath}} {{.Dir}}", "./...").Output()
	if err != nil {
		return fmt.Errorf("go list: %w", err)
	}
	fmt.Fprint(p.out, "\n## Go benchmarks\n\n| package | benchmark | ns/op | B/op | allocs/op | more |\n|---|---|---|---|---|---|\n")
	for line := range strings.Lines(string(list)) {
		pkg, dir, _ := strings.Cut(strings.TrimSpace(line), " ")
		has, err := hasBenchmarks(dir)
		if err != nil {
			return err
		}
		if !has {
			continue
		}
		out, err := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", ".", "-benchmem", pkg).CombinedOutput()
		if err != nil {
			return fmt.Errorf("go test -bench %s: %w\n%s", pkg, err, out)
		}
		for row := range strings.Lines(string(out)) {
			if cells := benchmarkCells(row); cells != nil {
				fmt.Fprintf(p.out, "| %s | %s |\n", pkg, strings.Join(cells, " | "))
			}
		}
	}
	return nil
}

func hasBenchmarks(dir string) (bool, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil || len(files) == 0 {
		return false, err
	}
	err = exec.Command("grep", append([]string{"-q", "^func Benchmark"}, files...)...).Run()
	return err == nil, nil
}

// benchmarkCells reads a line like
//
//	BenchmarkParse-2   1000000   1034 ns/op   512 B/op   4 allocs/op
//
// and returns name, ns, bytes, allocations and whatever else it reports; nil
// for any other line.
func benchmarkCells(line string) []string {
	fields := strings.Fields(line)
	if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
		return nil
	}
	name := regexp.MustCompile(`-\d+$`).ReplaceAllString(strings.TrimPrefix(fields[0], "Benchmark"), "")
	cells := []string{name, "-", "-", "-", ""}
	for i := 2; i+1 < len(fields); i += 2 {
		switch value, unit := fields[i], fields[i+1]; unit {
		case "ns/op":
			cells[1] = value
		case "B/op":
			cells[2] = value
		case "allocs/op":
			cells[3] = value
		default:
			cells[4] = strings.TrimSpace(cells[4] + " " + value + " " + unit)
		}
	}
	return cells
}
