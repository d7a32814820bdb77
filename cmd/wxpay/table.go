package main

import (
	"io"
	"text/tabwriter"
)

// newTable writes lines whose cells end in tabs as a table, when it is flushed.
func newTable(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 0, 2, ' ', 0) }
