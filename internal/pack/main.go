// Pack compresses the text of the catalogue, openapi/operations.jsonl, for
// package openapi to embed. It takes the path of the text and writes beside it,
// and only when what is packed there differs: another Go version compresses
// otherwise.
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
	"strings"
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

// unpack returns nil for what was never packed.
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

// check reports the first line that is no operation, or not in its place:
// sorted by template and method, so that a change is easy to review.
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
