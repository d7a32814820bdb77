// Package xmlmap writes and reads the XML of APIv2: a root element whose children
// are fields.
//
// A field is a string, a map[string]any of fields, or a []any of these.
// encoding/json can encode what was read without conversion, and [AppendJSON] does it
// with fewer allocations. Attributes have no meaning in APIv2.
//
// A list is an element that repeats. Values read back as they were written, with
// three exceptions: a list of one element becomes that element, an empty list
// disappears, and an empty map becomes "".
package xmlmap

const (
	// MaxSize is the largest number of bytes that [Decode] reads.
	MaxSize = 10 << 20
	// MaxDepth is the largest number of levels of elements. The root is the first
	// level.
	MaxDepth = 64
	// MaxElements is the largest number of elements. An attribute and a comment
	// count as one each.
	MaxElements = 10_000

	maxTag    = 1024 // bytes of a tag, with its attributes
	rootName  = "xml"
	blank     = " \t\r\n"
	cdataOpen = "<![CDATA["
	cdataShut = "]]>"
)
