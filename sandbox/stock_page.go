package sandbox

import (
	"fmt"
	"strconv"
)

// A page is the part of a list that was asked for.
type page struct {
	Total  int   `json:"total_count"` // of the list
	Offset int   `json:"offset"`      // how many pages come before it
	Limit  int   `json:"limit"`       // how many elements a page has
	Data   []any `json:"data"`
}

// maxOffset keeps products of it from overflowing.
const maxOffset = 1<<31 - 1

// newPage reads from the query which page is wanted, of most elements at most.
func (c *call) newPage(most int) (*page, error) {
	p := &page{Limit: min(20, most), Data: []any{}}
	for _, q := range []struct {
		name        string
		to          *int
		least, most int
	}{{"offset", &p.Offset, 0, maxOffset}, {"limit", &p.Limit, 1, most}} {
		text := c.query.Get(q.name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < q.least || n > q.most {
			return nil, paramError("query", q.name, text, fmt.Sprintf("a number from %d to %d is wanted", q.least, q.most))
		}
		*q.to = n
	}
	return p, nil
}

// add appends an element to the list.
func (p *page) add(v any) {
	if p.Total/p.Limit == p.Offset {
		p.Data = append(p.Data, v)
	}
	p.Total++
}

// passes tells whether a filter of the query, empty for none, lets value
// through.
func passes(filter, value string) bool { return filter == "" || filter == value }
