// Treegen writes the typed tree of package wechatpay from the catalogue of
// operations: a type for every node of the tree of their templates, with a
// method for every segment that may follow and two for every operation.
//
//	go run ./internal/treegen [-only PREFIX] [DIRECTORY]
//
// The catalogue becomes a tree, and its nodes get their names, in package
// naming; comment.go makes of an operation what an editor shows; source.go
// writes a file for each of the tree's entrances, one for old spellings, and one
// that knows which calls present the client certificate. DIRECTORY is that of package
// wechatpay, the current one by default. With -only, the tree has no other
// operations than those whose templates start with PREFIX.
package main

import (
	"flag"
	"fmt"
	"iter"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/wxchain/wechatpay/openapi"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("treegen: ")
	only := flag.String("only", "", "the `prefix` of the templates to keep")
	flag.Parse()
	directory := "."
	if flag.NArg() > 0 {
		directory = flag.Arg(0)
	}
	if err := run(directory, *only); err != nil {
		log.Fatal(err)
	}
}

func run(directory, only string) error {
	files, err := generate(startingWith(only, openapi.Operations()))
	if err != nil {
		return err
	}
	old, err := filepath.Glob(filepath.Join(directory, "*_gen*.go"))
	if err != nil {
		return err
	}
	for _, path := range old {
		if _, stays := files[filepath.Base(path)]; stays {
			continue
		}
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	for name, source := range files {
		if err := os.WriteFile(filepath.Join(directory, name), source, 0o644); err != nil {
			return fmt.Errorf("writing the tree: %w", err)
		}
	}
	return nil
}

func startingWith(prefix string, operations iter.Seq[*openapi.Operation]) iter.Seq[*openapi.Operation] {
	return func(yield func(*openapi.Operation) bool) {
		for op := range operations {
			if strings.HasPrefix(op.Template, prefix) && !yield(op) {
				return
			}
		}
	}
}
