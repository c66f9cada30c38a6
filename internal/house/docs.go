package house

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// Program turns a file with one Example into the program that a document shows:
// package main, func main, no output comment that only the test runner reads.
func Program(file string) (string, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	text := string(src)
	if i := strings.Index(text, "package "); i > 0 {
		text = text[i:]
	}
	text = regexp.MustCompile(`\Apackage \w+`).ReplaceAllString(text, "package main")
	text = regexp.MustCompile(`(?m)^(?://.*\n)*func Example\w*\(\)`).ReplaceAllString(text, "func main()")
	text = regexp.MustCompile(`(?m)^\t// (?:Unordered o|O)utput:(?:.*\n)(?:\t//.*\n)*`).ReplaceAllString(text, "")
	return strings.TrimSpace(text), nil
}

// CodeBlocks returns the fenced blocks of a Markdown text that are of the
// given language.
func CodeBlocks(doc, language string) []string {
	var out []string
	for {
		_, rest, ok := strings.Cut(doc, "```"+language+"\n")
		if !ok {
			return out
		}
		block, after, ok := strings.Cut(rest, "\n```")
		if !ok {
			return out
		}
		out = append(out, block)
		doc = after
	}
}

// BrokenLinks returns the links in the Markdown files below root that lead to
// no file of the tree. Links to other hosts are not followed.
func BrokenLinks(root string) ([]string, error) {
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	tree := os.DirFS(root)
	var bad []string
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != "." && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".md") {
			return nil
		}
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		for _, match := range link.FindAllStringSubmatch(string(text), -1) {
			u, err := url.Parse(match[1])
			if err == nil && (u.Scheme != "" || u.Path == "") {
				continue
			}
			to := path.Join(path.Dir(name), match[1])
			if err == nil {
				to = path.Join(path.Dir(name), u.Path)
			}
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(to))); err != nil {
				bad = append(bad, fmt.Sprintf("%s links to %s, which is not there", name, match[1]))
			}
		}
		return nil
	})
	return bad, err
}
