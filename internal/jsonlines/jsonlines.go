// Package jsonlines reads files of facts, which have a JSON object a line.
package jsonlines

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
)

// Read returns the lines of a file. check reports what is wrong with a line, and
// inOrder whether a line may follow another one. An unknown field is an error. An
// error names the line.
func Read[L fmt.Stringer](text []byte, check func(L) error, inOrder func(before, next L) bool) ([]L, error) {
	var lines []L
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	for {
		var l L
		err := d.Decode(&l)
		if err == io.EOF {
			return lines, nil
		}
		n := len(lines)
		if err := cmp.Or(err, check(l)); err != nil {
			return nil, fmt.Errorf("line %d, %s: %w", n+1, l, err)
		}
		if n > 0 && !inOrder(lines[n-1], l) {
			return nil, fmt.Errorf("line %d, %s: must come before line %d, or is there twice", n+1, l, n)
		}
		lines = append(lines, l)
	}
}
