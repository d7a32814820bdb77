package openapi

import (
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
	unpacked, err := unpack(packed)
	if err != nil {
		t.Fatal(err)
	}
	var plain strings.Builder
	for line := range strings.Lines(unpacked) { // without what repeat.jsonl adds
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
