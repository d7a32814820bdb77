package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// marks and colours are those of the states.
var (
	marks   = [...]string{unchecked: "–", right: "✔", doubtful: "!", wrong: "✘"}
	colours = [...]string{unchecked: dim, right: green, doubtful: yellow, wrong: red}
)

// findings prints what the checks found, a line for each.
func (p *printer) findings(all []finding, asJSON bool) error {
	if asJSON {
		var b bytes.Buffer
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(all); err != nil {
			return err
		}
		return p.json(bytes.TrimSpace(b.Bytes()))
	}
	var width int
	for _, f := range all {
		width = max(width, len(f.Check))
	}
	var b strings.Builder
	for _, f := range all {
		message, more, _ := strings.Cut(visible(f.Message), "\n")
		fmt.Fprintf(&b, "%s %-*s  %s", paint(p.colour, colours[f.OK], marks[f.OK]), width, f.Check, message)
		if f.Mend != "" {
			b.WriteString(" → " + visible(f.Mend))
		}
		b.WriteByte('\n')
		for line := range strings.Lines(more) {
			b.WriteString("    " + strings.TrimRight(line, " \n") + "\n")
		}
	}
	_, err := io.WriteString(p.out, b.String())
	return err
}
