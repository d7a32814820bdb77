package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// module is a package with tests, and the mutants that they let live.
var module = map[string]string{
	"go.mod": "module m\n\ngo 1.25\n",
	"p/p.go": `package p

func Less(a, b int) bool {
	return a < b // the tests do not try equal numbers
}

func Name(s string) string {
	return "p" + s
}

func Sum(n int) (sum int) {
	for i := 0; i < n; i++ {
		sum = sum + i
	}
	return sum
}
`,
	"p/q.go": `package p

func Kind(n int) string {
	switch {
	case n == -1:
		return "minus"
	case n > 9:
		return "many"
	}
	return ""
}
`,
	"p/p_test.go": `package p

import "testing"

func Test(t *testing.T) {
	if !Less(1, 2) || Less(2, 1) || Name("x") != "px" || Sum(3) != 3 {
		t.Error("p")
	}
	if Kind(-1) != "minus" || Kind(0) != "" || Kind(20) != "many" {
		t.Error("q")
	}
}
`,
}

const (
	livesP = "p/p.go CONDITIONALS_BOUNDARY 10: return a < b // the tests do not try equal numbers"
	livesQ = "p/q.go CONDITIONALS_BOUNDARY 8: case n > 9:"
	deadQ  = "p/q.go CONDITIONALS_NEGATION 8: case n == -1:"
	other  = "q/f.go CONDITIONALS_BOUNDARY 1: x"
	why    = "\n\tIt is the same.\n"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// A mutant that passes the tests lives. One that fails them, does not compile or
// does not end is dead. Conditions of a switch are changed, too.
func TestRun(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range module {
		write(t, name, text)
	}
	for _, tt := range []struct {
		name, list, target string
		want               []string
	}{
		{"a list of other things", other + why, "p", []string{"lives: " + livesP, "lives: " + livesQ}},
		{"known, and one that is dead", "# Comment\n\n" + livesP + why + "\tIt really is.\n" + livesQ + why + deadQ + why, "p",
			[]string{"does not live any more: " + deadQ}},
		{"one file", livesP + why, "p/q.go", []string{"lives: " + livesQ}},
	} {
		got, err := run(write(t, "list.txt", tt.list), tt.target)
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, %v; want %q", tt.name, got, err, tt.want)
		}
	}
}

// What keeps the mutants from being tried is an error, not a list without
// survivors.
func TestRunFails(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range module {
		write(t, name, text)
	}
	write(t, "none/none.go", "package none\n")
	write(t, "untested/u.go", "package untested\n\nvar X = 1 + 1\n")
	write(t, "fails/f.go", "package fails\n\nvar X = 1 + 1\n")
	write(t, "fails/f_test.go", "package fails\n\nimport \"testing\"\n\nfunc Test(t *testing.T) { t.Fatal() }\n")
	write(t, "bad/b.go", "package bad\n\nvar X = 1 +\n")
	for _, tt := range []struct{ name, list, target, want string }{
		{"no reason", livesP, "p", "has no reason"},
		{"no reason for the first", livesP + "\n" + other + why, "p", "has no reason"},
		{"twice", livesP + why + livesP + why, "p", "twice"},
		{"no operators", "", "none", "no operator"},
		{"no tests", "", "untested", "fail without a change"},
		{"failing tests", "", "fails", "fail without a change"},
		{"not Go", "", "bad", "expected"},
		{"no such folder", "", "missing", "missing"},
		{"no such file", "", "p/missing.go", "missing.go"},
	} {
		got, err := run(write(t, "list.txt", tt.list), tt.target)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %q, error %v; want %q", tt.name, got, err, tt.want)
		}
	}
	if _, err := run("missing", "p"); err == nil {
		t.Error("a missing list is no error")
	}
}

func TestMutants(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "p/p.go", "package p\n\nfunc f(a, b int) bool {\n\ta--\n\treturn a*3 >= -b\n}\n")
	all, err := mutants("p")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range all {
		got = append(got, m.name+" | "+strings.ReplaceAll(string(m.text), "\n", ";"))
	}
	const begin, end = " | package p;;func f(a, b int) bool {;\t", ";};"
	want := []string{
		"p/p.go INCREMENT_DECREMENT 2: a--" + begin + "a++;\treturn a*3 >= -b" + end,
		"p/p.go CONDITIONALS_BOUNDARY 12: return a*3 >= -b" + begin + "a--;\treturn a*3 > -b" + end,
		"p/p.go CONDITIONALS_NEGATION 12: return a*3 >= -b" + begin + "a--;\treturn a*3 < -b" + end,
		"p/p.go ARITHMETIC_BASE 9: return a*3 >= -b" + begin + "a--;\treturn a/3 >= -b" + end,
		"p/p.go INVERT_NEGATIVES 15: return a*3 >= -b" + begin + "a--;\treturn a*3 >= +b" + end,
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

// Every line of the project's own list names a mutant that exists.
func TestListNamesMutants(t *testing.T) {
	t.Chdir("../..")
	text, err := os.ReadFile(".ci/mutants.txt")
	if err != nil {
		t.Fatal(err)
	}
	known, err := parse(text)
	if err != nil {
		t.Fatal(err)
	}
	for name := range known {
		file, _, _ := strings.Cut(name, " ")
		all, err := mutants(file)
		if err != nil || !slices.ContainsFunc(all, func(m mutant) bool { return m.name == name }) {
			t.Errorf("%s: there is no such mutant (%v)", name, err)
		}
	}
}
