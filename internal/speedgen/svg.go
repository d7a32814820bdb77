package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"

	"github.com/wxchain/wechatpay/internal/speed"
)

// Sizes of the picture, in pixels.
const (
	width     = 720
	top       = 48 // where the first bar is
	rowHeight = 30
	barHeight = 18
	barStart  = 200
	barWidth  = 410 // of the longest bar
)

// The picture has a background of its own, so that it can be read on every page.
const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[2]d" width="%[1]d" height="%[2]d" role="img" aria-label="%[3]s">
<style>
text{font:13px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:#1f2328}
.page{fill:#ffffff;stroke:#d1d9e0}.title{font-weight:600}.name{text-anchor:end}.bare{fill:#afb8c1}.ours{fill:#1a7f37}.other{fill:#6e7781}
@media (prefers-color-scheme:dark){
text{fill:#f0f6fc}.page{fill:#0d1117;stroke:#3d444d}.bare{fill:#656c76}.ours{fill:#3fb950}.other{fill:#9198a1}
}
</style>
<rect class="page" x="0.5" y="0.5" width="%[4]d" height="%[5]d" rx="8"/>
<text class="title" x="20" y="28">%[3]s</text>
`

const title = "One signed and verified POST: fastest CPU time in µs, less is better"

// draw draws a bar for each side.
func draw(run *speed.Run) []byte {
	height := top + len(speed.Names)*rowHeight + 12
	var b bytes.Buffer
	fmt.Fprintf(&b, head, width, height, title, width-1, height-1)
	longest := 0.0
	for _, name := range speed.Names {
		longest = max(longest, run.Fastest[name])
	}
	for i, name := range speed.Names {
		y, length := top+i*rowHeight, int(run.Fastest[name]/longest*barWidth)
		fmt.Fprintf(&b, `<text class="name" x="%d" y="%d">%s</text>`, barStart-12, y+barHeight-4, label(name))
		fmt.Fprintf(&b, `<rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="3"/>`, class(name), barStart, y, length, barHeight)
		fmt.Fprintf(&b, `<text x="%d" y="%d">%.0f</text>`+"\n", barStart+length+8, y+barHeight-4, run.Fastest[name])
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// label returns what is beside a bar.
func label(name string) string {
	if speed.Bare(name) == name {
		name += " alone"
	}
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(name)) // a Buffer takes all
	return b.String()
}

// class returns the colour of a bar.
func class(name string) string {
	switch {
	case speed.Bare(name) == name:
		return "bare"
	case slices.Contains([]string{speed.Ours, speed.OursOpenSSL}, name):
		return "ours"
	}
	return "other"
}
