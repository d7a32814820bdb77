package openapi

import (
	"compress/gzip"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/sjson"
)

func TestPackedCatalogueIsTheTextBesideIt(t *testing.T) {
	text, err := os.ReadFile("operations.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(strings.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	var plain strings.Builder
	for line := range strings.Lines(string(unpacked)) { // without what repeat.jsonl adds
		if line, err = sjson.Delete(line, "repeat"); err != nil {
			t.Fatal(err)
		}
		plain.WriteString(line)
	}
	if plain.String() != string(text) {
		t.Error("operations.jsonl.gz is not operations.jsonl: run go generate ./...")
	}
	lines := slices.Collect(strings.Lines(string(text)))
	if len(lines) < 1154 {
		t.Errorf("operations.jsonl has %d operations, want 1154 or more", len(lines))
	}
}

// A record whose place in the index is wrong would be another operation.
func TestIndexLeadsToItsOperations(t *testing.T) {
	records := load().records
	for i := range records {
		r := &records[i]
		if op := r.operation(); op.Method != r.method || op.Template != r.template {
			t.Errorf("the index leads from %s %s to %s: run go generate ./...", r.method, r.template, op)
		}
	}
}
