package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"math"
	"strings"

	"github.com/prometheus/prometheus/promql"
)

// Sizes of the picture, in pixels. Grafana's grid has 24 columns.
const (
	column = 40
	row    = 30
	gap    = 4
	head   = 40 // height of the title
)

// The picture has a background of its own, so that it can be read on every page.
const style = `<style>
text{font:12px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:#1f2328}
.page{fill:#f4f5f5}.panel{fill:#ffffff;stroke:#d1d9e0}.title{font-weight:600}.small{font-size:10px;fill:#59636e}.big{font-size:26px;font-weight:600}
.grid{stroke:#d1d9e0}polyline{fill:none;stroke-width:1.5}
.c0{stroke:#1a7f37}.c1{stroke:#0969da}.c2{stroke:#bc4c00}.c3{stroke:#8250df}.c4{stroke:#cf222e}.c5{stroke:#9a6700}.c6{stroke:#6e7781}
@media (prefers-color-scheme:dark){
text{fill:#f0f6fc}.page{fill:#0d1117}.panel{fill:#151b23;stroke:#3d444d}.small{fill:#9198a1}.grid{stroke:#3d444d}
}
</style>
`

const colours = 7

// A line is a series of a panel with its legend.
type line struct {
	name   string
	values promql.Series
}

// draw draws the panels of a dashboard with what their queries give over a record.
func draw(ctx context.Context, d *dashboard, r *record) ([]byte, error) {
	rows := 0
	for _, p := range d.Panels {
		rows = max(rows, p.GridPos.Y+p.GridPos.H)
	}
	width, height := 24*column+2*gap, head+rows*row+2*gap
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[2]d" width="%[1]d" height="%[2]d" role="img" aria-label="%[3]s">`+"\n%[4]s", width, height, escape(d.Title), style)
	fmt.Fprintf(&b, `<rect class="page" width="%d" height="%d"/><text class="title" x="12" y="26">%s</text>`+"\n", width, height, escape(d.Title))
	for _, p := range d.Panels {
		lines, err := p.lines(ctx, r)
		if err != nil {
			return nil, fmt.Errorf("panel %s: %w", p.Title, err)
		}
		c := canvas{&b, p, p.GridPos.X*column + gap + 2, p.GridPos.Y*row + head + 2, p.GridPos.W*column - 4, p.GridPos.H*row - 4}
		c.frame()
		if p.Type == "stat" {
			c.stat(lines)
		} else {
			c.graph(lines, r)
		}
	}
	b.WriteString("</svg>\n")
	return b.Bytes(), nil
}

// lines runs the queries of a panel.
func (p panel) lines(ctx context.Context, r *record) (lines []line, err error) {
	for _, t := range p.Targets {
		m, err := r.query(ctx, t.query())
		if err != nil {
			return nil, err
		}
		for _, s := range m {
			name := t.Legend
			for _, label := range legendLabels(t.Legend) {
				name = strings.ReplaceAll(name, "{{"+label+"}}", s.Metric.Get(label))
			}
			lines = append(lines, line{strings.TrimSpace(name), s})
		}
	}
	return lines, nil
}

// legendLabels returns the labels that a legend shows.
func legendLabels(legend string) (names []string) {
	for _, part := range strings.Split(legend, "{{")[1:] {
		name, _, _ := strings.Cut(part, "}}")
		names = append(names, name)
	}
	return names
}

// A canvas is the place of a panel.
type canvas struct {
	*bytes.Buffer
	panel      panel
	x, y, w, h int
}

func (c canvas) frame() {
	fmt.Fprintf(c, `<rect class="panel" x="%d" y="%d" width="%d" height="%d" rx="3"/><text class="title" x="%d" y="%d">%s</text>`+"\n",
		c.x, c.y, c.w, c.h, c.x+10, c.y+18, escape(c.panel.Title))
}

// stat shows the last value.
func (c canvas) stat(lines []line) {
	for _, l := range lines {
		if n := len(l.values.Floats); n > 0 {
			fmt.Fprintf(c, `<text class="big" x="%d" y="%d">%s</text>`+"\n", c.x+10, c.y+c.h/2+24, text(l.values.Floats[n-1].F, c.panel.Field.Defaults.Unit))
		}
	}
}

// graph shows the values over time.
func (c canvas) graph(lines []line, r *record) {
	const legendRow = 14
	perRow := 3
	for _, l := range lines {
		perRow = max(1, min(perRow, (c.w-60)/(7*len(l.name)+20)))
	}
	legendRows := (len(lines) + perRow - 1) / perRow
	left, top, right, bottom := c.x+54, c.y+30, c.x+c.w-12, c.y+c.h-24-legendRow*legendRows
	most := 0.0
	for _, l := range lines {
		for _, f := range l.values.Floats {
			if !math.IsNaN(f.F) {
				most = max(most, f.F)
			}
		}
	}
	most = scale(most)
	for i := range 3 {
		y := bottom - (bottom-top)*i/2
		fmt.Fprintf(c, `<path class="grid" d="M%d %dH%d"/><text class="small" x="%d" y="%d" text-anchor="end">%s</text>`+"\n",
			left, y, right, left-6, y+3, text(most*float64(i)/2, c.panel.Field.Defaults.Unit))
	}
	from, to := r.times[0], r.times[len(r.times)-1]
	for i, l := range lines {
		var points strings.Builder
		for _, f := range l.values.Floats {
			if !math.IsNaN(f.F) {
				fmt.Fprintf(&points, "%.1f,%.1f ", float64(left)+float64(right-left)*float64(f.T-from)/float64(to-from), float64(bottom)-float64(bottom-top)*f.F/most)
			}
		}
		fmt.Fprintf(c, `<polyline class="c%d" points="%s"/>`+"\n", i%colours, strings.TrimSpace(points.String()))
		x, y := left+i%perRow*(c.w-60)/perRow, bottom+26+legendRow*(i/perRow)
		fmt.Fprintf(c, `<path class="c%d" d="M%d %dh10" stroke-width="3"/><text class="small" x="%d" y="%d">%s</text>`+"\n", i%colours, x, y-3, x+14, y, escape(l.name))
	}
	fmt.Fprintf(c, `<text class="small" x="%d" y="%d">0 s</text><text class="small" x="%d" y="%d" text-anchor="end">%d s</text>`+"\n", left, bottom+12, right, bottom+12, (to-from)/1000)
}

// scale returns a round number that is not below v.
func scale(v float64) float64 {
	if v <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, f := range []float64{1, 2, 5} {
		if f*power >= v {
			return f * power
		}
	}
	return 10 * power
}

// text formats a value with its unit.
func text(v float64, unit string) string {
	switch unit {
	case "reqps":
		return fmt.Sprintf("%.3g/s", v)
	case "percentunit":
		return fmt.Sprintf("%.3g %%", v*100)
	case "s":
		if v < 1 {
			return fmt.Sprintf("%.3g ms", v*1000)
		}
		return fmt.Sprintf("%.3g s", v)
	}
	return fmt.Sprintf("%.3g", v)
}

func escape(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a Buffer takes all
	return b.String()
}
