package xmlmap_test

import (
	"maps"
	"testing"

	"github.com/wxchain/wechatpay/internal/xmlmap"
)

// However a document came to its fields, its bytes are those that Encode makes of
// them.
func TestDocumentWith(t *testing.T) {
	fields := map[string]any{"b": "1", "d": map[string]any{"e": "2"}, "f": "<3>", "h": []any{"4", "5"}}
	text, err := xmlmap.Encode(fields)
	if err != nil {
		t.Fatal(err)
	}
	for name, make := range map[string]func() (*xmlmap.Document, error){
		"New":   func() (*xmlmap.Document, error) { return xmlmap.New(fields) },
		"Parse": func() (*xmlmap.Document, error) { return xmlmap.Parse(text) },
	} {
		doc, err := make()
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
		if _, err := doc.With("b c", "1"); err == nil {
			t.Errorf("%s: a bad name is no error", name)
		}
	}
}
