package bill

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
)

// A line of a document: a label and its text.
type line struct{ label, text string }

// linesOnPage is how many lines a page of a PDF has.
const linesOnPage = 34

// pdf returns lines below a title as PDF pages. Readers show Chinese with a font of
// their own.
func pdf(title string, lines []line) []byte {
	var d pdfDocument
	pages := slices.Collect(slices.Chunk(lines, linesOnPage))
	var kids []string
	for i := range pages {
		kids = append(kids, fmt.Sprintf("%d 0 R", 6+2*i))
	}
	d.object("<</Type/Catalog/Pages 2 0 R>>")
	d.object("<</Type/Pages/Count %d/Kids[%s]>>", len(pages), strings.Join(kids, " "))
	d.object("<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[4 0 R]>>")
	d.object("<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>/FontDescriptor 5 0 R>>")
	d.object("<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 93>>")
	for i, page := range pages {
		d.object("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>/Contents %d 0 R>>", 7+2*i)
		content := "BT " + pdfText(18, 72, 770, title)
		for j, l := range page {
			y := 730 - 20*j
			content += pdfText(10, 72, y, l.label) + pdfText(10, 200, y, l.text)
		}
		content += "ET"
		d.object("<</Length %d>>stream\n%s\nendstream", len(content), content)
	}
	return d.end()
}

// pdfText returns the operators that show a text of a size at a place.
func pdfText(size, x, y int, text string) string {
	var codes strings.Builder
	for _, r := range text {
		if r > 0xffff {
			r = '?' // the encoding has no more
		}
		for _, code := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&codes, "%04X", code)
		}
	}
	return fmt.Sprintf("/F %d Tf 1 0 0 1 %d %d Tm <%s> Tj ", size, x, y, codes.String())
}

// A pdfDocument is a PDF that is being written.
type pdfDocument struct {
	bytes.Buffer
	offsets []int // of the objects
}

// object writes the next object; the first has the number 1.
func (d *pdfDocument) object(format string, args ...any) {
	if len(d.offsets) == 0 {
		d.WriteString("%PDF-1.4\n")
	}
	d.offsets = append(d.offsets, d.Len())
	fmt.Fprintf(d, "%d 0 obj", len(d.offsets))
	fmt.Fprintf(d, format, args...)
	d.WriteString("endobj\n")
}

// end writes the table of the objects.
func (d *pdfDocument) end() []byte {
	at := d.Len()
	fmt.Fprintf(d, "xref\n0 %d\n0000000000 65535 f \n", len(d.offsets)+1)
	for _, offset := range d.offsets {
		fmt.Fprintf(d, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(d, "trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(d.offsets)+1, at)
	return d.Bytes()
}
