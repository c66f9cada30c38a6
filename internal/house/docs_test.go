package house

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestProgram(t *testing.T) {
	file := filepath.Join(t.TempDir(), "example_test.go")
	text := "// About.\npackage a_test\n\nimport \"fmt\"\n\n// Words.\n// More.\nfunc Example_first() {\n\tfmt.Println(1) // one\n\t// Output:\n\t// 1\n}\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := Program(file)
	want := "package main\n\nimport \"fmt\"\n\nfunc main() {\n\tfmt.Println(1) // one\n}"
	if got != want || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestCodeBlocks(t *testing.T) {
	doc := "a\n```go\nx\ny\n```\nb\n```sh\nz\n```\n```go\nw\n```\n"
	if got := CodeBlocks(doc, "go"); !slices.Equal(got, []string{"x\ny", "w"}) {
		t.Errorf("got %q", got)
	}
}

func TestBrokenLinks(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"README.md":   "[a](docs/a.md) [b](docs/b.md#x) [c](https://example.com/) [d](#here)",
		"docs/a.md":   "[up](../README.md) [gone](gone.md)",
		".git/old.md": "[x](nowhere.md)",
	} {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := BrokenLinks(root)
	want := []string{"README.md links to docs/b.md#x, which is not there", "docs/a.md links to gone.md, which is not there"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v", got, err)
	}
}
