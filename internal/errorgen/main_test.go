package main

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/wxchain/wechatpay/internal/errortable"
)

// Every error of the code has a meaning and a remedy in both languages, and the pages
// are those that are committed.
func TestPagesAreUpToDate(t *testing.T) {
	root := os.DirFS("../..")
	chapters, err := load(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range languages {
		committed, err := fs.ReadFile(root, l.file)
		if err != nil {
			t.Fatal(err)
		}
		if string(l.page(chapters)) != string(committed) {
			t.Errorf("%s is not what the code makes: run go generate ./...", l.file)
		}
	}
}

// The anchors of a page differ, so that a link leads to one message.
func TestAnchorsDiffer(t *testing.T) {
	chapters, err := load(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range languages {
		page := string(l.page(chapters))
		for _, part := range strings.Split(page, `<a id="`)[1:] {
			id, _, _ := strings.Cut(part, `"`)
			if n := strings.Count(page, `<a id="`+id+`"`); n > 1 {
				t.Errorf("%s: the anchor %s is there %d times", l.file, id, n)
			}
		}
	}
}

const program = `package shop

const like = "; it is like 1217"

// ErrClosed marks a call after [Shop.Close]. It is final.
var ErrClosed = errors.New("the shop is closed")

type Refusal struct{}

func (*Refusal) Error() string { return "" }

type closed struct{}

func (closed) Error() string { return "no shop sells before it is opened" }

func wrap(err error, format string, args ...any) error { return err }

func sell(no string, n int) error {
	problem := func(format string, args ...any) { list = append(list, fmt.Errorf(format, args...)) }
	problem("stock of %d is %T", n, no)
	if n < 0 {
		return fmt.Errorf("number %q has %d bytes, want %d"+like, no, len(no), 28)
	}
	if n > max {
		return wrap(fmt.Errorf("selling %q: %w", no, err), "the sale of %s failed", no)
	}
	return errors.New("the number is missing" + like)
}
`

func TestRead(t *testing.T) {
	list, err := read(fstest.MapFS{
		"shop/shop.go":      {Data: []byte(program)},
		"shop/shop_test.go": {Data: []byte(`package shop; var _ = errors.New("only for a test")`)},
	}, []string{"shop"})
	if err != nil {
		t.Fatal(err)
	}
	want := []message{
		{key: "ErrClosed", text: "the shop is closed", doc: "ErrClosed marks a call after Shop.Close.", name: true},
		{key: "Refusal", name: true},
		{key: "no shop sells before it is opened", text: "no shop sells before it is opened"},
		{key: "stock of %d is %T", text: "stock of <number> is <type>"},
		{key: "number %q has %d bytes, want %d; it is like 1217", text: `number "<number>" has <number> bytes, want 28; it is like 1217`},
		{key: "the number is missing; it is like 1217", text: "the number is missing; it is like 1217"},
	}
	if !slices.Equal(list, want) {
		t.Errorf("read\n%+v, want\n%+v", list, want)
	}
}

// A message that the code does not have, or twice, is an error, and so is a name that says
// something else.
func TestJoinRefuses(t *testing.T) {
	inCode := map[string]map[string]message{"shop": {
		"the shop is closed": {key: "the shop is closed", text: "the shop is closed"},
		"ErrSold":            {key: "ErrSold", text: "it is sold", name: true},
	}}
	for _, tt := range []struct {
		entry errortable.Entry
		want  string
	}{
		{errortable.Entry{Messages: []string{"the shop is open"}}, `does not have, or twice: "the shop is open"`},
		{errortable.Entry{Messages: []string{"the shop is closed", "the shop is closed"}}, `does not have, or twice: "the shop is closed"`},
		{errortable.Entry{Messages: []string{"ErrSold"}, Says: map[string]string{"ErrSold": "it is gone"}}, `shop.ErrSold says "it is sold"`},
		{errortable.Entry{Messages: []string{"ErrSold"}}, `shop.ErrSold says "it is sold"`},
	} {
		if _, _, err := join([]errortable.Chapter{{Package: "shop", Entries: []errortable.Entry{tt.entry}}}, inCode); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v, want %s", tt.entry, err, tt.want)
		}
	}
	good := []errortable.Chapter{{Package: "shop", Entries: []errortable.Entry{
		{Messages: []string{"the shop is closed"}},
		{Messages: []string{"ErrSold"}, Says: map[string]string{"ErrSold": "it is sold"}},
	}}}
	if chapters, explained, err := join(good, inCode); err != nil || len(chapters) != 1 || len(chapters[0].rows) != 2 || !explained["the shop is closed"] {
		t.Errorf("join: %v, %v, %v", chapters, explained, err)
	}
}
