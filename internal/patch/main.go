// Patch writes the text of the catalogue, openapi/operations.jsonl: the base, which is
// base.jsonl in the same folder, with the patches of patches.jsonl applied. So that a
// newer base can take the place of the old one, it reports each patch that no longer
// applies or that changes nothing.
//
//	go run ./internal/patch FOLDER
package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/internal/jsonlines"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("patch: ")
	if len(os.Args) != 2 {
		log.Fatal("usage: patch FOLDER")
	}
	if err := run(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func run(folder string) error {
	base, err := os.ReadFile(filepath.Join(folder, "base.jsonl"))
	if err != nil {
		return err
	}
	file := filepath.Join(folder, "patches.jsonl")
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	patches, err := parse(text)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	patched, err := apply(base, patches)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(filepath.Join(folder, "operations.jsonl"), patched, 0o644)
}

// parse reads patches, whose lines are sorted by template and method.
func parse(text []byte) ([]patch, error) {
	return jsonlines.Read(text, patch.check, func(before, next patch) bool { return before.key().compare(next.key()) <= 0 })
}

// A key says which operation a line is about, and where it stands.
type key struct{ template, method string }

func (k key) compare(other key) int {
	return cmp.Or(strings.Compare(k.template, other.template), strings.Compare(k.method, other.method))
}

// apply returns the base with all patches applied. It reports all patches that
// do not apply.
func apply(base []byte, patches []patch) ([]byte, error) {
	lines := make(map[key]string)
	for line := range strings.Lines(string(base)) {
		line = strings.TrimSpace(line)
		k := key{gjson.Get(line, "template").Str, gjson.Get(line, "method").Str}
		if k.template == "" || k.method == "" {
			return nil, errors.New("the base has a line without a method or a template")
		}
		lines[k] = line
	}
	var problems []error
	for i, p := range patches {
		line, err := p.apply(lines[p.key()])
		if err != nil {
			problems = append(problems, fmt.Errorf("line %d, %s: %w", i+1, p, err))
			continue
		}
		lines[p.key()] = line
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	keys := make([]key, 0, len(lines))
	for k := range lines {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, key.compare)
	var b bytes.Buffer
	for _, k := range keys {
		b.WriteString(lines[k] + "\n")
	}
	return b.Bytes(), nil
}
