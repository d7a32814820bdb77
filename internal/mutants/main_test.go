package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	source = "package p\n\nfunc f(a, b int) bool {\n\treturn a < b && b < 3\n}\n"
	report = `{"files":[{"file_name":"f.go","mutations":[
{"type":"CONDITIONALS_BOUNDARY","status":"LIVED","line":4,"column":11},
{"type":"CONDITIONALS_BOUNDARY","status":"KILLED","line":4,"column":20},
{"type":"CONDITIONALS_NEGATION","status":"NOT COVERED","line":4,"column":11}]}]}`
	lived = "p/f.go CONDITIONALS_BOUNDARY 10: return a < b && b < 3\n"
	dead  = "p/f.go CONDITIONALS_BOUNDARY 19: return a < b && b < 3\n"
	other = "q/f.go CONDITIONALS_BOUNDARY 1: x\n"
	why   = "\tIt is the same.\n"
)

func TestRun(t *testing.T) {
	t.Chdir(t.TempDir())
	write := func(name, text string) string {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return name
	}
	write("p/f.go", source)
	for _, tt := range []struct {
		name, list, report string
		want               []string
		problem            string
	}{
		{"known", "# Comment\n\n" + lived + why + "\tIt really is.\n" + other + why, report, nil, ""},
		{"unknown", "", report, []string{"lives: " + strings.TrimSpace(lived)}, ""},
		{"dead", lived + why + dead + why, report, []string{"does not live any more: " + strings.TrimSpace(dead)}, ""},
		{"no reason", lived, report, nil, "has no reason"},
		{"no reason for the first", lived + other + why, report, nil, "has no reason"},
		{"twice", lived + why + lived + why, report, nil, "twice"},
		{"another file", "", strings.Replace(report, "f.go", "g.go", 1), nil, "g.go"},
		{"another line", "", strings.Replace(report, `"line":4`, `"line":7`, 1), nil, "no line 7"},
		{"line 0", "", strings.Replace(report, `"line":4`, `"line":0`, 1), nil, "no line 0"},
		{"no files", "", `{}`, nil, "no files"},
		{"not JSON", "", `x`, nil, "report.json"},
	} {
		got, err := run(write("list.txt", tt.list), "p", write("report.json", tt.report))
		if tt.problem != "" {
			if err == nil || !strings.Contains(err.Error(), tt.problem) {
				t.Errorf("%s: error %v, want %q", tt.name, err, tt.problem)
			}
			continue
		}
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, %v; want %q", tt.name, got, err, tt.want)
		}
	}
	if _, err := run("missing", "p", "report.json"); err == nil {
		t.Error("a missing list is no error")
	}
	if _, err := run("list.txt", "p", "missing"); err == nil {
		t.Error("a missing report is no error")
	}
}

// Every line of the project's own list names a line of code that exists.
func TestListNamesCode(t *testing.T) {
	t.Chdir("../..")
	text, err := os.ReadFile(".ci/mutants.txt")
	if err != nil {
		t.Fatal(err)
	}
	known, err := parse(text)
	if err != nil {
		t.Fatal(err)
	}
	for mutant := range known {
		name, rest, _ := strings.Cut(mutant, " ")
		_, code, _ := strings.Cut(rest, ": ")
		source, err := os.ReadFile(name)
		if err != nil || !strings.Contains(string(source), "\t"+code+"\n") {
			t.Errorf("%s: the file has no such line (%v)", mutant, err)
		}
	}
}
