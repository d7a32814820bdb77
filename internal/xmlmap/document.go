package xmlmap

import (
	"maps"
	"slices"
	"strings"
)

// A Document is the body of an APIv2 message in both of its forms: the fields and
// the bytes. It is immutable, so it may be shared.
type Document struct {
	fields map[string]any
	body   []byte
	marks  []mark // where each field starts in body, sorted by name; nil after Parse
}

type mark struct {
	name string
	at   int
}

// New encodes fields. Do not change them afterwards. Its errors are those of
// [Encode].
func New(fields map[string]any) (*Document, error) {
	d := &Document{fields: fields, marks: make([]mark, 0, len(fields))}
	w := new(writer)
	w.open(rootName)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		d.marks = append(d.marks, mark{name, w.buf.Len()})
		if err := w.field(name, fields[name]); err != nil {
			return nil, err
		}
	}
	w.shut(rootName)
	d.body = w.buf.Bytes()
	return d, nil
}

// Parse decodes body. Do not change it afterwards. Its errors are those of
// [Decode].
func Parse(body []byte) (*Document, error) {
	fields, err := Decode(body)
	if err != nil {
		return nil, err
	}
	return &Document{fields: fields, body: body}, nil
}

// With returns the document with the field name set to text. The other fields
// are not encoded again, unless the document comes from [Parse].
func (d *Document) With(name, text string) (*Document, error) {
	fields := maps.Clone(d.fields)
	fields[name] = text
	if d.marks == nil {
		return New(fields)
	}
	w := new(writer)
	if err := w.field(name, text); err != nil {
		return nil, err
	}
	i, found := slices.BinarySearchFunc(d.marks, name, func(m mark, name string) int { return strings.Compare(m.name, name) })
	from := d.start(i)
	to := from
	if found {
		to = d.start(i + 1)
	}
	marks := slices.Clone(d.marks)
	if !found {
		marks = slices.Insert(marks, i, mark{name, from})
	}
	for j := i + 1; j < len(marks); j++ {
		marks[j].at += w.buf.Len() - (to - from)
	}
	return &Document{fields, slices.Concat(d.body[:from], w.buf.Bytes(), d.body[to:]), marks}, nil
}

// start returns where field number i starts in the body, or where the root
// element ends.
func (d *Document) start(i int) int {
	if i < len(d.marks) {
		return d.marks[i].at
	}
	return len(d.body) - len("</"+rootName+">")
}

// Bytes returns the body. Do not change it.
func (d *Document) Bytes() []byte { return d.body }

// Fields returns the fields. Do not change them.
func (d *Document) Fields() map[string]any { return d.fields }

// Texts returns the fields that hold text. A signature of APIv2 covers these.
func (d *Document) Texts() map[string]string {
	texts := make(map[string]string, len(d.fields)+2)
	for name, v := range d.fields {
		if text, ok := v.(string); ok {
			texts[name] = text
		}
	}
	return texts
}
