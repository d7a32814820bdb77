package term

import (
	"bytes"
	"io"
	"text/tabwriter"
	"time"

	"github.com/rivo/uniseg"
)

// A Table aligns cells ending in tabs when it is flushed.
type Table struct{ aligned *tabwriter.Writer }

// NewTable returns a table that is written to w. A Chinese character takes two columns.
func NewTable(w io.Writer) *Table {
	return &Table{tabwriter.NewWriter(withoutFiller{w}, 0, 0, 2, ' ', 0)}
}

// filler follows each character that is two columns wide, because tabwriter counts a
// column for each character. It is not a character of Unicode.
const filler = "\U0010ffff"

// Write takes rows, which are printed by Flush.
func (t *Table) Write(rows []byte) (int, error) {
	var filled bytes.Buffer
	for g := uniseg.NewGraphemes(string(rows)); g.Next(); {
		filled.WriteString(g.Str())
		for range g.Width() - len(g.Runes()) {
			filled.WriteString(filler)
		}
	}
	if _, err := t.aligned.Write(filled.Bytes()); err != nil {
		return 0, err
	}
	return len(rows), nil
}

// Flush prints the rows.
func (t *Table) Flush() error { return t.aligned.Flush() }

// A withoutFiller writes what it gets without the fillers.
type withoutFiller struct{ w io.Writer }

func (f withoutFiller) Write(p []byte) (int, error) {
	if _, err := f.w.Write(bytes.ReplaceAll(p, []byte(filler), nil)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Round rounds a duration to a readable precision.
func Round(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }
