// Package xmlmap writes and reads XML as APIv2 speaks it: a root element
// whose children are fields.
//
// A field is a string, a map[string]any of fields or a []any of these, so what
// is read can be handed to encoding/json as it is. Attributes mean nothing in
// APIv2.
//
// A list is an element that repeats. It comes back as what it was, but for a
// list of one, which is that one, an empty one, which is nothing, and an empty
// map, which is "".
package xmlmap

const (
	// MaxSize is how many bytes [Decode] reads at most.
	MaxSize = 10 << 20
	// MaxDepth is how many levels of elements there may be, the root being
	// the first.
	MaxDepth = 64
	// MaxElements is how many elements there may be. An attribute and a comment
	// count as one.
	MaxElements = 10_000

	maxTag    = 1024 // bytes of a tag, with its attributes
	rootName  = "xml"
	blank     = " \t\r\n"
	cdataOpen = "<![CDATA["
	cdataShut = "]]>"
)
