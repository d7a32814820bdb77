// Package gotable makes tables of Go from files of facts about operations, for the
// generators.
package gotable

import (
	"bytes"
	"fmt"
	"go/format"
	"iter"
	"log"
	"os"
	"text/template"

	"github.com/wxchain/wechatpay/internal/jsonlines"
	"github.com/wxchain/wechatpay/openapi"
)

// A Table is how a file of facts becomes Go. Each line of the file is an L.
type Table[L fmt.Stringer] struct {
	// Check reports what is wrong with a line, and InOrder whether a line may follow
	// another one.
	Check   func(L) error
	InOrder func(before, next L) bool
	// Compare reports where the lines and the catalogue disagree.
	Compare func([]L, iter.Seq[*openapi.Operation]) error
	// Go is the file to write, of all lines.
	Go *template.Template
}

// Main is the main function of a generator with this name.
func (t *Table[L]) Main(name string) {
	log.SetFlags(0)
	log.SetPrefix(name + ": ")
	if len(os.Args) != 3 {
		log.Fatalf("usage: %s TABLE FILE", name)
	}
	if err := t.Write(os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

// Write reads the facts in the file table, compares them with the catalogue, and
// writes the Go that they make to file.
func (t *Table[L]) Write(table, file string) error {
	text, err := os.ReadFile(table)
	if err != nil {
		return err
	}
	source, err := t.Source(text, openapi.Operations())
	if err != nil {
		return fmt.Errorf("%s: %w", table, err)
	}
	return os.WriteFile(file, source, 0o644)
}

// Source returns the Go that facts make, after a comparison with the operations.
func (t *Table[L]) Source(text []byte, operations iter.Seq[*openapi.Operation]) ([]byte, error) {
	lines, err := jsonlines.Read(text, t.Check, t.InOrder)
	if err != nil {
		return nil, err
	}
	if err := t.Compare(lines, operations); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.Go.Execute(&b, lines); err != nil {
		return nil, err
	}
	return format.Source(b.Bytes())
}
