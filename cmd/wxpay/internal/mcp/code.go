package mcp

import (
	"context"
	"errors"
	"fmt"
	"go/token"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/internal/explain"
	"github.com/wxchain/wechatpay/internal/gotypes"
	"github.com/wxchain/wechatpay/sandbox"
)

// A written is the arguments of write_code.
type written struct {
	Operation string   `json:"operation" jsonschema:"the method and the template, such as \"POST v3/pay/transactions/native\""`
	Language  language `json:"language"`
	All       bool     `json:"all_spellings,omitempty" jsonschema:"write every spelling"`
	Cursor    string   `json:"cursor,omitempty" jsonschema:"next_cursor of the page before"`
}

func writeCode(_ context.Context, in written) (source, error) {
	op, err := findOperation(in.Operation)
	if err != nil {
		return source{}, err
	}
	caller := explain.Caller{MchID: sandbox.DefaultMchID, SubMchID: sandbox.DefaultSubMchID, Now: time.Now().UTC().Truncate(24 * time.Hour)}
	for _, code := range caller.Page(op).Code {
		if !strings.EqualFold(code.Name, string(in.Language)) {
			continue
		}
		var b strings.Builder
		for _, call := range code.Calls {
			if in.All {
				fmt.Fprintf(&b, "%s %s\n", comments[in.Language], call.Name.Both())
			}
			b.WriteString(call.Code)
			if !in.All {
				break
			}
			b.WriteByte('\n')
		}
		return sourceOf(b.String(), in.Cursor)
	}
	return source{}, fmt.Errorf("%s cannot be called with %s: its signature is not one that a shell can make; take another language", op, in.Language)
}

// comments start a comment.
var comments = map[language]string{"go": "//", "php": "//", "curl": "#", "wxpay": "#"}

// A typed is the arguments of make_types.
type typed struct {
	Operations []string `json:"operations" jsonschema:"1 to 20 operations, such as \"POST v3/pay/transactions/native\""`
	Package    string   `json:"package,omitempty" jsonschema:"the name of the Go package; wxpay by default"`
	Name       string   `json:"name,omitempty" jsonschema:"the start of the names of the types, such as SendCoupon, for one operation"`
	Cursor     string   `json:"cursor,omitempty" jsonschema:"next_cursor of the page before"`
}

// A source is an answer with a text.
type source struct {
	World string `json:"world"`
	Text  string `json:"text" jsonschema:"pages continue it"`
	page
}

// language is a language in which a call is written.
type language string

func (language) values() []string { return []string{"go", "php", "curl", "wxpay"} }

const mostTyped = 20

func makeTypes(_ context.Context, in typed) (source, error) {
	pkg := in.Package
	if pkg == "" {
		pkg = "wxpay"
	}
	switch {
	case len(in.Operations) == 0 || len(in.Operations) > mostTyped:
		return source{}, fmt.Errorf("operations has %d, want 1 to %d", len(in.Operations), mostTyped)
	case !token.IsIdentifier(pkg):
		return source{}, fmt.Errorf("package %q is not the name of a Go package", cut(pkg, 64))
	case in.Name != "" && len(in.Operations) > 1:
		return source{}, errors.New("name is for one operation; leave it out")
	case in.Name != "" && (!token.IsIdentifier(in.Name) || !token.IsExported(in.Name) || len(in.Name) > 64):
		return source{}, fmt.Errorf("name %q is not an exported Go name, such as SendCoupon", cut(in.Name, 64))
	}
	var items []gotypes.Item
	for _, text := range in.Operations {
		op, err := findOperation(text)
		if err != nil {
			return source{}, err
		}
		items = append(items, gotypes.Item{Operation: op, Name: in.Name})
	}
	text, err := gotypes.Source(pkg, items)
	if err != nil {
		return source{}, err
	}
	return sourceOf(string(text), in.Cursor)
}

// sourceOf returns a page of a text.
func sourceOf(text, cursor string) (source, error) {
	all := pieces(text)
	return paged(source{World: worldCatalogue}, len(all), cursor, func(out *source, from, to int) { out.Text = strings.Join(all[from:to], "") })
}
