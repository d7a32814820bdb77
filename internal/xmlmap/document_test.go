package xmlmap_test

import (
	"fmt"
	"maps"
	"reflect"
	"testing"

	"github.com/wxchain/wechatpay/internal/xmlmap"
)

// A field that is set stands where Encode puts it, before, between and behind
// the others.
func TestDocumentWith(t *testing.T) {
	base := map[string]any{"b": "1", "d": []any{"x", "<y>"}, "f": map[string]any{"a": "b"}}
	made, err := xmlmap.New(base)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := xmlmap.Encode(base)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := xmlmap.Parse(encoded)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, text string }{
		{"a", "first"}, {"b", "longer than it was"}, {"b", ""}, {"c", "a]]>b\r"}, {"d", "for a list"}, {"e", ""}, {"f", "x"}, {"g", "last"},
	} {
		want := maps.Clone(base)
		want[tt.name], want["sign"] = tt.text, "S"
		for name, d := range map[string]*xmlmap.Document{"made": made, "parsed": parsed} {
			t.Run(fmt.Sprintf("%s, %s = %q", name, tt.name, tt.text), func(t *testing.T) {
				checkWith(t, d, tt.name, tt.text, want)
			})
		}
	}
	if _, err := made.With("a b", "x"); err == nil {
		t.Error("a name with a space was set")
	}
	if _, err := made.With("a", "\x00"); err == nil {
		t.Error("a NUL was set")
	}
}

// checkWith checks that With makes a document with the fields want out of d, by
// setting name and then sign, and leaves d as it was.
func checkWith(t *testing.T, d *xmlmap.Document, name, text string, want map[string]any) {
	t.Helper()
	encoded, err := xmlmap.Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	before := string(d.Bytes())
	next, err := d.With(name, text)
	if err != nil {
		t.Fatal(err)
	}
	if next, err = next.With("sign", "S"); err != nil {
		t.Fatal(err)
	}
	if string(next.Bytes()) != string(encoded) || !reflect.DeepEqual(next.Fields(), want) {
		t.Errorf("%s\nwant %s", next.Bytes(), encoded)
	}
	if string(d.Bytes()) != before || d.Fields()["sign"] != nil {
		t.Errorf("the document it was made from is now %s", d.Bytes())
	}
	if texts := next.Texts(); texts[name] != text || texts["sign"] != "S" {
		t.Errorf("texts %q", texts)
	}
}

// However a document came to its fields, its bytes are those that Encode makes of
// them.
func TestDocumentWithManyTimes(t *testing.T) {
	fields := map[string]any{"b": "1", "d": map[string]any{"e": "2"}, "f": "<3>", "h": []any{"4", "5"}}
	text, err := xmlmap.Encode(fields)
	if err != nil {
		t.Fatal(err)
	}
	for name, first := range map[string]func() (*xmlmap.Document, error){
		"New":   func() (*xmlmap.Document, error) { return xmlmap.New(fields) },
		"Parse": func() (*xmlmap.Document, error) { return xmlmap.Parse(text) },
	} {
		doc, err := first()
		if err != nil {
			t.Fatal(err)
		}
		want := maps.Clone(fields)
		for _, set := range [][2]string{
			{"c", "in between"}, {"a", "first"}, {"z", "last"}, {"c", ""}, {"a", "longer than it was"}, {"d", "no list any more"}, {"z", "&"}, {"h", "x"}, {"b", "y"}, {"f", "<<>>"}, {"c", "again"},
		} {
			before := string(doc.Bytes())
			next, err := doc.With(set[0], set[1])
			if err != nil {
				t.Fatal(err)
			}
			want[set[0]] = set[1]
			encoded, err := xmlmap.Encode(want)
			if err != nil {
				t.Fatal(err)
			}
			if string(next.Bytes()) != string(encoded) {
				t.Errorf("%s, %s set: %s, want %s", name, set[0], next.Bytes(), encoded)
			}
			if next.Texts()[set[0]] != set[1] || next.Fields()[set[0]] != set[1] {
				t.Errorf("%s: %s is %q, %q", name, set[0], next.Texts()[set[0]], next.Fields()[set[0]])
			}
			if string(doc.Bytes()) != before {
				t.Errorf("%s, %s set: the document changed", name, set[0])
			}
			doc = next
		}
	}
}
