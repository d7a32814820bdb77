// Pack compresses the text of the catalogue, openapi/operations.jsonl, for
// package openapi to embed. It adds to each operation what repeat.jsonl, in the
// same folder, says about repeating it. It takes the path of the text and writes
// two files beside it:
//
//   - operations.jsonl.gz, a gzip file of many members, so that one operation can be
//     read without the others;
//   - operations.index, a line for each operation: the offset of its member in that
//     file, the offset of its line in the text of the member, its method and its
//     template.
//
// It writes the first only if the packed content changes, because Go versions
// compress differently.
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
	"iter"
	"log"
	"os"
	"path/filepath"
	"slices"
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
	packed, err := os.ReadFile(path + ".gz")
	if members := cut(text); err != nil || !slices.Equal(unpack(packed), members) {
		if packed, err = pack(members); err != nil {
			return err
		}
		if err := os.WriteFile(path+".gz", packed, 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(strings.TrimSuffix(path, ".jsonl")+".index", index(packed), 0o644)
}

// memberBytes is how long the text of a member may be, unless it is one line. Longer
// members are smaller when they are packed, and take longer to unpack.
const memberBytes = 64 << 10

// cut cuts text into the texts of members, between lines.
func cut(text []byte) []string {
	var members []string
	from, to := 0, 0
	for line := range bytes.Lines(text) {
		if to > from && to+len(line)-from > memberBytes {
			members = append(members, string(text[from:to]))
			from = to
		}
		to += len(line)
	}
	return append(members, string(text[from:to]))
}

func pack(members []string) ([]byte, error) {
	var b bytes.Buffer
	for _, text := range members {
		w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
		if err != nil {
			return nil, err
		}
		_, err = io.WriteString(w, text)
		if err = cmp.Or(err, w.Close()); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// unpack returns the texts of the members of packed, or nil for data that was never
// packed.
func unpack(packed []byte) []string {
	var members []string
	for text := range unpacked(packed) {
		members = append(members, text)
	}
	return members
}

// unpacked iterates over the texts of the members of packed and their offsets, up to
// the first that is damaged.
func unpacked(packed []byte) iter.Seq2[string, int] {
	return func(yield func(text string, offset int) bool) {
		rest := bytes.NewReader(packed)
		for rest.Len() > 0 {
			offset := len(packed) - rest.Len()
			r, err := gzip.NewReader(rest)
			if err != nil {
				return
			}
			r.Multistream(false)
			text, err := io.ReadAll(r)
			if err != nil || !yield(string(text), offset) {
				return
			}
		}
	}
}

// index returns the index of the operations in packed.
func index(packed []byte) []byte {
	var b []byte
	for text, offset := range unpacked(packed) {
		from := 0
		for line := range strings.Lines(text) {
			b = fmt.Appendf(b, "%d %d %s\n", offset, from, operation(line))
			from += len(line)
		}
	}
	return b
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
