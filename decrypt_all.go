package wechatpay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/internal/shallow"
)

// DecryptAll returns the answer with all its documented encrypted fields in plain
// text, such as the payer_phone of each complaint of a list. The receiver is not
// changed. An absent, empty or null field stays as it is. If a field cannot be
// decrypted, DecryptAll returns an error that names the field, and no answer.
//
// The catalogue says which fields are encrypted, by the method and path of the
// call. DecryptAll returns an error if the catalogue does not document encrypted
// fields for them. Decrypt the fields of other answers with [Response.Decrypt].
// The private key is used as [Client.Decrypt] says, once for each field.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4013053265
func (r *Response) DecryptAll(ctx context.Context) (*Response, error) {
	plain, err := r.decryptAll(ctx)
	if err != nil {
		return nil, fmt.Errorf("wechatpay: DecryptAll: %w", err)
	}
	return plain, nil
}

func (r *Response) decryptAll(ctx context.Context) (*Response, error) {
	switch {
	case r.decrypt == nil && r.operation == "":
		return nil, errors.New("this Response was not returned by a client, or a Sink took its body")
	case r.decrypt == nil:
		return nil, errors.New("the fields of this Response are decrypted already")
	}
	paths := encryptedFields(r.operation)
	switch {
	case paths == nil:
		return nil, fmt.Errorf("the catalogue has no encrypted fields for the answer to %s; decrypt each field by its path with Decrypt", shorten(r.operation, 64))
	case !shallow.ValidJSON(r.json):
		return nil, errors.New("the answer is not JSON")
	}
	var d decryption
	for _, path := range paths {
		d.find(r.JSON(), "", path)
	}
	body, err := d.apply(ctx, r.json, r.decrypt)
	if err != nil {
		return nil, err
	}
	plain := *r
	plain.body, plain.json, plain.decrypt = body, body, nil
	return &plain, nil
}

// encryptedFields returns the encrypted fields of the answer to an operation,
// which is a method and an escaped path, or nil.
func encryptedFields(operation string) []string {
	method, path, _ := strings.Cut(operation, " ")
	for i := range encryptedAnswers {
		if op := &encryptedAnswers[i]; op.method == method && fitsTemplate(op.template, path) {
			return op.fields
		}
	}
	return nil
}

// fitsTemplate reports whether a path has the segments of a template, in which a
// variable is a whole segment.
func fitsTemplate(template, path string) bool {
	for {
		want, restOfTemplate, more := strings.Cut(template, "/")
		got, restOfPath, moreOfPath := strings.Cut(path, "/")
		if isVariable := strings.HasPrefix(want, "{"); more != moreOfPath || isVariable && got == "" || !isVariable && got != want {
			return false
		}
		if !more {
			return true
		}
		template, path = restOfTemplate, restOfPath
	}
}

// A decryption has the encrypted values of a body, by the place where they start.
type decryption struct{ values []encryptedValue }

type encryptedValue struct {
	name string // "data.0.payer_phone"
	at   gjson.Result
}

// find adds the values that a path of the table leads to, from v on. A name that an
// object has twice is followed twice.
func (d *decryption) find(v gjson.Result, name, path string) {
	key, rest, _ := strings.Cut(path, ".")
	key, isArray := strings.CutSuffix(key, "[]")
	if !v.IsObject() {
		return
	}
	v.ForEach(func(k, value gjson.Result) bool {
		switch name := strings.TrimPrefix(name+"."+key, "."); {
		case k.Str != key:
		case isArray:
			d.findIn(value, name, rest)
		default:
			d.step(value, name, rest)
		}
		return true
	})
}

// findIn goes on along a path in each element of an array.
func (d *decryption) findIn(list gjson.Result, name, rest string) {
	if !list.IsArray() {
		return
	}
	i := 0
	list.ForEach(func(_, element gjson.Result) bool {
		d.step(element, name+"."+strconv.Itoa(i), rest)
		i++
		return true
	})
}

// step goes on along a path, or adds the value at its end.
func (d *decryption) step(v gjson.Result, name, rest string) {
	switch {
	case rest != "":
		d.find(v, name, rest)
	case v.Type != gjson.Null && v.Raw != `""`:
		d.values = append(d.values, encryptedValue{name, v})
	}
}

// apply returns a copy of the body with all values in plain text.
func (d *decryption) apply(ctx context.Context, body []byte, decrypt func(context.Context, string) (string, error)) ([]byte, error) {
	slices.SortFunc(d.values, func(a, b encryptedValue) int { return cmp.Compare(a.at.Index, b.at.Index) })
	plain := make([]byte, 0, len(body))
	done := 0
	for _, v := range d.values {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if v.at.Type != gjson.String {
			return nil, fmt.Errorf("field %q is not a text", v.name)
		}
		text, err := decrypt(ctx, v.at.Str)
		if err != nil {
			return nil, fmt.Errorf("field %q: %w", v.name, err)
		}
		if !utf8.ValidString(text) {
			return nil, fmt.Errorf("field %q: what was encrypted is not UTF-8", v.name)
		}
		plain = append(plain, body[done:v.at.Index]...)
		if plain, err = appendJSONString(plain, text); err != nil {
			return nil, fmt.Errorf("field %q: %w", v.name, err)
		}
		done = v.at.Index + len(v.at.Raw)
	}
	return append(plain, body[done:]...), nil
}
