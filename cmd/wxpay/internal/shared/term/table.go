package term

import (
	"io"
	"text/tabwriter"
	"time"
)

// NewTable writes lines whose cells end in tabs as a table, when it is flushed.
func NewTable(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 0, 2, ' ', 0) }

// Round rounds a duration to what is worth reading.
func Round(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }
