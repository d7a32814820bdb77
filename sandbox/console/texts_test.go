package console

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Every text of the pages, and everything that the explanation of a signature can
// say, is there in Chinese.
func TestTextsAreTranslated(t *testing.T) {
	known := func(text string) bool { return texts[text] != "" || whys[text] != "" || len(strings.Fields(text)) == 0 }
	used := regexp.MustCompile(`T "([^"]*)"`)
	names, err := filepath.Glob("pages/*.html")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range used.FindAllStringSubmatch(string(text), -1) {
			if !known(m[1]) {
				t.Errorf("%s: %q has no Chinese text", name, m[1])
			}
		}
	}
	for _, k := range kinds {
		if !known(k.Plural) {
			t.Errorf("%q has no Chinese text", k.Plural)
		}
	}
	for _, f := range faultKinds {
		if !known(f.Text) {
			t.Errorf("%q has no Chinese text", f.Text)
		}
	}
	for _, sentence := range sentences(t) {
		if !known(sentence) {
			t.Errorf("%q has no Chinese text", sentence)
		}
	}
}

// sentences returns the sentences in the code that explains signatures.
func sentences(t *testing.T) (all []string) {
	t.Helper()
	names, err := filepath.Glob("../internal/signed/*.go")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.SplitSeq(text, "\n") {
				if regexp.MustCompile(`^[A-Z].* .*[.:]$`).MatchString(line) {
					all = append(all, line)
				}
			}
			return true
		})
	}
	if len(all) < 50 {
		t.Fatalf("only %d sentences were found", len(all))
	}
	return all
}
