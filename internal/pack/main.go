// Pack compresses the text of the catalogue, openapi/operations.jsonl, for
// package openapi to embed. It adds to each operation what repeat.jsonl, in the
// same folder, says about repeating it. It takes the path of the text and writes
// the result beside it. It writes only if the packed content changes, because Go
// versions compress differently.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("pack: ")
	if len(os.Args) != 2 {
		log.Fatal("usage: pack FILE")
	}
	if err := run(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func run(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := check(text); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	facts := filepath.Join(filepath.Dir(path), "repeat.jsonl")
	repeat, err := os.ReadFile(facts)
	if err != nil {
		return err
	}
	if err := check(repeat); err != nil {
		return fmt.Errorf("%s: %w", facts, err)
	}
	if text, err = join(text, repeat); err != nil {
		return fmt.Errorf("%s: %w", facts, err)
	}
	old, err := os.ReadFile(path + ".gz")
	if err == nil && bytes.Equal(unpack(old), text) {
		return nil
	}
	packed, err := pack(text)
	if err != nil {
		return err
	}
	return os.WriteFile(path+".gz", packed, 0o644)
}

func pack(text []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(text)
	err = cmp.Or(err, w.Close())
	return b.Bytes(), err
}

// unpack returns nil for data that was never packed.
func unpack(packed []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil
	}
	return text
}

// check reports the first line that is not an operation, or is out of order.
// Lines are sorted by template and method, so that changes are easy to review.
func check(text []byte) error {
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	type key struct{ Template, Method string }
	var last key
	n := 0
	for lines.Scan() {
		n++
		var k key
		if err := json.Unmarshal(lines.Bytes(), &k); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if k.Template == "" || k.Method == "" {
			return fmt.Errorf("line %d has no template or no method", n)
		}
		if c := cmp.Or(strings.Compare(last.Template, k.Template), strings.Compare(last.Method, k.Method)); c >= 0 {
			return fmt.Errorf("line %d, %s %s: must come before line %d, and once", n, k.Method, k.Template, n-1)
		}
		last = k
	}
	if n == 0 {
		return errors.New("there are no operations")
	}
	return lines.Err()
}

// join adds to each operation the line of repeat with its method and template.
// Every operation except those of GET needs a line, and every line needs an
// operation.
func join(text, repeat []byte) ([]byte, error) {
	facts := make(map[string]string)
	for line := range strings.Lines(string(repeat)) {
		facts[operation(line)] = line
	}
	var joined bytes.Buffer
	for line := range strings.Lines(string(text)) {
		op := operation(line)
		fact, found := facts[op]
		delete(facts, op)
		switch isGet := strings.HasPrefix(op, "GET "); {
		case isGet && found:
			return nil, fmt.Errorf("%s: a GET repeats without harm and has no line", op)
		case isGet:
			joined.WriteString(line)
			continue
		case !found:
			return nil, fmt.Errorf("%s has no line", op)
		}
		for _, key := range []string{"method", "template"} {
			var err error
			if fact, err = sjson.Delete(fact, key); err != nil {
				return nil, err
			}
		}
		whole, err := sjson.SetRaw(strings.TrimSpace(line), "repeat", strings.TrimSpace(fact))
		if err != nil {
			return nil, err
		}
		joined.WriteString(whole + "\n")
	}
	for op := range facts {
		return nil, fmt.Errorf("%s is not an operation of the catalogue", op)
	}
	return joined.Bytes(), nil
}

// operation returns the method and the template of a line.
func operation(line string) string {
	return gjson.Get(line, "method").Str + " " + gjson.Get(line, "template").Str
}
