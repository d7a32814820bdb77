package api

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"github.com/wxchain/wechatpay/openapi"
)

// A secretField is one of an example's that travels encrypted.
type secretField struct {
	mark string // what stands in its place
	text string
}

// exampleBody is an example of a body, with marks for what travels encrypted.
func exampleBody(op *openapi.Operation) ([]byte, []secretField, error) {
	body := openapi.Example(op, 0)
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

// secretPaths are the paths of what travels encrypted in a value.
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

// reveal puts in the place of the marks, as quote writes them, what encrypts
// their texts.
func reveal(code string, secrets []secretField, quote func(string) string, encrypt func(text string) string) string {
	for _, f := range secrets {
		code = strings.ReplaceAll(code, quote(f.mark), encrypt(f.text))
	}
	return code
}
