// Figures keeps the measurements of each release in docs/figures.json, and writes the
// pages that show them.
//
//	go run ./internal/figures write docs
//	go test … | go run ./internal/figures record docs 0.2.0
//
// record reads what go test prints with -bench, -benchmem and -cover. It replaces the
// figures of a version that has some. .ci/figures runs it.
package main

import (
	"cmp"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("figures: ")
	var err error
	switch args := os.Args[1:]; {
	case len(args) == 2 && args[0] == "write":
		err = write(args[1])
	case len(args) == 3 && args[0] == "record":
		err = record(args[1], args[2], os.Stdin)
	default:
		log.Fatal("usage: figures write DOCS, or figures record DOCS VERSION")
	}
	if err != nil {
		log.Fatal(err)
	}
}

// write writes the pages of both languages into the folder of the documentation.
func write(docs string) error {
	releases, err := read(filepath.Join(docs, "figures.json"))
	if err != nil {
		return err
	}
	return cmp.Or(
		os.WriteFile(filepath.Join(docs, "figures.md"), []byte(english.page(releases)), 0o644),
		os.WriteFile(filepath.Join(docs, "zh-CN", "figures.md"), []byte(chinese.page(releases)), 0o644))
}

// record adds a release with what go test printed, and writes the pages.
func record(docs, version string, output io.Reader) error {
	file := filepath.Join(docs, "figures.json")
	releases, err := read(file)
	if err != nil {
		return err
	}
	release, err := parse(output)
	if err != nil {
		return err
	}
	release.Version = version
	if err := release.describe(filepath.Dir(filepath.Clean(docs)), docs); err != nil {
		return fmt.Errorf("%s: %w", version, err)
	}
	if err := save(file, add(releases, *release)); err != nil {
		return err
	}
	return write(docs)
}
