package explain

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"github.com/wxchain/wechatpay/openapi"
)

// A secretField is a field of an example that must be encrypted.
type secretField struct {
	mark string // placeholder for the value
	text string
}

// sealed returns the body with all fields, with placeholders for the values that
// must be encrypted.
func (s Sample) sealed() ([]byte, []secretField, error) {
	op, body := s.op, s.body()
	if !op.Encrypts || op.JSON == nil {
		return body, nil, nil
	}
	var secrets []secretField
	for _, path := range secretPaths(gjson.ParseBytes(body), op.JSON, "") {
		f := secretField{fmt.Sprintf("ENCRYPTED%d-", len(secrets)), gjson.GetBytes(body, path).String()}
		var err error
		if body, err = sjson.SetBytes(body, path, f.mark); err != nil {
			return nil, nil, err
		}
		secrets = append(secrets, f)
	}
	return body, secrets, nil
}

// secretPaths returns the paths of the values that must be encrypted.
func secretPaths(v gjson.Result, schema *openapi.Schema, path string) (paths []string) {
	if schema == nil {
		return nil
	}
	if v.Type == gjson.String {
		if schema.Format == "base64" {
			return []string{path}
		}
		return nil
	}
	below := func(key string) string { return strings.TrimPrefix(path+"."+key, ".") }
	n := 0
	v.ForEach(func(key, value gjson.Result) bool {
		if v.IsArray() {
			paths = append(paths, secretPaths(value, schema.Items, below(strconv.Itoa(n)))...)
			n++
		} else if p := schema.Property(key.String()); p != nil {
			paths = append(paths, secretPaths(value, p.Schema, below(gjson.Escape(key.String())))...)
		}
		return true
	})
	return paths
}

// reveal replaces each placeholder, written as quote writes it, with the code
// that encrypts its text.
func reveal(code string, secrets []secretField, quote func(string) string, encrypt func(text string) string) string {
	for _, f := range secrets {
		code = strings.ReplaceAll(code, quote(f.mark), encrypt(f.text))
	}
	return code
}
