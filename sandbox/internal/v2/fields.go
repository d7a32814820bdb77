package v2

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/url"
	"strconv"

	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/sandbox/internal/plainjson"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// FieldsOf returns the fields of a request that its signature covers.
func FieldsOf(in *wire.Request) (map[string]string, error) {
	switch {
	case in.IsUpload():
		return formFields(in)
	case len(in.Body) > 0:
		fields, err := xmlmap.Decode(in.Body)
		if err != nil {
			return nil, fmt.Errorf("not valid XML")
		}
		return textsOf(fields), nil
	}
	query, err := url.ParseQuery(in.Query)
	if err != nil {
		return nil, fmt.Errorf("malformed query")
	}
	texts := make(map[string]string, len(query))
	for name, values := range query {
		if len(values) > 1 {
			return nil, fmt.Errorf("the query has %.32q twice", name)
		}
		texts[name] = values[0]
	}
	return texts, nil
}

// formFields returns the parts of an upload without the file.
func formFields(in *wire.Request) (map[string]string, error) {
	_, params, err := mime.ParseMediaType(in.Header.Get("Content-Type"))
	if err != nil {
		return nil, fmt.Errorf("malformed Content-Type")
	}
	texts := make(map[string]string)
	r := multipart.NewReader(bytes.NewReader(in.Body), params["boundary"])
	for {
		part, err := r.NextPart()
		if err == io.EOF {
			return texts, nil
		}
		if err != nil {
			return nil, fmt.Errorf("malformed upload")
		}
		if part.FileName() != "" {
			continue
		}
		text, err := io.ReadAll(part) // the body is limited
		if err != nil {
			return nil, fmt.Errorf("malformed upload")
		}
		texts[part.FormName()] = string(text)
	}
}

// textsOf returns the fields that hold text and occur once.
func textsOf(fields map[string]any) map[string]string {
	texts := make(map[string]string, len(fields))
	for name, v := range fields {
		if text, ok := v.(string); ok {
			texts[name] = text
		}
	}
	return texts
}

// fen returns an amount of a call, which must be at least 1 fen.
func (c *call) fen(name string) (int64, error) {
	n, err := strconv.ParseInt(c.fields[name], 10, 64)
	if err != nil || n < 1 {
		return 0, wire.BadField(name, c.fields[name], "an integer of 1 fen or more is wanted")
	}
	return n, nil
}

// fingerprint returns a text that differs for different parameters and does not
// depend on the signature.
func (c *call) fingerprint(kind string) (string, error) {
	kept := maps.Clone(c.fields)
	for _, name := range [...]string{"nonce_str", "sign", "sign_type"} {
		delete(kept, name)
	}
	text, err := plainjson.Encode(kept)
	if err != nil {
		return "", err
	}
	return wire.Fingerprint("APIv2 "+kind, string(text))
}
