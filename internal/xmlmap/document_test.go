package xmlmap_test

import (
	"reflect"
	"testing"

	"github.com/wxchain/wechatpay/internal/xmlmap"
)

// A field that is set stands where Encode puts it, before, between and behind
// the others.
func TestDocumentWith(t *testing.T) {
	base := map[string]any{"b": "1", "d": []any{"x", "<y>"}, "f": map[string]any{"a": "b"}}
	for _, tt := range []struct{ name, text string }{
		{"a", "first"}, {"b", "longer than it was"}, {"b", ""}, {"c", "a]]>b\r"}, {"d", "for a list"}, {"e", ""}, {"f", "x"}, {"g", "last"},
	} {
		want := map[string]any{"b": "1", "d": []any{"x", "<y>"}, "f": map[string]any{"a": "b"}, "sign": "S"}
		want[tt.name] = tt.text
		encoded, err := xmlmap.Encode(want)
		if err != nil {
			t.Fatal(err)
		}
		unsigned, err := xmlmap.Encode(base)
		if err != nil {
			t.Fatal(err)
		}
		made, err := xmlmap.New(base)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := xmlmap.Parse(unsigned)
		if err != nil {
			t.Fatal(err)
		}
		for name, d := range map[string]*xmlmap.Document{"made": made, "parsed": parsed} {
			before := string(d.Bytes())
			next, err := d.With(tt.name, tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if next, err = next.With("sign", "S"); err != nil {
				t.Fatal(err)
			}
			if string(next.Bytes()) != string(encoded) || !reflect.DeepEqual(next.Fields(), want) {
				t.Errorf("%s, %s = %q: %s\nwant %s", name, tt.name, tt.text, next.Bytes(), encoded)
			}
			if string(d.Bytes()) != before || d.Fields()["sign"] != nil {
				t.Errorf("%s, %s: the document it was made from is now %s", name, tt.name, d.Bytes())
			}
			if got, want := next.Texts()[tt.name], tt.text; got != want || next.Texts()["sign"] != "S" {
				t.Errorf("%s: texts %q", name, next.Texts())
			}
		}
		if _, err := made.With("a b", "x"); err == nil {
			t.Error("a name with a space was set")
		}
		if _, err := made.With("a", "\x00"); err == nil {
			t.Error("a NUL was set")
		}
	}
}
