// Package show prints answers.
package show

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"

	"github.com/tidwall/gjson"
	"github.com/tidwall/pretty"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
)

// A View selects what is printed of an answer.
type View struct {
	Filter  string // a gjson path, or "" for the whole answer
	Headers bool   // print the status and the headers too
}

// A Printer prints answers. It formats them on a terminal and leaves them
// unchanged elsewhere.
type Printer struct {
	Out, Notes io.Writer
	Lang       lang.Language // of what is printed to Notes
	View       View
	terminal   bool
	Colour     bool
}

// New returns a printer that prints answers to out, as view selects, and
// everything else to notes.
func New(out, notes io.Writer, view View) *Printer {
	return &Printer{Out: out, Notes: notes, View: view, terminal: term.IsTerminal(out), Colour: term.IsColoured(out)}
}

// text prints an answer that is not JSON. On a terminal it drops control
// characters, because anybody may have written the text: it may be a customer's
// complaint or an answer that is not verified.
func (p *Printer) text(text string) error {
	if p.terminal {
		text = term.Visible(text)
	}
	_, err := io.WriteString(p.Out, text)
	return err
}

// Answer prints a verified answer, or the part of it that the view selects.
func (p *Printer) Answer(resp *wechatpay.Response) error {
	if err := p.headers(resp); err != nil {
		return err
	}
	if resp.Header.Get("Wechatpay-Sandbox") == "example" {
		if _, err := p.Lang.Fprintf(p.Notes, "the answer is an example: the sandbox has no rules for this operation\n"); err != nil {
			return err
		}
	}
	if p.View.Filter == "" {
		return p.body(resp)
	}
	switch found := resp.Get(p.View.Filter); {
	case !found.Exists():
		// The call succeeded even if the filter finds nothing.
		_, err := p.Lang.Fprintf(p.Notes, "the call is done (%d), but its answer has nothing at %q\n", resp.StatusCode, p.View.Filter)
		return err
	default:
		return p.Value(found)
	}
}

// Value prints a value from an answer. It prints a text without quotes.
func (p *Printer) Value(found gjson.Result) error {
	if found.Type == gjson.String {
		return p.text(found.String() + "\n")
	}
	return p.JSON([]byte(found.Raw))
}

// Refusal prints the platform's answer to a refused call for programs that read
// it. The error message is for people.
func (p *Printer) Refusal(resp *wechatpay.Response) error {
	if resp == nil {
		return nil
	}
	if err := p.headers(resp); err != nil {
		return err
	}
	return p.body(resp)
}

func (p *Printer) headers(resp *wechatpay.Response) error {
	if !p.View.Headers {
		return nil
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%d %s\n", resp.StatusCode, http.StatusText(resp.StatusCode))
	WriteHeader(&b, resp.Header)
	b.WriteByte('\n')
	return p.text(b.String())
}

// WriteHeader writes the lines of a header in sorted order.
func WriteHeader(b *bytes.Buffer, h http.Header) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			fmt.Fprintf(b, "%s: %s\n", name, value)
		}
	}
}

func (p *Printer) body(resp *wechatpay.Response) error {
	if len(resp.Bytes()) == 0 {
		return nil
	}
	if text := resp.JSON().Raw; gjson.Valid(text) {
		return p.JSON([]byte(text))
	}
	return p.text(string(resp.Bytes()))
}

// JSON prints JSON. On a terminal it indents and colours the JSON.
func (p *Printer) JSON(text []byte) error {
	if p.terminal {
		text = []byte(term.Visible(string(bytes.TrimSpace(pretty.Pretty(text)))))
	}
	if p.Colour {
		text = pretty.Color(text, nil)
	}
	_, err := p.Out.Write(append(text, '\n'))
	return err
}
