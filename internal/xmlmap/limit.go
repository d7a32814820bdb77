package xmlmap

import (
	"bytes"
	"fmt"
)

// checkLimits counts the elements of data with their attributes, its comments and
// its processing instructions, and measures its tags, before anything is parsed.
// The parser spends many times their bytes on short ones. checkLimits leaves what
// it cannot read to the parser, which refuses it.
func checkLimits(data []byte) error {
	count := 0
	for {
		at := bytes.IndexByte(data, '<')
		if at < 0 {
			return nil
		}
		data = data[at:]
		var n int
		switch {
		case bytes.HasPrefix(data, []byte(cdataOpen)):
			n = after(data, cdataShut)
		case bytes.HasPrefix(data, []byte("<!--")):
			n = after(data, "-->")
			count++
		case bytes.HasPrefix(data, []byte("<?")):
			n = after(data, "?>")
			count++
		default:
			var attributes int
			if n, attributes = measure(data); n > maxTag {
				return fmt.Errorf("a tag has more than %d bytes", maxTag)
			}
			if count += attributes; !bytes.HasPrefix(data, []byte("</")) {
				count++
			}
		}
		if count > MaxElements {
			return fmt.Errorf("more than %d elements and attributes", MaxElements)
		}
		data = data[n:]
	}
}

// after returns the length of data up to the end of mark, or all of it.
func after(data []byte, mark string) int {
	if at := bytes.Index(data, []byte(mark)); at >= 0 {
		return at + len(mark)
	}
	return len(data)
}

// measure returns the length of the tag at the start of data, and the number of
// its attributes. A > or = between quotes is part of an attribute's value.
func measure(data []byte) (n, attributes int) {
	var quote byte
	for i, c := range data {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '=':
			attributes++
		case c == '>':
			return i + 1, attributes
		}
	}
	return len(data), attributes
}
