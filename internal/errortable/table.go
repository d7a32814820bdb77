// Package errortable has the meaning and the remedy of each error that the packages of
// this library return, and finds those of the text of an error. Only generators and
// wxpay import it: it embeds the texts in two languages.
package errortable

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
)

//go:embed errors.jsonl
var table []byte

// A Chapter is the errors that a package returns for one thing that its users do.
type Chapter struct {
	Package        string // such as "wechatpay" and "store/redisstore"
	Title, TitleZH string // what the user does
	Entries        []Entry
}

// An Entry explains messages that mean the same.
type Entry struct {
	Messages []string          // formats as in the code, or exported names
	Says     map[string]string // what the errors of exported names say, as formats
	EN, ZH   Text
}

// A Text says what an error means and what to do.
type Text struct {
	Meaning string `json:"meaning,omitempty"`
	Remedy  string `json:"remedy,omitempty"`
}

var link = regexp.MustCompile(`\[([^\]]*)\]\(([^)]*)\)`)

// WithoutLinks returns a text with the names of pages in place of links to them.
func WithoutLinks(text string) string { return link.ReplaceAllString(text, "$1 (docs/$2)") }

// A line of errors.jsonl starts a chapter, or is an entry of it.
type line struct {
	Package  string            `json:"package,omitempty"`
	Title    string            `json:"title,omitempty"`
	TitleZh  string            `json:"title_zh,omitempty"`
	Messages []string          `json:"messages,omitempty"`
	Says     map[string]string `json:"says,omitempty"`
	Text
	Zh Text `json:"zh,omitzero"`
}

// Load returns the chapters of errors.jsonl, in its order.
func Load() ([]Chapter, error) { return parse(table) }

func parse(data []byte) (chapters []Chapter, _ error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	for {
		var l line
		err := d.Decode(&l)
		switch {
		case errors.Is(err, io.EOF):
			return chapters, nil
		case err != nil:
			return nil, fmt.Errorf("errors.jsonl: %w", err)
		case l.Package != "":
			chapters = append(chapters, Chapter{Package: l.Package, Title: l.Title, TitleZH: l.TitleZh})
			continue
		case len(chapters) == 0 || len(l.Messages) == 0 || slices.Contains([]string{l.Meaning, l.Remedy, l.Zh.Meaning, l.Zh.Remedy}, ""):
			return nil, fmt.Errorf("errors.jsonl: the line of %q lacks a chapter, a message, a meaning or a remedy", l.Messages)
		}
		for name := range l.Says {
			if !slices.Contains(l.Messages, name) {
				return nil, fmt.Errorf("errors.jsonl: the line of %q says what %s says, which it does not explain", l.Messages, name)
			}
		}
		c := &chapters[len(chapters)-1]
		c.Entries = append(c.Entries, Entry{Messages: l.Messages, Says: l.Says, EN: l.Text, ZH: l.Zh})
	}
}
