package term

import (
	"io"
	"text/tabwriter"
	"time"
)

// NewTable returns a writer that aligns cells ending in tabs as a table when it
// is flushed.
func NewTable(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 0, 2, ' ', 0) }

// Round rounds a duration to a readable precision.
func Round(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }
