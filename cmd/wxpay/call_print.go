package main

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
)

// A printer prints answers: for people on a terminal, for programs elsewhere.
type printer struct {
	out, notes io.Writer
	flags      callFlags
	terminal   bool
	colour     bool
}

func newPrinter(out, notes io.Writer, flags callFlags) *printer {
	return &printer{out: out, notes: notes, flags: flags, terminal: isTerminal(out), colour: isColoured(out)}
}

// text prints what is no JSON. A terminal must not do what is in it, as it may
// be of anybody: a customer's complaint, or an answer that is not verified.
func (p *printer) text(text string) error {
	if p.terminal {
		text = visible(text)
	}
	_, err := io.WriteString(p.out, text)
	return err
}

// answer prints a verified answer, or what of it is asked for.
func (p *printer) answer(resp *wechatpay.Response) error {
	if err := p.headers(resp); err != nil {
		return err
	}
	if p.flags.filter == "" {
		return p.body(resp)
	}
	switch found := resp.Get(p.flags.filter); {
	case !found.Exists():
		// The call is done all the same.
		_, err := fmt.Fprintf(p.notes, "the call is done (%d), its answer has nothing at %q\n", resp.StatusCode, p.flags.filter)
		return err
	default:
		return p.value(found)
	}
}

// value prints what was found, a text without quotes.
func (p *printer) value(found gjson.Result) error {
	if found.Type == gjson.String {
		return p.text(found.String() + "\n")
	}
	return p.json([]byte(found.Raw))
}

// refusal prints what the platform said, for programs that read it; the error
// says it to people.
func (p *printer) refusal(resp *wechatpay.Response) error {
	if resp == nil {
		return nil
	}
	if err := p.headers(resp); err != nil {
		return err
	}
	return p.body(resp)
}

func (p *printer) headers(resp *wechatpay.Response) error {
	if !p.flags.headers {
		return nil
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%d %s\n", resp.StatusCode, http.StatusText(resp.StatusCode))
	writeHeader(&b, resp.Header)
	b.WriteByte('\n')
	return p.text(b.String())
}

// writeHeader writes the lines of a header, sorted.
func writeHeader(b *bytes.Buffer, h http.Header) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			fmt.Fprintf(b, "%s: %s\n", name, value)
		}
	}
}

func (p *printer) body(resp *wechatpay.Response) error {
	if len(resp.Bytes()) == 0 {
		return nil
	}
	if text := resp.JSON().Raw; gjson.Valid(text) {
		return p.json([]byte(text))
	}
	return p.text(string(resp.Bytes()))
}

func (p *printer) json(text []byte) error {
	if p.terminal {
		text = []byte(visible(string(bytes.TrimSpace(pretty.Pretty(text)))))
	}
	if p.colour {
		text = pretty.Color(text, nil)
	}
	_, err := p.out.Write(append(text, '\n'))
	return err
}
