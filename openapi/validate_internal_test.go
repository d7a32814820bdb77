package openapi

import (
	"testing"

	"github.com/tidwall/gjson"
)

// An element of XML that may be repeated is given once.
func TestALoneElementIsAList(t *testing.T) {
	s := &Schema{Type: Array, Items: &Schema{Type: Integer}}
	c := checker{text: true}
	c.value(s, gjson.Parse(`"1"`))
	if c.value(s, gjson.Parse(`["1","2"]`)); len(c.problems) > 0 {
		t.Errorf("problems %v", c.problems)
	}
	if c.value(s, gjson.Parse(`"x"`)); len(c.problems) != 1 {
		t.Errorf("problems %v, want one", c.problems)
	}
}

// No field that travels encrypted has a documented length today.
func TestSealedTextMayBeOfAnyLength(t *testing.T) {
	s := &Schema{Type: Object, Properties: []Property{
		{Name: "name", Schema: &Schema{Type: String, Format: "base64", MaxLength: 4}},
		{Name: "other", Schema: &Schema{Type: String, MaxLength: 4}},
	}}
	body := gjson.Parse(`{"name":"aaaaaaaa","other":"aaaaaaaa"}`)
	for sealed, want := range map[bool]int{true: 1, false: 2} {
		c := checker{sealed: sealed}
		if c.value(s, body); len(c.problems) != want {
			t.Errorf("sealed %v: problems %v, want %d", sealed, c.problems, want)
		}
	}
}
