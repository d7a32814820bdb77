// Package plainjson writes JSON as the platform does: without escaping HTML.
package plainjson

import (
	"bytes"
	"encoding/json"
)

// Encode writes v as JSON.
func Encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	encoder := json.NewEncoder(&buf)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}
