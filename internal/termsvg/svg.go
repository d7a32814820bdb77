package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"iter"

	"github.com/rivo/uniseg"
)

// Sizes of the picture, in pixels.
const (
	charWidth  = 7.83 // of the widest of the fonts
	lineHeight = 18
	margin     = 16
	barHeight  = 32
)

// The lines appear one after the other, where pictures move. Where they do not,
// all are there.
const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[2]d" width="%[1]d" height="%[2]d" role="img" aria-label="%[3]s">
<style>
text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;fill:#c9d1d9;white-space:pre;animation:line 1ms both}
.b{font-weight:bold;fill:#f0f6fc}.d{fill:#8b949e}.g{fill:#56d364}.y{fill:#e3b341}.c{fill:#79c0ff}
@keyframes line{from{opacity:0}}
@media (prefers-reduced-motion:reduce){text{animation:none}}
</style>
<rect width="100%%" height="100%%" rx="8" fill="#0d1117"/>
<circle cx="18" cy="16" r="5" fill="#ff5f57"/><circle cx="36" cy="16" r="5" fill="#febc2e"/><circle cx="54" cy="16" r="5" fill="#28c840"/>
`

// draw draws a terminal in which a command was typed.
func draw(prompt string, lines [][]span) []byte {
	lines = append([][]span{{{"d", "$ "}, {"b", prompt}}}, lines...)
	columns := 0
	for _, line := range lines {
		n := 0
		for _, s := range line {
			n += uniseg.StringWidth(s.text)
		}
		columns = max(columns, n)
	}
	width := int(float64(columns)*charWidth) + 2*margin
	var b bytes.Buffer
	fmt.Fprintf(&b, head, width, barHeight+len(lines)*lineHeight+margin, escape(prompt))
	for i, line := range lines {
		if len(line) == 0 {
			continue
		}
		fmt.Fprintf(&b, `<text x="%d" y="%d" xml:space="preserve" style="animation-delay:%.2fs">`, margin, barHeight+(i+1)*lineHeight-4, float64(i)*delay)
		for _, s := range line {
			s.draw(&b)
		}
		b.WriteString("</text>\n")
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// draw writes a span. Its wide characters take two columns each, as on a terminal,
// whatever font has them.
func (s span) draw(b *bytes.Buffer) {
	for text, isWide := range runs(s.text) {
		attributes := ""
		if s.class != "" {
			attributes += fmt.Sprintf(` class="%s"`, s.class)
		}
		if isWide {
			attributes += fmt.Sprintf(` textLength="%.2f"`, float64(uniseg.StringWidth(text))*charWidth)
		}
		if attributes == "" {
			b.WriteString(escape(text))
			continue
		}
		fmt.Fprintf(b, "<tspan%s>%s</tspan>", attributes, escape(text))
	}
}

// runs yields the parts of a text, whose characters are all wide or all narrow.
func runs(text string) iter.Seq2[string, bool] {
	return func(yield func(string, bool) bool) {
		from, wasWide := 0, false
		for at, r := range text {
			isWide := uniseg.StringWidth(string(r)) == 2
			if at > from && isWide != wasWide {
				if !yield(text[from:at], wasWide) {
					return
				}
				from = at
			}
			wasWide = isWide
		}
		if from < len(text) {
			yield(text[from:], wasWide)
		}
	}
}

// delay is between two lines, in seconds.
const delay = 0.12

func escape(text string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text)) // a Buffer takes all
	return b.String()
}
