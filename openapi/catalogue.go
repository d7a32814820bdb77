package openapi

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/tidwall/gjson"
)

//go:embed operations.jsonl.gz
var packed []byte

// catalogue is what is known, in the order of the file: by template, then by
// method.
type catalogue struct {
	operations []*Operation
	routes     *route
}

// load unpacks the catalogue at its first call.
var load = sync.OnceValue(func() *catalogue {
	text, err := unpack(packed)
	if err != nil {
		panic(fmt.Errorf("openapi: the catalogue in this program is damaged: %w", err))
	}
	c := &catalogue{routes: new(route)}
	for line := range strings.Lines(text) {
		op := parseOperation(gjson.Parse(line))
		c.operations = append(c.operations, op)
		c.routes.add(op)
	}
	return c
})

func unpack(packed []byte) (string, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return "", err
	}
	var b strings.Builder
	_, err = io.Copy(&b, r)
	return b.String(), err
}

// Operations returns all operations, sorted by template and method.
func Operations() iter.Seq[*Operation] { return slices.Values(load().operations) }

// Lookup returns the operation of a method and a template, such as
// "v3/certificates", or nil. A leading slash does not matter.
func Lookup(method, template string) *Operation {
	template = strings.TrimPrefix(template, "/")
	operations := load().operations
	i, found := slices.BinarySearchFunc(operations, template, func(op *Operation, template string) int {
		if c := strings.Compare(op.Template, template); c != 0 {
			return c
		}
		return strings.Compare(op.Method, method)
	})
	if !found {
		return nil
	}
	return operations[i]
}
