package api

import (
	"slices"
	"strings"

	"github.com/wxchain/wechatpay/internal/lexicon"
	"github.com/wxchain/wechatpay/openapi"
)

// A searchData is what find.js finds calls by: what [openapi.Search] knows too.
type searchData struct {
	Calls     []searchCall  `json:"calls"`
	Fields    []searchField `json:"fields"`
	Thesaurus [][2]string   `json:"thesaurus"`
	Noise     string        `json:"noise"`
	Folds     []string      `json:"folds"`

	places map[searchField]int // in Fields
}

// A searchCall is a call. Its fields are places in the list of all.
type searchCall struct {
	File     string  `json:"f"`
	Call     string  `json:"c"`
	Title    string  `json:"t"`
	Groups   string  `json:"g"` // products and roles, one a line
	Common   float64 `json:"k"`
	Request  []int   `json:"q"`
	Response []int   `json:"r"`
}

// A searchField is the name and the label of a field.
type searchField [2]string

func newSearchData() *searchData {
	d := &searchData{Noise: lexicon.Noise, Folds: strings.Fields(lexicon.Folds), places: make(map[searchField]int)}
	for _, e := range lexicon.Thesaurus {
		d.Thesaurus = append(d.Thesaurus, [2]string{e.Names, e.Seek})
	}
	return d
}

// add adds a call, whose page is in file.
func (d *searchData) add(file string, op *openapi.Operation) {
	c := searchCall{
		File: file, Call: op.String(), Title: op.Title, Groups: strings.Join(slices.Concat(op.Tags, op.Roles), "\n"),
		Common: lexicon.Commonness(op.Template, op.Tags), Request: []int{}, Response: []int{},
	}
	for _, list := range [...][]openapi.Parameter{op.Headers, op.Path, op.Query, op.Form} {
		for i := range list {
			d.field(&c.Request, list[i].Name, &list[i].Schema)
		}
	}
	d.fields(&c.Request, op.Body())
	for _, r := range op.Responses {
		d.fields(&c.Response, r.Body)
	}
	d.Calls = append(d.Calls, c)
}

// field adds a field, and those in it.
func (d *searchData) field(to *[]int, name string, s *openapi.Schema) {
	f := searchField{name, s.Label}
	place, ok := d.places[f]
	if !ok {
		place = len(d.Fields)
		d.places[f], d.Fields = place, append(d.Fields, f)
	}
	if !slices.Contains(*to, place) {
		*to = append(*to, place)
	}
	d.fields(to, s)
}

// fields adds the fields of an object, or of the objects in an array.
func (d *searchData) fields(to *[]int, s *openapi.Schema) {
	if s == nil {
		return
	}
	for _, p := range s.Properties {
		d.field(to, p.Name, p.Schema)
	}
	d.fields(to, s.Items)
}
