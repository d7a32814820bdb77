package gotable_test

import (
	"errors"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/template"

	"github.com/wxchain/wechatpay/internal/gotable"
	"github.com/wxchain/wechatpay/openapi"
)

type line struct{ Name string }

func (l line) String() string { return l.Name }

func TestWrite(t *testing.T) {
	table := gotable.Table[line]{
		Check: func(l line) error {
			if l.Name == "" {
				return errors.New("it has no name")
			}
			return nil
		},
		InOrder: func(before, next line) bool { return before.Name < next.Name },
		Compare: func(lines []line, operations iter.Seq[*openapi.Operation]) error {
			for range operations {
				if len(lines) > 2 {
					return errors.New("too many for the catalogue")
				}
				return nil
			}
			return errors.New("the catalogue is empty")
		},
		Go: template.Must(template.New("").Parse("package p\n{{range .}}var {{.Name}}   int\n{{end}}")),
	}
	for _, tt := range []struct {
		name, facts, file, problem string
	}{
		{"two lines", `{"name":"a"}{"name":"b"}`, "package p\n\nvar a int\nvar b int\n", ""},
		{"a wrong line", `{}`, "", "facts.jsonl: line 1, : it has no name"},
		{"no order", `{"name":"b"}{"name":"a"}`, "", "facts.jsonl: line 2, a: must come before line 1"},
		{"a difference", `{"name":"a"}{"name":"b"}{"name":"c"}`, "", "facts.jsonl: too many for the catalogue"},
		{"not Go", `{"name":"1"}`, "", "facts.jsonl: "},
	} {
		dir := t.TempDir()
		facts, file := filepath.Join(dir, "facts.jsonl"), filepath.Join(dir, "p.go")
		if err := os.WriteFile(facts, []byte(tt.facts), 0o644); err != nil {
			t.Fatal(err)
		}
		err := table.Write(facts, file)
		if (tt.problem == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), tt.problem) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.problem)
		}
		if got, _ := os.ReadFile(file); string(got) != tt.file {
			t.Errorf("%s: the file is %q, want %q", tt.name, got, tt.file)
		}
	}
	if err := table.Write("missing.jsonl", filepath.Join(t.TempDir(), "p.go")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without a file of facts: error %v", err)
	}
}
