package wechatpay

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strings"

	"github.com/wxchain/wechatpay/internal/stringify"
)

// addQuery applies the value of the option "query".
func (t *target) addQuery(v any) error {
	if t.query == nil {
		t.query = make(url.Values)
	}
	if err := addQuery(t.query, reflect.ValueOf(v)); err != nil {
		return fmt.Errorf(`option "query": %w`, err)
	}
	return nil
}

func addQuery(q url.Values, rv reflect.Value) error {
	if rv = stringify.Indirect(rv); !rv.IsValid() {
		return nil
	}
	switch {
	case stringify.IsMap(rv):
		for key, value := range rv.Seq2() {
			name, err := stringify.Key(key)
			if err == nil {
				err = setQuery(q, name, value)
			}
			if err != nil {
				return err
			}
		}
		return nil
	case rv.Kind() == reflect.Struct:
		return addStruct(q, rv)
	}
	return fmt.Errorf("%s is not a query; use url.Values, wechatpay.M or a struct", rv.Type())
}

// addStruct adds the exported fields of a struct, under the names of their
// tags url or json.
func addStruct(q url.Values, rv reflect.Value) error {
	for i := range rv.NumField() {
		field, value := rv.Type().Field(i), rv.Field(i)
		tag, ok := field.Tag.Lookup("url")
		if !ok {
			tag = field.Tag.Get("json")
		}
		name, flags, _ := strings.Cut(tag, ",")
		switch {
		case name == "-" && flags == "":
			continue
		case field.Anonymous && name == "":
			if embedded := stringify.Indirect(value); embedded.Kind() == reflect.Struct {
				if err := addStruct(q, embedded); err != nil {
					return err
				}
				continue
			}
		}
		if !field.IsExported() || strings.Contains(flags, "omitempty") && value.IsZero() {
			continue
		}
		if name == "" {
			name = field.Name
		}
		if err := setQuery(q, name, value); err != nil {
			return err
		}
	}
	return nil
}

// setQuery replaces the values of one name.
func setQuery(q url.Values, name string, value reflect.Value) error {
	if name == "" {
		return errors.New("a parameter has no name")
	}
	if err := stringify.Check(name); err != nil {
		return fmt.Errorf("name %q: %w", name, err)
	}
	values, err := stringify.Texts(value)
	if err != nil {
		return fmt.Errorf("%q: %w", name, err)
	}
	if len(values) > 0 {
		q[name] = values
	}
	return nil
}

// mergeQuery adds parameters to the query of an escaped path. They replace
// parameters of the same names.
func mergeQuery(path string, add url.Values) (string, error) {
	if len(add) == 0 {
		return path, nil
	}
	path, query, _ := strings.Cut(path, "?")
	var b strings.Builder
	b.WriteString(path)
	separator := byte('?')
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return "", fmt.Errorf("the query %q is not escaped correctly", query)
		}
		if _, replaced := add[name]; pair == "" || replaced {
			continue
		}
		b.WriteByte(separator)
		b.WriteString(pair)
		separator = '&'
	}
	// %20 is a space in every part of a URL, but a plus is a space only in forms.
	if encoded := strings.ReplaceAll(add.Encode(), "+", "%20"); encoded != "" {
		b.WriteByte(separator)
		b.WriteString(encoded)
	}
	return b.String(), nil
}
